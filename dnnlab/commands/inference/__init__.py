"""`evaluate` and `predict`: a trained net on a part of its data, and on new inputs."""
