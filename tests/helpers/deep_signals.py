"""What flows through a deep net: one pass forward and backward of a net that dnnlab builds from a config's
text.
"""

from __future__ import annotations

import functools
import tempfile
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from dnnlab.assembly.session import build
from dnnlab.config import load
from dnnlab.nn.batch import Batch

SEEDS = (0, 1, 2)
ROWS = 256
TEXT = """
seed: {seed}
data: {{name: {data}, scale: standardize}}
architecture: {{name: mlp, hidden: {{depth: {depth}, width: {width}}}}}
activation: {activation}
initializer: {initializer}
normalization: {normalization}
"""


@dataclass(frozen=True)
class Signals:
    """For each hidden layer, first to last: mean and variance of its outputs, and the variance of the loss's
    gradient by them.
    """

    means: list[float]
    variances: list[float]
    gradients: list[float]

    @property
    def survives(self) -> float:
        """The gradient's variance at the first hidden layer as a share of that at the last."""
        return self.gradients[0] / self.gradients[-1]


def factor(numbers: list[float]) -> float:
    """The largest over the smallest."""
    return max(numbers) / min(numbers)


@functools.cache
def signals(
    activation: str,
    initializer: str,
    seed: int,
    *,
    depth: int = 20,
    width: int = 100,
    normalization: str = "none",
    data: str = "digits",
) -> Signals:
    """Build the net and send standardized inputs through it: independent standard normal numbers, any class
    for each row.
    """
    keys = {"activation": activation, "initializer": initializer, "normalization": normalization}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "deep.yaml"
        path.write_text(TEXT.format(seed=seed, data=data, depth=depth, width=width, **keys))
        session = build(load(path)).session
    random = torch.Generator().manual_seed(seed)
    shape = session.train.inputs.shape[1:]
    batch = Batch(
        torch.randn(ROWS, *shape, generator=random),
        torch.randint(session.task.classes, (ROWS,), generator=random),
    )
    kept: list[Tensor] = []

    def keep(layer: torch.nn.Module, inputs: tuple[Tensor, ...], outputs: Tensor) -> None:
        outputs.retain_grad()
        kept.append(outputs)

    for name in session.table.layers[:-1]:
        session.net.get_submodule(name).register_forward_hook(keep)
    session.loss(session.net.train()(batch.inputs), batch).backward()
    assert len(kept) == depth
    outputs = [each.detach().double() for each in kept]
    return Signals(
        [each.mean().item() for each in outputs],
        [each.var().item() for each in outputs],
        [each.grad.double().var().item() for each in kept if each.grad is not None],
    )
