"""Layers, activations and normalizations as torch modules."""
