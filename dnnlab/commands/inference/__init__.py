"""`evaluate` and `predict`: apply a trained net to a part of its data, or to new inputs."""
