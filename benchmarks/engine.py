"""What the engine costs beside a tight hand-written loop: the same net, data, order and process settings, in one process, epoch by epoch.

    DNNLAB_DATA=~/data python benchmarks/engine.py                 # all rows; or some of: mlp32 mlp128 cnn128
    digits flat train

The loop written by hand indexes tensors by a permutation and calls torch.optim.Adam(fused=True); it logs and
measures nothing. Both train the same weights on the same batches, so they must end with the same weights:
where they do not, the row is void and the script stops. Of the engine is measured an epoch as `fit` runs it
with default logging: order, steps, training metrics, the copy of the best weights; not validation, which the
loop by hand does not have either. `digits` is the steps alone, as its gate asks.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from time import perf_counter
from typing import Any

from dnnlab.engine.runtime import prepare

prepare()  # before torch, as the command line does: the loop written by hand gets the same settings

import torch  # noqa: E402
from paired import LEAST_PAIRS, Comparison, compare, paired  # noqa: E402
from torch import nn  # noqa: E402

from dnnlab.assembly.session import build  # noqa: E402
from dnnlab.config import load_mapping  # noqa: E402
from dnnlab.engine.loop import fit  # noqa: E402
from dnnlab.engine.records import Epoch, Step  # noqa: E402
from dnnlab.engine.session import Session  # noqa: E402
from dnnlab.nn.seeds import mix  # noqa: E402

ENDLESS = 100_000
MNIST = {"name": "mnist", "validation": "none", "test": "none", "limit": 55_000}
MLP = {"architecture": {"name": "mlp", "hidden": [300, 100]}, "activation": "elu"}
CNN = {
    "architecture": {"name": "cnn", "blocks": [[16, 16], [32, 32]], "kernel": 3, "hidden": [64]},
    "normalization": "batch",
}
DIGITS = {"data": {"name": "digits"}, "architecture": {"name": "mlp", "hidden": [128, 64]}}


def session_of(config: dict[str, Any], batch_size: int, epochs: int = ENDLESS) -> Session:
    """A session of dnnlab with its defaults: Adam, one thread, a row of logging every 50 steps."""
    return build(load_mapping({**config, "training": {"epochs": epochs, "batch_size": batch_size}})).session


def mlp_by_hand(*widths: int, activation: type[nn.Module]) -> nn.Sequential:
    """Flatten, then Linear and activation in turn, without an activation at the end."""
    layers: list[nn.Module] = [nn.Flatten()]
    for width_in, width_out in pairwise(widths):
        layers += [nn.Linear(width_in, width_out), activation()]
    return nn.Sequential(*layers[:-1])


def cnn_by_hand() -> nn.Sequential:
    """The net of configs/mnist_cnn.yaml: no bias where BatchNorm follows, channels last."""
    layers: list[nn.Module] = []
    for before, filters, last in [(1, 16, False), (16, 16, True), (16, 32, False), (32, 32, True)]:
        layers += [
            nn.Conv2d(before, filters, 3, padding="same", bias=False),
            nn.BatchNorm2d(filters),
            nn.ReLU(),
        ]
        layers += [nn.MaxPool2d(2)] if last else []
    dense = [
        nn.Flatten(),
        nn.Linear(7 * 7 * 32, 64, bias=False),
        nn.BatchNorm1d(64),
        nn.ReLU(),
        nn.Linear(64, 10),
    ]
    return nn.Sequential(*layers, *dense).to(memory_format=torch.channels_last)  # type: ignore[call-overload, no-any-return]


class ByHand:
    """The tight loop, on a net that begins with the session's weights."""

    def __init__(self, net: nn.Module, session: Session) -> None:
        self.net, self.inputs, self.targets, self.size = (
            net,
            session.train.inputs,
            session.train.targets,
            session.plan.batch_size,
        )
        self.epochs_done = 0
        with torch.no_grad():
            for mine, theirs in zip(net.parameters(), session.net.parameters(), strict=True):
                mine.copy_(theirs)
        self.optimizer = torch.optim.Adam(net.parameters(), lr=1e-3, fused=True)

    def epoch(self) -> float:
        """Train one epoch; its seconds."""
        began = perf_counter()
        net, inputs, targets, optimizer = self.net, self.inputs, self.targets, self.optimizer
        order = torch.randperm(
            len(inputs), generator=torch.Generator().manual_seed(mix(0, f"epoch {self.epochs_done}"))
        )
        for rows in order.split(self.size):
            loss = nn.functional.cross_entropy(net(inputs[rows]), targets[rows])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        self.epochs_done += 1
        return perf_counter() - began


class ByEngine:
    """The engine's epochs, one at a call. steps_only: from the epoch's beginning to its last step."""

    def __init__(self, session: Session, *, steps_only: bool = False) -> None:
        self.session, self.steps_only = session, steps_only
        self.records: Iterator[Any] = fit(session)

    def epoch(self) -> float:
        """Train one epoch; its seconds."""
        began = last = perf_counter()
        for record in self.records:
            if isinstance(record, Epoch):
                break
            if (
                self.steps_only
                and isinstance(record, Step)
                and record.in_epoch == self.session.steps_per_epoch
            ):
                last = perf_counter()
        return (last if self.steps_only else perf_counter()) - began


