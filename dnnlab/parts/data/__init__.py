"""Data sets: each part returns a `Raw` (numpy arrays) for `build` to split and scale."""
