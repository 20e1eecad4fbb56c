"""Reads statistics.csv: for each statistic what healthy trainings show, what sick ones show, and how the threshold in use separates them.

python benchmarks/thresholds/table.py        (writes README.md's table to stdout)
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

FILE = Path(__file__).parent / "statistics.csv"
Row = dict[str, Any]
HEALTHY, SICK = (
    0.05,
    0.25,
)  # how much less was learned than by the best of the group, on the way from chance to perfect


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
    return float(max(row["harm"], row["val_harm"]))


def usual(row: Row) -> bool:
    """Settings that one would begin with."""
    value, family, group = row["value"], row["family"], row["group"]
    ranges: dict[str, tuple[float, float]] = {
        "rate": (-0.5, 0.5),
        "batch": (16, 64),
        "depth": (1, 20),
        "initial_size": (0.1, 0.3),
        "rows": (400, 400),
        "l2": (0, 1e-3),
        "l1": (0, 1e-4),
        "dropout": (0, 0.5),
        "decay": (0.5, 0.99),
        "input_size": (0.1, 1),
        "rare": (0.33, 0.5),
        "clipping": (1, 100),
        "width": (8, 32),
        "labels": (1, 0),
    }
    low, high = ranges[family]
    odd = (family == "decay" and group.endswith(" 2")) or (family == "batch" and group.endswith(" 0.2"))
    return bool(low <= value <= high) and not odd


def healthy(row: Row) -> bool:
    """Usual settings that came within 0.05 of the best of their group in both parts, and learned something."""
    return (
        usual(row) and worst_harm(row) < HEALTHY and (row["skill"] or 0.0) > 0.5 and row["status"] == "done"
    )


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
    (
        "dead",
        ("rate", "initial_size"),
        lambda r: worst_harm(r) > SICK and r["side"] > 0,
        ("dead_units", "DEAD"),
        True,
    ),
    (
        "saturated",
        ("initial_size", "rate"),
        lambda r: worst_harm(r) > SICK and r["side"] > 0,
        ("saturated_units", "SATURATED"),
        True,
    ),
    (
        "penalty",
        ("l1", "l2"),
        lambda r: worst_harm(r) > 0.1 and r["side"] > 0,
        ("penalty_dominates", "SHARE"),
        True,
    ),
    (
        "drop_cost",
        ("dropout",),
        lambda r: worst_harm(r) > 0.1 and r["side"] > 0,
        ("dropout_too_strong", "COST"),
        True,
    ),
    (
        "mismatch",
        ("decay",),
        lambda r: worst_harm(r) > 0.1 and r["value"] > 0.9,
        ("batchnorm_mismatch", "WORSE"),
        True,
    ),
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
    (
        "restless",
        ("rate",),
        lambda r: r["side"] > 0 and 0.05 < worst_harm(r) < 0.5,
        ("plateau", "RESTLESS"),
        True,
    ),
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
    print(
        "| statistic | healthy: n, median, 95 %, 99 % | sick: n, 10 %, median, 90 % | threshold | healthy beyond | sick beyond |"
    )
    print("|---|---|---|---|---|---|")
    for name, families, is_sick, where, larger in QUESTIONS:
        fine = [row[name] for row in well if row[name] is not None]
        sick = [
            row[name]
            for row in everything
            if row["family"] in families and row[name] is not None and is_sick(row)
        ]
        limit = constant(*where)
        beyond = [sum((v >= limit) if larger else (v <= limit) for v in values) for values in (fine, sick)]
        tails = (0.5, 0.95, 0.99) if larger else (0.5, 0.05, 0.01)
        first = f"{len(fine)}, {', '.join(spread(fine, tails))}" if fine else "-"
        second = f"{len(sick)}, {', '.join(spread(sick, (0.1, 0.5, 0.9)))}" if sick else "-"
        shares = [
            f"{100 * n / len(values):.1f} %" if values else "-"
            for n, values in zip(beyond, (fine, sick), strict=True)
        ]
        print(
            f"| `{name}` ({', '.join(families)}) | {first} | {second} | {where[0]}.{where[1]} {limit:g} | {shares[0]} | {shares[1]} |"
        )
    told = Counter(name for row in well for name in (row["verdicts"] or "").split())
    alarmed = sum(bool(row["verdicts"]) for row in well)
    print(f"\nOf the {len(well)} healthy ones {alarmed} got a verdict of warning or above: {dict(told)}.")
    harmed = [row for row in everything if worst_harm(row) > SICK]
    print(
        f"Of {len(harmed)} that learned much less than the best of their group {sum(bool(row['verdicts']) for row in harmed)} got one."
    )


if __name__ == "__main__":
    main()
