"""Random search against a grid of equal size where only one of two values matters (Bergstra & Bengio 2012), repeated on digits.

    python benchmarks/random_against_grid.py [--repetitions 20]            (about 3 minutes on one core)

Both searches of configs/sweeps/random_against_grid_*.yaml: 16 points over the rate, which decides, and Adam's
eps, which hardly matters. In each repetition they have the same weights, data order and range; the range of
the rate is moved by up to half a step of the grid, so that no grid is lucky or unlucky with its place.
Compared is the best val_accuracy that each of them finds. Exit code 1 when random search is not better
(paired Wilcoxon test, one-sided, p < 0.05).
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
from scipy.stats import wilcoxon

from dnnlab.commands.sweep.load_spec import read_source
from dnnlab.commands.sweep.results.findings import Findings, show_sweep
from dnnlab.commands.sweep.sweep import planned, sweep
from dnnlab.search.ranges import Numbers
from dnnlab.search.spec import Spec

CONFIGS = Path(__file__).parents[1] / "configs" / "sweeps"
METHODS = ("grid", "random")
RATE = "optimizer.lr"
REPETITIONS = 20
ALPHA = 0.05


@dataclass(frozen=True)
class Outcome:
    """What one search found. best: its highest val_accuracy; rates: how many different ones it tried."""

    best: float
    rate: float
    rates: int
    trials: int


def moved(spec: Spec, shift: float, repetition: int) -> Spec:
    """The search with its range of rates moved by so many powers of ten, its own points and its own seed of the training."""
    range_ = spec.space[RATE].range
    assert isinstance(range_, Numbers)
    there = replace(range_, low=range_.low * 10**shift, high=range_.high * 10**shift)
    return replace(
        spec,
        space=spec.space.with_ranges({RATE: there}),
        seed=repetition,
        set={"seed": repetition},
        workers=1,
    )


def half_step(spec: Spec) -> float:
    """Half of the distance between two rates of the grid, in powers of ten."""
    rates = spec.space[RATE].range.grid()
    assert rates is not None
    return float(np.log10(rates[1] / rates[0])) / 2


def outcome(found: Findings) -> Outcome:
    """What a search found; a rate that lets the training diverge counts as tried."""
    best = found.best
    assert best is not None and best.value is not None
    trials = found.view.trials
    return Outcome(
        best.value, float(best.point[RATE]), len({trial.point[RATE] for trial in trials}), len(trials)
    )


def repeated(repetitions: int, folder: Path) -> Iterator[dict[str, Outcome]]:
    """Method -> outcome, for each repetition."""
    sources: dict[str, Any] = {
        m: read_source(str(CONFIGS / f"random_against_grid_{m}.yaml"), [], [], {}, folder) for m in METHODS
    }
    reach = half_step(sources["grid"][0])
    for repetition in range(repetitions):
        shift = float(np.random.default_rng(repetition).uniform(-reach, reach))
        found = {}
        for method, (spec, base, text, file) in sources.items():
            plan = planned(moved(spec, shift, repetition), base, text, file)
            *_, over = sweep(plan, folder, stop=SimpleNamespace(status=None, reason=""))
            found[method] = outcome(show_sweep(over.path))
        yield found


def row(name: str, values: list[float], rates: float, trials: int) -> str:
    """One line of the table."""
    low, middle, high = statistics.quantiles(values, n=4, method="inclusive")
    return f"{name:<8} {trials:>6}  {rates:>5.0f}  {min(values):.4f}  {low:.4f}  {middle:.4f}  {high:.4f}  {max(values):.4f}"


def main() -> int:
    """Repeat both searches and print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--repetitions", type=int, default=REPETITIONS, help=f"at least 5 (default {REPETITIONS})"
    )
    repetitions = max(parser.parse_args().repetitions, 5)
    found: list[dict[str, Outcome]] = []
    with tempfile.TemporaryDirectory() as folder:
        for outcomes in repeated(repetitions, Path(folder)):
            found.append(outcomes)
            told = ", ".join(
                f"{method} {one.best:.4f} (lr {one.rate:.2g})" for method, one in outcomes.items()
            )
            print(f"  {len(found):>2}/{repetitions}  {told}", file=sys.stderr)
    print(
        f"{'search':<8} {'trials':>6}  {'rates':>5}  {'lowest':>6}  {'25 %':>6}  median  {'75 %':>6}  highest   best val_accuracy found"
    )
    values = {method: [outcomes[method].best for outcomes in found] for method in METHODS}
    for method in METHODS:
        print(
            row(
                method,
                values[method],
                statistics.fmean(o[method].rates for o in found),
                found[0][method].trials,
            )
        )
    apart = [random - grid for random, grid in zip(values["random"], values["grid"], strict=True)]
    wins, losses = sum(d > 0 for d in apart), sum(d < 0 for d in apart)
    p = float(wilcoxon(apart, alternative="greater").pvalue) if any(apart) else 1.0
    print(
        f"random is better in {wins} of {repetitions}, worse in {losses}; median difference {statistics.median(apart):+.4f}; p = {p:.2g}"
    )
    return int(p >= ALPHA)


if __name__ == "__main__":
    sys.exit(main())
