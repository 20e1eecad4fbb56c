"""Learning rates and optimizers for small batches."""

from __future__ import annotations

from collections.abc import Iterator
from math import sqrt

from ...steps import rows_per_step
from ..config import Config
from ..finding import Finding
from ..peak_rate import peak_rate

USUAL = 32
"""The batch for which default rates are made (Bengio 2012)."""
MUCH = 4
"""A batch this many times smaller is much smaller."""


def rprop_batches(config: Config) -> Iterator[Finding]:
    """Rprop on batches instead of all training rows."""
    experiment = config.experiment
    size = experiment.training.batch_size
    if experiment.optimizer.flag("finds_steps") and size != "full":
        yield Finding(
            "rprop_batches",
            "training.batch_size",
            f"{experiment.optimizer.name} with batches of {size} row{'s' if size != 1 else ''}",
            "it sizes its steps by whether a gradient has changed its sign, "
            "and between small batches signs change by chance",
            "write `training: {batch_size: full}`, or `optimizer: rmsprop`",
            "Riedmiller & Braun 1993; "
            "Tieleman & Hinton 2012, Lecture 6.5 (rmsprop as rprop for mini-batches)",
        )


def small_batch_rate(config: Config) -> Iterator[Finding]:
    """A batch more than four times smaller than 32, with the default learning rate or a larger one.

    The reference is the default batch with the default rate of the optimizer. The advised rate is
    proportional to the batch for plain gradient descent (Goyal et al. 2017), and to its square root if steps
    are scaled by the size of the gradients (Krizhevsky 2014, Malladi et al. 2022).
    """
    experiment = config.experiment
    optimizer, size = experiment.optimizer, experiment.training.batch_size
    field = optimizer.entry.own_fields.get("lr")
    if (
        size == "full"
        or field is None
        or not isinstance(field.default, float)
        or optimizer.flag("full_batch")
    ):
        return
    rows = rows_per_step(None, size, experiment.training.accumulate)
    path, rate = peak_rate(config)
    if rows * MUCH < USUAL and rate is not None and rate >= field.default:
        share = rows / USUAL if optimizer.name == "sgd" else sqrt(rows / USUAL)
        yield Finding(
            "small_batch_rate",
            path,
            f"a rate of {rate:g} with batches of {rows} row{'s' if rows != 1 else ''}",
            f"gradients of so few rows are noisy: a rate that suits {USUAL} rows is too large for them",
            f"write `{path}: {field.default * share:.1g}` or so, or larger batches",
            "Goyal et al. 2017, arXiv:1706.02677; Keskar et al. 2017, arXiv:1609.04836",
        )