def against_hand(
    name: str,
    session: Session,
    net: nn.Module,
    gate: float,
    pairs: int,
    *,
    epochs: int = 1,
    steps_only: bool = False,
) -> Comparison:
    """Engine against loop, `epochs` epochs a measurement.

    Raises `AssertionError` where both did not do the same work.
    """
    hand, engine = ByHand(net, session), ByEngine(session, steps_only=steps_only)
    result = paired(
        name,
        lambda: sum(engine.epoch() for _ in range(epochs)),
        lambda: sum(hand.epoch() for _ in range(epochs)),
        gate=gate,
        pairs=pairs,
    )
    same = all(torch.equal(a, b) for a, b in zip(session.net.parameters(), net.parameters(), strict=True))
    assert same, f"{name}: engine and loop did not end with the same weights, so the row is void"
    return result


def mnist_mlp(size: int, pairs: int) -> Comparison:
    """MLP 784-300-100-10, ELU."""
    session = session_of({"data": MNIST, **MLP}, size)
    return against_hand(
        f"mnist mlp, batch {size}", session, mlp_by_hand(784, 300, 100, 10, activation=nn.ELU), 1.03, pairs
    )


def mnist_cnn(size: int, pairs: int) -> Comparison:
    """The net of mnist_cnn.yaml with BatchNorm; without shifts and label smoothing on both sides."""
    session = session_of({"data": {**MNIST, "limit": 11_000}, **CNN}, size)
    return against_hand(f"mnist cnn, batch {size} (11,000 rows)", session, cnn_by_hand(), 1.03, pairs)


def digits(pairs: int) -> Comparison:
    """Digits 64-128-64-10, ReLU: a net so small that the engine's own work shows most; ten epochs a measurement."""
    net = mlp_by_hand(64, 128, 64, 10, activation=nn.ReLU)
    return against_hand(
        "digits mlp, batch 32, steps of 10 epochs",
        session_of(DIGITS, 32),
        net,
        1.3,
        pairs,
        epochs=10,
        steps_only=True,
    )


def flat(pairs: int) -> Comparison:
    """Whether epochs become slower in the course of a run: those from 90 to 100 against those from 2 to 11, validation included."""
    late, early = [], []
    for _ in range(pairs):
        engine = ByEngine(session_of(DIGITS, 32, epochs=100))
        seconds = torch.tensor([engine.epoch() for _ in range(100)])
        late.append(float(seconds[89:].mean()))
        early.append(float(seconds[1:11].mean()))
    result = compare("digits mlp, epochs 90-100 / epochs 2-11", late, early, 1.1)
    print(result.row(), flush=True)
    return result


def whole_train(pairs: int) -> Comparison:
    """`commands.train` into a folder, with rows, checkpoints and validation of 5,000 rows, against the loop by hand that only trains."""
    from dnnlab.commands.train.train import train

    data = {"name": "mnist", "validation": {"first": 5000}, "test": "none"}
    session = session_of({"data": data, **MLP}, 32)
    hand = ByHand(mlp_by_hand(784, 300, 100, 10, activation=nn.ELU), session)
    with tempfile.TemporaryDirectory() as folder:
        config = load_mapping({"data": data, **MLP, "training": {"epochs": pairs + 1, "batch_size": 32}})
        events = train(config, Path(folder))

        def epoch() -> float:
            began = perf_counter()
            next(event for event in events if isinstance(event, Epoch))
            return perf_counter() - began

        next(events)  # the folder is made; its time is no epoch's
        row = paired("mnist mlp, batch 32, dnnlab train (no gate)", epoch, hand.epoch, pairs=pairs)
        events.close()  # type: ignore[attr-defined]  # a generator: it writes its end while the folder is there
        return row


ROWS = {
    "mlp32": lambda pairs: mnist_mlp(32, pairs),
    "mlp128": lambda pairs: mnist_mlp(128, pairs),
    "cnn128": lambda pairs: mnist_cnn(128, pairs),
    "digits": lambda pairs: digits(3 * pairs),
    "flat": lambda pairs: flat(3 * pairs),
    "train": whole_train,
}


def main() -> int:
    """Measure the rows asked for; exit code 1 when a gate is missed."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "rows", nargs="*", choices=[[], *ROWS], help=f"which to measure, of {', '.join(ROWS)} (default: all)"
    )
    parser.add_argument(
        "--pairs", type=int, default=LEAST_PAIRS, help="pairs of measurements, at least 9 (default 9)"
    )
    options = parser.parse_args()
    return int(sum(ROWS[row](options.pairs).missed for row in options.rows or ROWS) > 0)


if __name__ == "__main__":
    raise SystemExit(main())
