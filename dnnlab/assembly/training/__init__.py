"""The training: the plan of its steps, what is optimized, rates, parameter groups, device."""
