"""Ways to bound gradients before a step."""
