"""The study behind the recipes of `new --data` says what the code does."""

from __future__ import annotations

import csv
from collections import defaultdict
from pathlib import Path
from statistics import fmean

RESULTS = Path(__file__).parents[3] / "benchmarks" / "recipes" / "results.csv"


def test_the_recipe_of_new_is_not_worse_than_the_linear_model_by_more_than_noise() -> None:
    cells: dict[tuple[str, str], dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    with RESULTS.open(newline="") as file:
        for row in csv.DictReader(file):
            cells[row["table"], row["rows"]][row["model"]].append(float(row["score"]))
    behind = [fmean(c["linear model"]) - fmean(c["new --data"]) for c in cells.values()]
    before = [fmean(c["linear model"]) - fmean(c["l2 1e-3"]) for c in cells.values()]
    assert len(cells) == 30 and max(behind) < 0.075
    assert sum(loss > 0.05 for loss in behind) <= 2 < 15 <= sum(loss > 0.05 for loss in before)
