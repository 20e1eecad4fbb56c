"""From a `Raw` data set to tensors that train: chosen, split, completed, scaled."""
