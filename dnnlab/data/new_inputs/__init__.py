"""New inputs for a trained net, brought into the form of the run's own data."""
