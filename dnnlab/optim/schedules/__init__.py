"""Schedules: the learning rate as a pure function of the step, or one that observes a metric."""
