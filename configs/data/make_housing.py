"""Writes housing.csv beside this file: a table as it comes from life, with text, holes and an identifier.

The numbers are scikit-learn's diabetes set (442 patients, Efron et al. 2004) under the names of houses:
`rooms`, `age` and so on are its ten measurements on a friendlier scale, `price` its target. Added are a
running number, a text column that moves the price, a yes/no column that does nothing, and empty cells in two
columns. Every run writes the same bytes.

    python make_housing.py
"""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
from sklearn.datasets import load_diabetes

COLUMNS = ("age", "corner", "width", "rooms", "garden", "cellar", "distance", "floors", "light", "noise")
TOWNS = {
    "Ashford": 0.0,
    "Brook": 15.0,
    "Castle Hill": 60.0,
    "Dunmore": -20.0,
}  # added to the price, in thousands
HOLES = {"rooms": 21, "light": 9}


def rows() -> list[list[str]]:
    """The table with its header."""
    found, draw = load_diabetes(scaled=False), np.random.default_rng(7)
    numbers = found.data
    town = draw.choice(list(TOWNS), size=len(numbers), p=[0.4, 0.3, 0.2, 0.1])
    sold_by_agent = draw.choice(["yes", "no"], size=len(numbers))
    price = found.target + np.array([TOWNS[name] for name in town])
    table = [[f"{value:g}" for value in row] for row in numbers]
    for column, count in HOLES.items():
        for row in draw.choice(len(numbers), size=count, replace=False):
            table[row][COLUMNS.index(column)] = ""
    header = ["id", *COLUMNS, "town", "sold_by_agent", "price"]
    return [header] + [
        [str(1000 + i), *cells, town[i], sold_by_agent[i], f"{price[i]:g}"] for i, cells in enumerate(table)
    ]


def main() -> None:
    """Write the file."""
    with Path(__file__).with_name("housing.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file, lineterminator="\n").writerows(rows())


if __name__ == "__main__":
    main()
