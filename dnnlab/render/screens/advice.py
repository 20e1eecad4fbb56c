"""The commands to type next, each of which works as it stands."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...rundir import RunStatus
from .run_facts import RunFacts


def after_training(
    result: Mapping[str, Any], facts: RunFacts, word: str, over: bool, extendable: bool, parent: str = ""
) -> list[str]:
    """Commands to type after a run.

    A run that was cut short is resumed. Otherwise its report comes first, then more epochs if it was still
    improving, or another learning rate and more seeds.
    over: no epoch is left. extendable: more epochs would not change the earlier ones. parent: RUN of the run
    that this one was made from, if any; comparing the two comes first.
    """
    if not over:
        return [f"dnnlab resume {word}"]
    if parent:
        return [f"dnnlab compare {parent} {word}", f"dnnlab report {word}", f"dnnlab train {word} --seeds 3"]
    page, seeds = f"dnnlab report {word}", f"dnnlab train {word} --seeds 3"
    best = (result.get("best") or {}).get("epoch")
    if result["status"] == RunStatus.DONE and best == facts.epochs:
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
    """Commands to type after a run with a verdict. mending: the command that the verdict proposes, or ""."""
    first = f"dnnlab compare {parent} {word}" if parent else f"dnnlab doctor {word}"
    return [first, f"dnnlab report {word}", *([mending] if mending else [])]


def after_failure(code: str, facts: RunFacts | None, word: str) -> list[str]:
    """What to type after a run that failed."""
    if code == "run_removed":
        return []
    if code == "diverged" and facts is not None and facts.tenth:
        return [f"dnnlab train {word} {facts.tenth}"]
    if code == "out_of_memory" and facts is not None and facts.batch_size > 1:
        return [f"dnnlab train {word} training.batch_size={facts.batch_size // 2}"]
    return [f"dnnlab resume {word}"]
