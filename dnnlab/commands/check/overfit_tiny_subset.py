"""A few training rows are learned by heart.

Source: CS231n, "Sanity checks": overfit a tiny subset, regularization off.
"""

from __future__ import annotations

import math
from dataclasses import replace

from ...config.peak_rate import peak_rate, rate_changes, typed
from ...lazy_torch import torch
from .bench import Bench
from .chance import chance_of
from .result import Check
from .short_training import ShortTraining, largest_rate, learn, start
from .words import measure, number

NAME = "overfit_tiny_subset"
ROWS, STEPS, SECONDS = 20, 3000, 6.0
NEAR_ZERO = 0.05  # of the loss at chance
R2, R2_OF_CODE = 0.99, 0.9  # the second one if the rows must pass through a narrow code
SEEDS = 3  # others to try
FEWEST = 300  # steps that it takes to judge
UPDATE = 1e-3  # what a step should change of a weight's size (CS231n, "Ratio of weights:updates")


def overfit_tiny_subset(bench: Bench) -> Check:
    """20 rows in one batch, at the config's largest rate; no regularization, augmentation or schedule."""
    rows = tiny(bench)
    result = attempt(bench, rows, 1.0, SECONDS)
    numbers = bench.objective.task.target == "real"
    found = in_words(len(rows), result, numbers)
    expected = f"R2 {wanted(bench)}" if numbers else "100 %, loss near 0"
    if result.learned:
        return Check(NAME, True, found, expected)
    if (
        result.whole
        and not result.diverged
        and result.loss < 0.5 * result.first
        and (other := another_seed(bench, rows)) is not None
    ):
        seed, learned = other
        own = f"{score_words(result, numbers)} with seed={bench.experiment.seed}"
        note = f"with seed={seed}; {own}: small nets may end in a poor minimum"
        return Check(NAME, True, in_words(len(rows), learned, numbers), expected, note)
    if not result.whole and result.steps < FEWEST:
        return Check(NAME, None, f"{found}: too slow to judge in {SECONDS:g} s", expected)
    return Check(NAME, False, found, expected, advice(bench, rows, result))


def tiny(bench: Bench) -> torch.Tensor:
    """Row numbers, the same count of each class, without duplicates (their targets might differ)."""
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


def another_seed(bench: Bench, rows: torch.Tensor) -> tuple[int, ShortTraining] | None:
    """A seed from whose first weights the rows are learned at the config's rate, and how."""
    seeds = range(bench.experiment.seed + 1, bench.experiment.seed + 1 + SEEDS)
    tried = ((seed, attempt(bench, rows, 1.0, SECONDS / 2, seed)) for seed in seeds)
    return next((pair for pair in tried if pair[1].learned), None)


def attempt(
    bench: Bench, rows: torch.Tensor, factor: float, seconds: float, seed: int | None = None
) -> ShortTraining:
    """Train a fresh net on the rows, at the config's rate times `factor`."""
    chance, numbers = chance_of(bench), bench.objective.task.target == "real"
    goal = float("inf") if numbers else NEAR_ZERO * chance.value
    rates = largest_rate(bench, STEPS, factor)
    return learn(start(bench, rows, rates, seed), goal, wanted(bench), STEPS, seconds)


def wanted(bench: Bench) -> float:
    """The score that counts as learned."""
    if bench.objective.task.target != "real":
        return 1.0
    return R2_OF_CODE if bench.experiment.architecture.flag("target") == "input" else R2


def in_words(rows: int, result: ShortTraining, numbers: bool) -> str:
    """`20 rows: 71 % after 300 steps, loss 0.8`."""
    loss = measure(result.loss, 3)
    return f"{rows} rows: {score_words(result, numbers)} after {result.steps:,} steps, loss {loss}"


def score_words(result: ShortTraining, numbers: bool) -> str:
    """`71 %`, `R2 0.63`."""
    if result.diverged:
        return "diverged"
    return f"R2 {result.score:.3g}" if numbers else f"{result.score:.0%}".replace("%", " %")


def advice(bench: Bench, rows: torch.Tensor, result: ShortTraining) -> str:
    """Scaled targets, or another rate, that do it, if they do; else the net cannot."""
    scaled = standardized(bench)
    if scaled is not None and (other := attempt(scaled, rows, 1.0, SECONDS / 2)).learned:
        how = f"with data.target_scale=standardize they are learned in {other.steps:,} steps"
        return f"the targets are far from what a net starts with, and not scaled: {how}"
    rate, key = largest_rate(bench, STEPS).lr, peak_rate(bench.config)[0]
    moves = (
        f" ({number(rate)} moves weights by {result.update:.0e} of their size a step)"
        if math.isfinite(result.update)
        else ""
    )
    factors = others(result)
    for factor in factors:
        other = attempt(bench, rows, factor, SECONDS / 2)
        if other.learned:
            word = "raise" if factor > 1 else "lower"
            with_it = " ".join(typed(rate_changes(bench.config, rate * factor), number))
            return f"{word} {key}{moves}: with {with_it} they are learned in {other.steps:,} steps"
    tried = f"{number(rate * min(1.0, *factors))} to {number(rate * max(1.0, *factors))}"
    return (
        f"no rate from {tried} does it: the net is too small or its signals die (initial_gradients), "
        "or the targets are mixed up"
    )


def standardized(bench: Bench) -> Bench | None:
    """The bench with standardized targets; None if they are, or if there are no real targets."""
    data, copies = bench.data, bench.experiment.architecture.flag("target") == "input"
    if data.target != "real" or copies or data.target_scaling is not None:
        return None
    targets = data.train.targets
    scaled = (targets - targets.mean(0)) / targets.std(0, correction=0).clamp_min(1e-30)
    return replace(bench, data=replace(data, train=data.train._replace(targets=scaled)))


def others(result: ShortTraining) -> list[float]:
    """Factors for the rate to try: towards updates of a thousandth, and a decade on both sides.

    After a divergence only lower ones.
    """
    if not math.isfinite(result.update) or result.update <= 0:
        return [0.1, 0.01, 1e-3, 1e-4, 1e-5] if result.diverged else [10.0, 100.0, 1000.0]
    best = 10.0 ** round(math.log10(UPDATE / result.update))
    factors = [best, 10 * best, best / 10]
    return (
        [f for f in (*factors, 0.1, 0.01) if f < 0.5][:3]
        if result.diverged
        else [f for f in factors if f != 1]
    )
