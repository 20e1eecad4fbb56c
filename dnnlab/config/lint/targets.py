"""Numbers to learn that are far from 0, or tiny."""

from __future__ import annotations

from collections.abc import Iterator

from ..config import Config
from ..finding import Finding
from ..peak_rate import peak_rate


def unscaled_targets(config: Config) -> Iterator[Finding]:
    """A regression target whose mean or deviation is far from what a net starts with, without target_scale.

    Judged once the rows of the data are counted.
    """
    x = config.experiment
    copies = x.architecture.flag("target") == "input"
    scaled = copies or x.data.common["target_scale"] is not None
    if config.targets is None or config.steps_per_epoch is None or scaled:
        return
    steps = config.steps_per_epoch * x.training.epochs
    rate = None if x.optimizer.flag("finds_steps") else peak_rate(config)[1]
    words = config.targets.misfit(None if rate is None else rate * steps)
    if words:
        yield Finding(
            "unscaled_targets",
            "data.target_scale",
            words,
            "a net starts with outputs near 0 of deviation about 1, and learns the size before all else",
            "write `data.target_scale: standardize` (errors are still reported in the target's own units)",
            "Bishop 1995, Neural Networks for Pattern Recognition, 8.2",
        )
