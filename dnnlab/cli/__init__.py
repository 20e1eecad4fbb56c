"""The command line: a thin file a command, which parses, calls, renders and answers with an exit code."""
