"""Initializers of weights; biases start at 0."""
