"""Output: turns events, results and problems into lines for a terminal, a pipe or a program."""
