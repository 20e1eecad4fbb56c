"""From a `RawDataset` data set to tensors that train: chosen, split, completed, scaled."""
