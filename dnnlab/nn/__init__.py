"""Torch modules: layers, initial weights, regularizers, metrics, probes, losses, the parameter table."""
