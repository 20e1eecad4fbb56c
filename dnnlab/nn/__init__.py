"""Torch modules and what they need: layers, initial weights, regularizers, metrics, probes, losses, the parameter table."""
