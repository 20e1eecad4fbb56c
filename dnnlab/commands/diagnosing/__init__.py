"""`doctor`: verdicts on a run, and what this installation is like."""
