"""What dnnlab itself writes in torch: batches, the parameter table, layers, optimizers, metrics. Modules are imported by name."""
