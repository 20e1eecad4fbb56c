"""Files and well-known sets become a `RawDataset` data set: NumPy arrays, not split and not scaled."""
