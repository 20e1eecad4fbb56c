"""Configs that are ill in one way each, with the checks that must see it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

BASE = "data: digits\narchitecture: {hidden: [32, 32]}\noptimizer: {name: adam, lr: 3e-3}\n"
TABLE = (
    "data: {name: csv, path: t.csv, target: y, scale: none, task: classes}\n"
    "architecture: {hidden: [16]}\noptimizer: {lr: 0.01}\n"
)
HEAD = "from dnnlab.registry import Positive, part\n\n\n"

WRONG_ACTIVATION = (
    HEAD
    + '''@part("activation", source="nowhere")
def wrong_activation(width):
    """tanh with the backward of a straight line."""
    import torch

    class Wrong(torch.autograd.Function):
        @staticmethod
        def forward(context, z):
            return z.tanh()

        @staticmethod
        def backward(context, slope):
            return slope

    class Module(torch.nn.Module):
        def forward(self, inputs):
            return Wrong.apply(inputs)

    return Module()
'''
)
WRONG_LOSS = (
    HEAD
    + '''@part("loss", source="nowhere", targets=frozenset({"index"}))
def wrong_loss(task):
    """Cross-entropy whose gradient is five percent too large."""
    import torch
    from torch.nn.functional import cross_entropy

    class Grown(torch.autograd.Function):
        @staticmethod
        def forward(context, z):
            return z.clone()

        @staticmethod
        def backward(context, slope):
            return slope * 1.05

    return lambda outputs, batch: cross_entropy(Grown.apply(outputs), batch.targets)
'''
)
SUMMED_LOSS = (
    HEAD
    + '''@part("loss", source="nowhere", targets=frozenset({"index"}))
def cross_entropy_summed(task):
    """Cross-entropy, of which somebody forgot to take the mean."""
    from torch.nn.functional import cross_entropy, one_hot

    def loss(outputs, batch):
        right = one_hot(batch.targets, 10).to(outputs.dtype)
        return cross_entropy(outputs, batch.targets) + (outputs * right).square().sum()

    return loss
'''
)
WRONG_PENALTY = (
    HEAD
    + '''class Wrong:
    def __init__(self, weights, strength, sign):
        self.weights, self.strength, self.sign = weights, strength, sign

    def value(self):
        return self.sign * self.strength * sum(w.detach().square().sum() for w in self.weights)

    def add_slopes(self):
        import torch

        for w in self.weights:
            slope = self.sign * self.strength * w.detach()
            w.grad = slope if w.grad is None else w.grad + slope


@part("regularizers", source="nowhere", effect="penalty", example={"strength": 0.1})
def halved(table, *, strength: Positive = 1e-2):
    """w^2 with half of its slope."""
    return Wrong([e.parameter for e in table.of_role("weight")], strength, 1)


@part("regularizers", source="nowhere", effect="penalty", example={"strength": 0.1})
def rewarded(table, *, strength: Positive = 1e-2):
    """-w^2."""
    weights = [e.parameter for e in table.of_role("weight")]
    return lambda: -strength * sum(w.square().sum() for w in weights)
'''
)


def table(columns: np.ndarray, targets: np.ndarray) -> str:
    """A CSV text with columns a0, a1 ... and y."""
    names = [f"a{i}" for i in range(columns.shape[1])]
    rows = [",".join([*(f"{x:.8g}" for x in row), f"c{y}"]) for row, y in zip(columns, targets, strict=True)]
    return "\n".join([",".join([*names, "y"]), *rows]) + "\n"


def plain_rows(count: int = 300) -> tuple[np.ndarray, np.ndarray]:
    """Rows of three numbers near 1 and two classes that a line tells apart."""
    inputs = np.random.default_rng(0).normal(size=(count, 3))
    return inputs, (inputs.sum(axis=1) > 0).astype(int)


def _units() -> str:
    inputs, targets = plain_rows()
    return table(inputs * [1.0, 1.0, 5000.0], targets)


def _tiny() -> str:
    inputs, targets = plain_rows()
    return table(inputs * 1e-4, targets)


def _rare() -> str:
    inputs, _ = plain_rows(600)
    return table(inputs, (inputs[:, 0] > 1.6).astype(int))


def _prices() -> str:
    inputs, _ = plain_rows()
    return table(inputs, (250_000 + 80_000 * inputs[:, 0]).astype(int)).replace(",c", ",")


def _twice() -> str:
    inputs, targets = plain_rows(150)
    return table(np.concatenate([inputs, inputs]), np.concatenate([targets, targets]))


@dataclass(frozen=True)
class Sick:
    """A config that fails checks."""

    text: str
    """The YAML."""
    failing: frozenset[str]
    """All checks that fail."""
    says: str
    """A piece of the first one's advice or problems."""
    files: dict[str, str] = field(default_factory=dict)
    """Further files: name -> content."""

    def write(self, folder: Path) -> Path:
        """Write config and files."""
        for name, text in self.files.items():
            (folder / name).write_text(text)
        path = folder / "sick.yaml"
        path.write_text(self.text)
        return path


