"""Building blocks of screens: columns, numbers, colours, the moving bar, the last lines of a command."""
