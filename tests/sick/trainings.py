"""Trainings that are ill by construction, and trainings that are well: what `doctor` has to tell apart.

They stand in cases.yaml.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import yaml

FILE = Path(__file__).parent / "cases.yaml"


@dataclass(frozen=True)
class Case:
    """A config and the illness that was put into it ("" for none). fast: in the everyday run of the tests."""

    name: str
    illness: str = ""
    fast: bool = False
    config: dict[str, Any] = field(default_factory=dict)

    @property
    def possible(self) -> bool:
        """Whether its data are there: MNIST's files are not part of the project."""
        return "mnist" not in str(self.config["data"]) or bool(os.environ.get("DNNLAB_DATA"))


def cases() -> list[Case]:
    """All of them, the sick first."""
    found = []
    for item in yaml.safe_load(FILE.read_text()):
        about = {key: item.pop(key) for key in ("name", "illness", "fast") if key in item}
        found.append(Case(**about, config=item))
    return found


def tables(folder: Path, seed: int) -> None:
    """The tables and the plugin that the cases name."""
    draw = np.random.default_rng(seed)
    x, many = draw.normal(size=(500, 6)), draw.normal(size=(1500, 6))
    wave = np.sin(x[:, 0]) + 0.5 * x[:, 1] * x[:, 2] + 0.1 * draw.normal(size=500)
    apart = x * [1e-2, 1.0, 1e2, 3e3, 1.0, 1.0] + [0, 0, 500, 0, 0, 0]
    write(folder / "smooth.csv", x, wave)
    write(folder / "prices.csv", x, 250_000 + 80_000 * wave)
    write(folder / "line.csv", x, x @ [1, 1, 1, -1, -1, 1] + 0.5 * draw.normal(size=500))
    write(folder / "noise.csv", x, draw.normal(size=500))
    write(folder / "coin.csv", many, np.where(draw.random(1500) < 0.5, "heads", "tails"))
    write(folder / "apart.csv", apart, np.where(x[:, 0] + x[:, 1] > 0, "a", "b"))
    write(folder / "rare.csv", many, np.where(many[:, 0] + 2 * draw.normal(size=1500) > 3.1, "rare", "usual"))
    # The sign of x0 tells "b" from "c", but "often" stays the likeliest answer everywhere.
    other = np.where(many[:, 0] > 0, "b", "c")
    write(folder / "half.csv", many, np.where(draw.random(1500) < 0.62, "often", other))
    (folder / "own.py").write_text(PLUGIN)


def write(path: Path, x: np.ndarray, y: np.ndarray) -> None:
    """A CSV file with the columns x0, x1, ..., y."""
    lines = [",".join([*(f"x{i}" for i in range(x.shape[1])), "y"])]
    for row, target in zip(x, y.tolist(), strict=True):
        lines.append(
            ",".join([*(f"{v:.5g}" for v in row), f"{target:.5g}" if isinstance(target, float) else target])
        )
    path.write_text("\n".join(lines) + "\n")


PLUGIN = '''
"""Losses that go wrong: one becomes infinite as soon as a probability reaches 0.98, one has no slope."""

from typing import Any

from dnnlab.registry import part


@part("loss", source="made for a test", targets=frozenset({"index"}))
def log_of_rest(task: Any) -> Any:
    """Cross-entropy plus log(1 - p / 0.98) over the right classes."""

    def loss(outputs: Any, batch: Any) -> Any:
        from torch.nn.functional import cross_entropy

        p = outputs.softmax(1).gather(1, batch.targets[:, None])
        return cross_entropy(outputs, batch.targets) + 0.01 * (1 - p / 0.98).clamp(min=0).log().mean()

    return loss


@part("loss", source="made for a test", targets=frozenset({"index"}))
def errors(task: Any) -> Any:
    """The share of wrong answers."""

    def loss(outputs: Any, batch: Any) -> Any:
        return (outputs.argmax(1) != batch.targets).float().mean() + 0.0 * outputs.sum()

    return loss
'''
