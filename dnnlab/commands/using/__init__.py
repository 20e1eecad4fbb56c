"""A trained net at work: measured on a part of the data, asked about new inputs."""
