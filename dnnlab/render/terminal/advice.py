"""The commands to type next, each of which works as it stands."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..screens.run_facts import Facts


def after_training(
    result: Mapping[str, Any], facts: Facts, word: str, over: bool, extendable: bool, parent: str = ""
) -> list[str]:
    """What to do after a run: go on where it was cut short; else look at its page, then go on where it was still getting better, or try
    another rate and more seeds.

    over: no epoch is left. extendable: more epochs would not change the ones that were. parent: RUN of the
    run that this one was made from, if any: the first thing is to see what the change did.
    """
    if not over:
        return [f"dnnlab resume {word}"]
    if parent:
        return [f"dnnlab compare {parent} {word}", f"dnnlab report {word}", f"dnnlab train {word} --seeds 3"]
    page, seeds = f"dnnlab report {word}", f"dnnlab train {word} --seeds 3"
    best = (result.get("best") or {}).get("epoch")
    if result["status"] == "done" and best == facts.epochs:
        more = 2 * facts.epochs
        return [
            page,
            f"dnnlab resume {word} --epochs {more}"
            if extendable
            else f"dnnlab train {word} training.epochs={more}",
            seeds,
        ]
    return [page, *([f"dnnlab train {word} {facts.halved}"] if facts.halved else []), seeds]


def after_verdict(word: str, mending: str, parent: str = "") -> list[str]:
    """What to do after a run with something wrong: read the verdict and the page, and try what it proposes. mending: a command, or ""."""
    first = f"dnnlab compare {parent} {word}" if parent else f"dnnlab doctor {word}"
    return [first, f"dnnlab report {word}", *([mending] if mending else [])]


def after_failure(code: str, facts: Facts | None, word: str) -> list[str]:
    """What to type after a run that failed."""
    if code == "run_removed":
        return []
    if code == "diverged" and facts is not None and facts.tenth:
        return [f"dnnlab train {word} {facts.tenth}"]
    if code == "out_of_memory" and facts is not None and facts.batch_size > 1:
        return [f"dnnlab train {word} training.batch_size={facts.batch_size // 2}"]
    return [f"dnnlab resume {word}"]