def _sick(text: str, failing: str, says: str, **files: str) -> Sick:
    return Sick(
        text,
        frozenset(failing.split()),
        says,
        {name.replace("_", ".", 1): content for name, content in files.items()},
    )


DEEP = "data: digits\narchitecture: {hidden: {depth: 15, width: 30}}\nactivation: {sigmoid: true}\n"
PLUGIN = f"{BASE}plugins: [p.py]\n"
SICK = {
    "unknown key": _sick(f"{BASE}activaton: relu\n", "config", "activation"),
    "missing file": _sick("data: {name: csv, path: nowhere.csv, target: y}\n", "data", "nowhere.csv"),
    "loss that does not fit": _sick(f"{BASE}loss: mse\n", "shapes", "loss: auto"),
    "unwise initializer": _sick(
        f"{BASE}activation: selu\ninitializer: he_normal\n", "lint", "selu_initializer"
    ),
    "huge first weights": _sick(
        f"{BASE}initializer: {{name: normal, std: 3.0}}\n",
        "initial_loss lint",
        "the outputs begin with deviation",
    ),
    "loss that is summed": _sick(
        f"{PLUGIN}loss: cross_entropy_summed\n",
        "initial_loss",
        "the loss is no mean over rows",
        p_py=SUMMED_LOSS,
    ),
    "rate too low": _sick(
        BASE.replace("3e-3", "1e-7"), "overfit_tiny_subset", "raise optimizer.lr (1e-7 moves weights"
    ),
    "rate too high": _sick(
        BASE.replace("adam, lr: 3e-3", "sgd, lr: 3000"), "overfit_tiny_subset", "lower optimizer.lr"
    ),
    "net too small": _sick(BASE.replace("[32, 32]", "[1]"), "overfit_tiny_subset", "the net is too small"),
    "deep sigmoid": _sick(
        DEEP.replace("{sigmoid: true}", "sigmoid"),
        "overfit_tiny_subset initial_activations initial_gradients lint",
        "normalization=batch",
    ),
    "zeros": _sick(
        f"{BASE}initializer: zeros\n",
        "lint overfit_tiny_subset initial_activations initial_gradients",
        "initializer=auto",
    ),
    "all alike": _sick(
        f"{BASE}initializer: {{name: constant, value: 0.1}}\n",
        "lint overfit_tiny_subset initial_gradients",
        "the same",
    ),
    "wrong backward of an activation": _sick(
        f"{PLUGIN}activation: wrong_activation\n",
        "gradient_check",
        "the backward of the activation wrong_activation",
        p_py=WRONG_ACTIVATION,
    ),
    "wrong backward of a loss": _sick(
        f"{PLUGIN}loss: wrong_loss\n",
        "gradient_check",
        "the backward of the loss wrong_loss",
        p_py=WRONG_LOSS,
    ),
    "wrong slope of a penalty": _sick(
        f"{PLUGIN}regularizers: {{halved: 0.1}}\n",
        "gradient_check_penalty",
        "Look at the slope of halved",
        p_py=WRONG_PENALTY,
    ),
    "penalty with the wrong sign": _sick(
        f"{PLUGIN}regularizers: {{rewarded: 0.1}}\n",
        "penalty_raises_loss",
        "its sign is wrong",
        p_py=WRONG_PENALTY,
    ),
    "a column in other units": _sick(TABLE, "inputs initial_loss", '"a2" has size', t_csv=_units()),
    "tiny inputs": _sick(TABLE, "inputs overfit_tiny_subset", "data.scale=standardize", t_csv=_tiny()),
    "prices": _sick(
        "data: {name: csv, path: t.csv, target: y}\n",
        "lint overfit_tiny_subset",
        "data.target_scale=standardize",
        t_csv=_prices(),
    ),
    "rare class": _sick(TABLE, "class_balance", "data.balance=weights", t_csv=_rare()),
    "rows that stand there twice": _sick(
        TABLE, "leakage", "rows that occur in the data twice", t_csv=_twice()
    ),
}
