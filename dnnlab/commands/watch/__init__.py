"""`watch`: show the state of a run, and show it again whenever it changes."""
