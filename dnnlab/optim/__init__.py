"""What moves the weights: optimizers, schedules of the learning rate, gradient clipping."""
