"""`doctor`: verdicts on a run, and the state of this installation."""
