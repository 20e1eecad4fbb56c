"""The net: layers by name, shapes, initial weights, what regularizers add to it."""
