"""A verdict (finding, evidence, explanation, advice), and the rule that returns it."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from .records import Records

SEVERITIES = ("note", "warning", "critical")
"""From the mildest: good to know; clearly worse than possible; the run failed, or its numbers mislead."""


@dataclass(frozen=True)
class Advice:
    """One proposed action."""

    do: str
    """The action in a sentence."""
    changes: tuple[str, ...] = ()
    """KEY=VALUE for the command line and, as YAML, for the config; empty if no key helps."""
    command: str = ""
    """The command to type instead of training again; `{run}` is replaced by the run."""

    def line(self, word: str) -> str:
        """The command line, or "" if there is none."""
        if self.changes:
            return f"dnnlab train {word} {shlex.join(self.changes)}"
        return self.command.replace("{run}", word)

    @property
    def yaml(self) -> str:
        """The lines to write into the config."""
        return "\n".join(f"{key}: {_flow(value)}" for key, value in _tree(self.changes).items())

    def json(self, word: str) -> dict[str, str]:
        """{do, command, yaml}."""
        return {"do": self.do, "command": self.line(word), "yaml": self.yaml}


@dataclass(frozen=True)
class Finding:
    """The result of a rule that found a problem."""

    severity: str
    """One of `SEVERITIES`."""
    evidence: tuple[str, ...]
    """Sentences with numbers, the shortest and most telling first."""
    advice: tuple[Advice, ...]
    """Proposed actions, the best first."""
    since_epoch: int | None = None
    """The epoch in which the problem began, or None."""


@dataclass(frozen=True)
class Verdict:
    """A finding with the name and the explanation of its rule."""

    name: str
    """The name of the rule."""
    severity: str
    """One of `SEVERITIES`."""
    since_epoch: int | None
    """The epoch in which the problem began, or None."""
    evidence: tuple[str, ...]
    """Sentences with numbers, the shortest and most telling first."""
    why: str
    """Why it is a problem."""
    source: str
    """The literature that describes it."""
    advice: tuple[Advice, ...]
    """Proposed actions, the best first."""
    follows_from: str | None = None
    """The verdict that explains this one; None for a cause."""

    def json(self, word: str) -> dict[str, Any]:
        """The JSON answer."""
        return {
            "name": self.name,
            "severity": self.severity,
            "since_epoch": self.since_epoch,
            "evidence": list(self.evidence),
            "why": self.why,
            "source": self.source,
            "advice": [item.json(word) for item in self.advice],
            "follows_from": self.follows_from,
        }


@dataclass(frozen=True)
class Rule:
    """A test for one problem, applied to every run."""

    name: str
    """The name of its verdict."""
    look: Callable[[Records], Finding | None]
    """The test; it returns None if it finds no problem."""
    why: str
    """Why the problem matters."""
    source: str
    """The literature that describes the problem."""
    needs: tuple[str, ...] = ()
    """The fields of `Records` that the test needs."""
    follows: tuple[str, ...] = ()
    """Rules whose verdicts explain this one, the likeliest first."""
    unless: tuple[str, ...] = ()
    """Rules whose verdicts make this one superfluous."""

    def __call__(self, records: Records) -> Verdict | None:
        """The verdict on a run, or None if the rule finds no problem."""
        found = self.look(records)
        if found is None:
            return None
        return Verdict(
            self.name, found.severity, found.since_epoch, found.evidence, self.why, self.source, found.advice
        )


def rule(
    *,
    why: str,
    source: str,
    needs: tuple[str, ...] = (),
    follows: tuple[str, ...] = (),
    unless: tuple[str, ...] = (),
) -> Callable[[Callable[[Records], Finding | None]], Rule]:
    """Make a rule of a function; the verdict has the function's name."""
    return lambda look: Rule(look.__name__, look, why, source, needs, follows, unless)


def _tree(changes: tuple[str, ...]) -> dict[str, Any]:
    """KEY=VALUE texts as nested mappings of YAML texts."""
    tree: dict[str, Any] = {}
    for change in changes:
        address, _, value = change.partition("=")
        *above, last = address.split(".")
        node = tree
        for key in above:
            deeper = node.setdefault(key, {})
            node = deeper if isinstance(deeper, dict) else node
        node[last] = value
    return tree


def _flow(value: Any) -> str:
    return (
        value
        if isinstance(value, str)
        else "{" + ", ".join(f"{key}: {_flow(item)}" for key, item in value.items()) + "}"
    )
