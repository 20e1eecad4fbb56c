"""`lr-find`: the loss over a rising learning rate, and the rates that it suggests."""
