"""Augmentations: functions from a batch of images, pixels in [0, 1], to a changed batch.

Draws come from the default generator of the device.
"""
