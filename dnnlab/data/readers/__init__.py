"""Files and well-known sets become a `Raw` data set: NumPy arrays, not split and not scaled."""
