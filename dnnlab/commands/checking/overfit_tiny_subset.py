"""A few training rows are learned by heart. Source: CS231n, "Sanity checks": overfit a tiny subset, regularization off."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..starting.checked import Check
from .bench import Bench
from .chance import chance_of
from .training import Outcome, held, learn, start
from .words import measure, number

if TYPE_CHECKING:
    from torch import Tensor

NAME = "overfit_tiny_subset"
ROWS, STEPS, SECONDS = 20, 3000, 6.0
NEAR_ZERO = 0.05  # of the loss at chance
R2 = 0.99
SEEDS = 3  # others to try
FEWEST = 300  # steps that it takes to judge
OTHERS = {"slow": (10.0, 100.0, 0.1), "fast": (0.1, 0.01, 10.0)}  # rates to try where the config's own does not do it


def overfit_tiny_subset(bench: Bench) -> Check:
    """20 rows with the config's optimizer and its largest rate, all in each step; no regularization, no augmentation, no schedule."""
    rows = tiny(bench)
    result = attempt(bench, rows, 1.0, SECONDS)
    numbers = bench.objective.task.target == "real"
    found = f"{len(rows)} rows: {in_words(result, numbers)} after {result.steps:,} steps, loss {measure(result.loss, 3)}"
    expected = f"R2 {R2}" if numbers else "100 %, loss near 0"
    if result.learned:
        return Check(NAME, True, found, expected)
    if result.whole and not result.diverged and result.loss < 0.5 * result.first and (seed := another_seed(bench, rows)) is not None:
        advice_ = f"learned with seed={seed}: the first weights of seed {bench.experiment.seed} end in a poor minimum, as small nets do"
        return Check(NAME, True, found, expected, advice_)
    if not result.whole and result.steps < FEWEST:
        return Check(NAME, None, f"{found}: too slow to judge in {SECONDS:g} s", expected)
    return Check(NAME, False, found, expected, advice(bench, rows, result))


def tiny(bench: Bench) -> Tensor:
    """Row numbers: of each class alike, no two rows with the same inputs (they might have different answers)."""
    import torch

    part, seen = bench.data.train, set[bytes]()
    queues: dict[int, list[int]] = {}
    for row in bench.sample(min(bench.rows, 5000)).tolist():
        label = int(part.targets[row]) if bench.data.target == "index" else 0
        queues.setdefault(label, []).append(row)
    chosen: list[int] = []
    while len(chosen) < ROWS and any(queues.values()):
        for label in sorted(queues):
            while queues[label] and len(chosen) < ROWS:
                row = queues[label].pop(0)
                inputs = part.inputs[torch.tensor([row])].numpy().tobytes()
                if inputs not in seen:
                    seen.add(inputs)
                    chosen.append(row)
                    break
    return torch.tensor(chosen)


def another_seed(bench: Bench, rows: Tensor) -> int | None:
    """A seed whose first weights can learn the rows at the config's rate."""
    seeds = range(bench.experiment.seed + 1, bench.experiment.seed + 1 + SEEDS)
    return next((seed for seed in seeds if attempt(bench, rows, 1.0, SECONDS / 2, seed).learned), None)


def attempt(bench: Bench, rows: Tensor, factor: float, seconds: float, seed: int | None = None) -> Outcome:
    """Train a fresh net on the rows, at the config's rate times `factor`."""
    chance, numbers = chance_of(bench), bench.objective.task.target == "real"
    goal = float("inf") if numbers else NEAR_ZERO * chance.value
    rates = held(bench, STEPS, factor)
    return learn(start(bench, rows, rates, seed), goal, R2 if numbers else 1.0, STEPS, seconds)


def in_words(result: Outcome, numbers: bool) -> str:
    """`71 %`, `R2 0.63`."""
    if result.diverged:
        return "diverged"
    return f"R2 {result.score:.3g}" if numbers else f"{result.score:.0%}".replace("%", " %")


def advice(bench: Bench, rows: Tensor, result: Outcome) -> str:
    """Another rate that does it, where there is one; else the net cannot."""
    rate, key = held(bench, STEPS).lr, bench.rate_key
    moves = f"{number(rate)} moves weights by {result.update:.0e} of their size a step"
    for factor in OTHERS["fast" if result.diverged else "slow"]:
        other = attempt(bench, rows, factor, SECONDS / 2)
        if other.learned:
            word = "raise" if factor > 1 else "lower"
            return f"{word} {key} ({moves}): with {key}={number(rate * factor)} they are learned in {other.steps:,} steps"
    tried = f"{number(rate / 100)} to {number(rate * 10)}" if result.diverged else f"{number(rate / 10)} to {number(rate * 100)}"
    return f"no rate from {tried} does it: the net is too small or its signals die (initial_gradients), or the targets are mixed up"
