"""Where rows stay that are not in memory: caches, memory-mapped files, a stream that reads ahead."""
