"""Augmentations: functions from a batch of images, pixels in [0, 1], to a changed batch; draws come from the device's default generator."""
