"""When training rows are so few that a net is seldom better than a linear model."""

FEW_ROWS = 200
"""The study: benchmarks/recipes/README.md."""


def few_rows(rows: int) -> str:
    """What to say of so few training rows; "" of enough."""
    if rows >= FEW_ROWS:
        return ""
    return f"{rows:,} training rows are few: below {FEW_ROWS} a linear model is often as good as a net"
