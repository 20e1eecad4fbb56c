"""What the regularizers are made of: modules, penalties, constraints, batch effects, averages, stopping."""
