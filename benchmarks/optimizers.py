"""What an epoch costs with each optimizer, beside fused Adam: the reference MLP, epoch by epoch in turn, in one process.

    DNNLAB_DATA=~/data python benchmarks/optimizers.py             # all; or some of: nadam rmsprop "rmsprop
    momentum" ftrl ...

MLP 784-300-100-10, ELU, batches of 32, as `fit` runs it. The rows differ in nothing but the optimizer's keys,
all others at their defaults; lbfgs is missing, since it takes no batches. The table gives seconds an epoch,
the ratio to Adam's epoch of the same round, and the microseconds of `step` alone. Adam goes first in every
round, and once more as a row of its own, which shows how far 1 can be missed by chance.
"""

from __future__ import annotations

import argparse
from time import perf_counter
from typing import Any

from engine import MLP, MNIST, ByEngine, session_of
from paired import LEAST_PAIRS, Comparison, compare, interleave

import numpy as np  # isort: skip
import torch  # isort: skip  (after engine, which prepares the process)

GATE = 1.2
GATED = ("nadam", "rmsprop", "adamax", "ftrl")
ROWS = 11_000  # a fifth of MNIST's training part: a round of all optimizers stays short
STEPS = 20
OPTIMIZERS: dict[str, dict[str, Any]] = {
    "adam": {},
    "adam amsgrad": {"amsgrad": True},
    "adamw": {},
    "sgd": {},
    "sgd momentum": {"momentum": 0.9, "nesterov": True},
    "nadam": {},
    "rmsprop": {},
    "rmsprop momentum": {"momentum": 0.9},
    "rmsprop centered": {"centered": True},
    "adamax": {},
    "ftrl": {},
    "ftrl penalties": {"l1": 1e-4, "l2": 1e-4, "l2_shrinkage": 1e-4},
    "radam": {},
    "adagrad": {},
    "adadelta": {},
    "adafactor": {},
    "lion": {},
    "lion decay": {"weight_decay": 0.1},
    "rprop": {},
    "muon": {},
}


class Run:
    """A training of its own with one optimizer, measured by the epoch or by the step."""

    def __init__(self, row: str) -> None:
        optimizer = {"name": row.split()[0], **OPTIMIZERS[row]}
        # At a rate this small no optimizer can diverge or die out: denormal and infinite numbers have times
        # of their own.
        self.session = session_of(
            {"data": {**MNIST, "limit": ROWS}, **MLP, "optimizer": {**optimizer, "lr": 1e-5}}, 32
        )
        self.engine = ByEngine(self.session)

    def epoch(self) -> float:
        """Train one epoch; its seconds."""
        return self.engine.epoch()

    def step(self) -> float:
        """Seconds of one update, with small random gradients, two sets of them in turn."""
        generator, params = torch.Generator().manual_seed(0), self.session.parameters
        sets = [[1e-2 * torch.randn(p.shape, generator=generator) for p in params] for _ in range(2)]
        began = perf_counter()
        for i in range(STEPS):
            for p, grad in zip(params, sets[i % 2], strict=True):
                p.grad = grad
            self.session.optimizer.step()
        return (perf_counter() - began) / STEPS


def measured(rows: list[str], pairs: int) -> list[tuple[Comparison, float]]:
    """Each optimizer's epochs against Adam's of the same round, and the median seconds of a step."""
    runs = [Run(row) for row in ("adam", *rows)]
    base, *others = interleave([run.epoch for run in runs], pairs)
    steps = interleave([run.step for run in runs[1:]], 5 * pairs)
    gates = [GATE if row in GATED else None for row in rows]
    results = [
        compare(row, seconds, base, gate) for row, seconds, gate in zip(rows, others, gates, strict=True)
    ]
    return [(result, float(np.median(step))) for result, step in zip(results, steps, strict=True)]


def main() -> int:
    """Measure the optimizers asked for; exit code 1 when a gate is missed."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "optimizers", nargs="*", help=f"which to measure, of {', '.join(OPTIMIZERS)} (default: all)"
    )
    parser.add_argument(
        "--pairs", type=int, default=LEAST_PAIRS, help="pairs of measurements, at least 9 (default 9)"
    )
    options = parser.parse_args()
    if unknown := [row for row in options.optimizers if row not in OPTIMIZERS]:
        parser.error(f"received {', '.join(unknown)}; expected some of: {', '.join(OPTIMIZERS)}")
    results = measured(options.optimizers or list(OPTIMIZERS), options.pairs)
    print(
        f"{'an epoch of ' + format(ROWS, ',') + ' rows':44s}     it        adam     it / adam               us a step"
    )
    for result, step in results:
        print(f"{result.row()}  {step * 1e6:7.0f} us")
    return int(any(result.missed for result, _ in results))


if __name__ == "__main__":
    torch.set_num_threads(1)
    raise SystemExit(main())
