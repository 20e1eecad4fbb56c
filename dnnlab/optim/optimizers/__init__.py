"""Optimizers on torch's kernels, without torch.optim.Optimizer (see base.py)."""
