"""`sweep`: many trainings of one base config, in a folder whose ledger holds the end of every trial."""
