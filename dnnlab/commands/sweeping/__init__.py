"""Sweeps: one coordinator, worker processes that stay alive, a folder whose ledger says what became of every trial."""
