"""The results of a sweep: ranking, borders, importance, stages, page and picture."""
