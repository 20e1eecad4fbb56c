"""Reads statistics.csv: for each statistic what healthy trainings show, what sick ones show, and how the threshold in use separates them.

python benchmarks/thresholds/table.py        (writes README.md's table to stdout)
"""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

from dnnlab.diagnose.rules import RULES  # noqa: F401 (loads the modules)

FILE = Path(__file__).parent / "statistics.csv"
Row = dict[str, Any]
HEALTHY, SICK = 0.05, 0.25  # how much less was learned than by the best of the group, on the way from chance to perfect


def rows() -> list[Row]:
    """The trainings, numbers as floats, what was not measured as None."""
    with FILE.open() as file:
        return [{k: number(v) for k, v in row.items()} for row in csv.DictReader(file)]


def number(text: str) -> Any:
    """A float where it is one."""
    try:
        return float(text) if text else None
    except ValueError:
        return text


def worst_harm(row: Row) -> float:
    """The larger of what was lost on training and on validation rows."""
    return max(row["harm"], row["val_harm"])


def healthy(row: Row) -> bool:
    """Within 0.05 of the best of its group in both parts, and the best learned something."""
    return worst_harm(row) < HEALTHY and (row["skill"] or 0.0) > 0.5 and row["status"] == "done"


def constant(rule: str, name: str) -> float:
    """A threshold as it stands in the rule's file."""
    from importlib import import_module

    return float(getattr(import_module(f"dnnlab.diagnose.rules.{rule}"), name))


def above(row: Row) -> bool:
    return row["side"] > 0 and worst_harm(row) > SICK


def below(row: Row) -> bool:
    return row["side"] < 0 and worst_harm(row) > SICK


# statistic, families of the sick, which of them are sick, (rule, constant), larger is sicker
QUESTIONS: list[tuple[str, tuple[str, ...], Callable[[Row], bool], tuple[str, str], bool]] = [
    ("peak_ratio", ("rate",), above, ("learning_rate_too_high", "HIGH"), True),
    ("blow_up", ("rate",), above, ("learning_rate_too_high", "BLOWN_UP"), True),
    ("typical_ratio", ("rate",), below, ("learning_rate_too_low", "LOW"), False),
    ("still_falling", ("rate",), below, ("learning_rate_too_low", "FALLING"), True),
    ("swing", ("rate",), lambda r: r["side"] > 0 and worst_harm(r) > 0.1, ("oscillating", "SWING"), True),
    ("rises", ("rate",), lambda r: r["side"] > 0 and worst_harm(r) > 0.1, ("oscillating", "RISES"), True),
    ("noise", ("batch",), lambda r: r["value"] <= 4 and worst_harm(r) > 0.1, ("noisy_loss", "NOISE"), True),
    (
        "lost",
        ("depth", "initial_size"),
        lambda r: worst_harm(r) > SICK and (r["first_norm"] or 0) < 20,
        ("vanishing_gradients", "LOST"),
        True,
    ),
    ("first_norm", ("initial_size",), above, ("exploding_gradients", "HUGE"), True),
    ("dead", ("rate", "initial_size"), lambda r: worst_harm(r) > SICK and r["side"] > 0, ("dead_units", "DEAD"), True),
    ("saturated", ("initial_size", "rate"), lambda r: worst_harm(r) > SICK and r["side"] > 0, ("saturated_units", "SATURATED"), True),
    ("penalty", ("l1", "l2"), lambda r: worst_harm(r) > 0.1 and r["side"] > 0, ("penalty_dominates", "SHARE"), True),
    ("drop_cost", ("dropout",), lambda r: worst_harm(r) > 0.1 and r["side"] > 0, ("dropout_too_strong", "COST"), True),
    ("mismatch", ("decay",), lambda r: worst_harm(r) > 0.1 and r["value"] > 0.9, ("batchnorm_mismatch", "WORSE"), True),
    ("size", ("input_size",), above, ("unscaled_inputs", "LARGE"), True),
    ("rare", ("rare",), lambda r: r["value"] <= 0.1, ("class_imbalance", "NEGLECTED"), False),
    ("excess", ("rate",), above, ("collapsed_predictions", "EXCESS"), True),
    ("unused", ("rate",), above, ("collapsed_predictions", "UNUSED"), True),
    ("clip_times", ("clipping",), lambda r: worst_harm(r) > 0.1, ("clipping_always_active", "BELOW"), True),
    ("rise", ("rows",), lambda r: r["value"] <= 80, ("overfitting", "RISE"), True),
    ("rise_share", ("rows",), lambda r: r["value"] <= 80, ("validation_turned", "SHARE"), True),
    ("gap", ("rows",), lambda r: r["value"] <= 80, ("overfitting", "GAP"), True),
    ("learned", ("labels",), lambda r: True, ("not_learning", "NOTHING"), False),
    ("skill", ("width",), lambda r: worst_harm(r) > SICK, ("underfitting", "POOR"), False),
    ("restless", ("rate",), lambda r: r["side"] > 0 and 0.05 < worst_harm(r) < 0.5, ("plateau", "RESTLESS"), True),
]


def spread(values: list[float], shares: tuple[float, ...]) -> list[str]:
    """Some quantiles."""
    ordered = sorted(values)
    return [f"{ordered[min(len(ordered) - 1, int(s * len(ordered)))]:.2g}" for s in shares]


def main() -> None:
    """Print the table."""
    everything = rows()
    well = [row for row in everything if healthy(row)]
    print(f"{len(everything)} trainings, {len(well)} of them healthy\n")
    print("| statistic | healthy: n, median, 95 %, 99 % | sick: n, 10 %, median, 90 % | threshold | healthy beyond | sick beyond |")
    print("|---|---|---|---|---|---|")
    for name, families, is_sick, where, larger in QUESTIONS:
        fine = [row[name] for row in well if row[name] is not None]
        sick = [row[name] for row in everything if row["family"] in families and row[name] is not None and is_sick(row)]
        limit = constant(*where)
        beyond = [sum((v >= limit) if larger else (v <= limit) for v in values) for values in (fine, sick)]
        tails = (0.5, 0.95, 0.99) if larger else (0.5, 0.05, 0.01)
        first = f"{len(fine)}, {', '.join(spread(fine, tails))}" if fine else "-"
        second = f"{len(sick)}, {', '.join(spread(sick, (0.1, 0.5, 0.9)))}" if sick else "-"
        shares = [f"{100 * n / len(values):.1f} %" if values else "-" for n, values in zip(beyond, (fine, sick), strict=True)]
        print(f"| `{name}` ({', '.join(families)}) | {first} | {second} | {where[0]}.{where[1]} {limit:g} | {shares[0]} | {shares[1]} |")


if __name__ == "__main__":
    main()
