"""Training: `fit(session)` is a generator of records. It knows no YAML, no folder and no terminal."""
