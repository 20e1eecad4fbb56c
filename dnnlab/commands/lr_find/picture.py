"""The curve as a picture."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from .find import Found
from .rules import turning_point

COLOURS = {"book": "#d55e00", "steepest": "#009e73"}
LABELS = {"book": "a tenth of the turning point", "steepest": "steepest descent"}


def draw(found: Found) -> Any:
    """The figure: losses in grey and smoothed in blue over log(rate), suggestions as lines."""
    from ..compare.curves import Curves, legible

    curve, smoothed = found.curve, found.curve.smoothed
    figure = Curves(figsize=(8, 5), dpi=100, layout="constrained")
    axes = figure.add_subplot()
    axes.plot(curve.rates, curve.losses, color="0.8", linewidth=0.8, label="loss of each batch")
    axes.plot(curve.rates, smoothed, color="#0072b2", linewidth=2.0, label="smoothed")
    turn = turning_point(curve)
    if turn is not None:
        axes.plot(
            [curve.rates[turn]],
            [smoothed[turn]],
            "o",
            color="#0072b2",
            label=f"turns up at {curve.rates[turn]:.2g}",
        )
    for suggestion in found.suggestions:
        label = f"{suggestion.lr:g}: {LABELS[suggestion.rule]}"
        axes.axvline(
            suggestion.lr, color=COLOURS[suggestion.rule], linestyle="--", linewidth=1.4, label=label
        )
    axes.set_xscale("log")
    top, low = max(smoothed[: len(smoothed) // 2 or 1]), min(smoothed)
    axes.set_ylim(low - 0.08 * (top - low or 1.0), top + 0.6 * (top - low or 1.0))
    axes.set_xlabel("learning rate")
    axes.set_ylabel("training loss")
    axes.grid(True, color="0.9", linewidth=0.8)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(loc="upper left", fontsize=9, framealpha=0.85, edgecolor="none")
    figure.suptitle(
        legible(f"{found.name}: {found.optimizer}", 80), fontsize=12, x=0.02, ha="left", fontweight="bold"
    )
    return figure


def save_picture(found: Found, file: Path) -> None:
    """Write it. Raises `StorageError`."""
    from ..compare.curves import save

    save(draw(found), file)
