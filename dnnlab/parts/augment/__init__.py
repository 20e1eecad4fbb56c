"""Augmentations: each part returns a function from a batch of images to a changed batch."""
