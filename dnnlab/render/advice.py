"""The commands to type next, each of which works as it stands."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .facts import Facts


def after_training(result: Mapping[str, Any], facts: Facts, word: str, over: bool, extendable: bool, parent: str = "") -> list[str]:
    """What to try after a run: go on where it was cut short or was still getting better, else another rate and more seeds.

    over: no epoch is left. extendable: more epochs would not change the ones that were. parent: RUN of the run that this one was made
    from, if any: the first thing is to see what the change did.
    """
    if not over:
        return [f"dnnlab resume {word}"]
    if parent:
        return [f"dnnlab compare {parent} {word}", f"dnnlab train {word} --seeds 3"]
    best = (result.get("best") or {}).get("epoch")
    first = f"dnnlab train {word} --seeds 3"
    if result["status"] == "done" and best == facts.epochs:
        more = 2 * facts.epochs
        return [f"dnnlab resume {word} --epochs {more}" if extendable else f"dnnlab train {word} training.epochs={more}", first]
    return [*([f"dnnlab train {word} {facts.lr_key}={changed(facts.lr, 0.5)}"] if facts.lr else []), first]


def after_failure(code: str, facts: Facts | None, word: str) -> list[str]:
    """What to type after a run that failed."""
    if code == "diverged" and facts is not None and facts.lr:
        return [f"dnnlab train {word} {facts.lr_key}={changed(facts.lr, 0.1)}"]
    if code == "out_of_memory" and facts is not None and facts.batch_size > 1:
        return [f"dnnlab train {word} training.batch_size={facts.batch_size // 2}"]
    return [f"dnnlab resume {word}"]


def changed(lr: float | None, factor: float) -> str:
    """A learning rate times a factor, with two figures at most."""
    return f"{(lr or 0.0) * factor:.2g}"
