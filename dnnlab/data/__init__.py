"""Data: read from files, prepared for training, augmented, and read again for predictions.

A part of kind `data` names a reader.
"""
