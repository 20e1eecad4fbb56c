"""Two decays of the weights."""

from __future__ import annotations

from collections.abc import Iterator

from ...registry import address
from ..config import Config
from ..finding import Finding
from ..sections import Experiment


def two_decays(config: Config) -> Iterator[Finding]:
    """An l2 penalty with an optimizer that decays the weights by itself."""
    experiment = config.experiment
    own = experiment.optimizer.keys.get("weight_decay")
    if not own:
        return
    for path, strength in _penalties(experiment):
        if strength > 0:
            yield Finding(
                "two_decays",
                path,
                f"an l2 penalty beside {experiment.optimizer.name}'s weight_decay of {own:g}",
                "the weights decay twice, and the penalty's part is divided by the gradients' size, "
                "which the optimizer's own decay avoids",
                f"remove {path}, or write `optimizer.weight_decay: 0`",
                "Loshchilov & Hutter 2019, arXiv:1711.05101",
            )


def _penalties(experiment: Experiment) -> Iterator[tuple[str, float]]:
    for name, part in experiment.regularizers.items():
        if "l2" in part.flag("on_weights"):
            yield address(("regularizers", name)), part.keys.get("l2", next(iter(part.keys.values())))
    for pattern, settings in experiment.per_layer.items():
        if settings.l2 is not None:
            yield address(("per_layer", pattern.text, "l2")), settings.l2
