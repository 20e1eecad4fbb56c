"""`dnnlab weights`: what a file of weights, or a run, holds."""
