"""The only place that prints: events, results and problems become lines for a terminal, a pipe or a program."""
