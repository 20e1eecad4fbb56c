"""The objects behind the regularizers: modules, penalties, constraints, batch effects, averages, stopping."""
