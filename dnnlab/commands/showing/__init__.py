"""What there is and what it means: parts, configs, runs, in words and pictures."""
