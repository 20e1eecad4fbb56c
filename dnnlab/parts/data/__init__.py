"""Data sets: each part returns a `RawDataset` (numpy arrays) for `build` to split and scale."""
