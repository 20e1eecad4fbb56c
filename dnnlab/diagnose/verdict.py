"""A verdict: what is wrong, how it was seen, why it matters, what to change; and the rule that gives it."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from .records import Records

SEVERITIES = ("note", "warning", "critical")
"""From the mildest: good to know; the run could clearly be better; it has not learned, or what it shows is wrong."""


@dataclass(frozen=True)
class Advice:
    """One thing to do. changes: KEY=VALUE for the command line and, as YAML, for the file; none where no key would help.

    command: what to type instead of training again; `{run}` stands for the run.
    """

    do: str
    changes: tuple[str, ...] = ()
    command: str = ""

    def line(self, word: str) -> str:
        """The command line, "" where there is none."""
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
    """What a rule saw. evidence: sentences with numbers, the shortest and most telling first."""

    severity: str
    evidence: tuple[str, ...]
    advice: tuple[Advice, ...]
    since_epoch: int | None = None


@dataclass(frozen=True)
class Verdict:
    """A finding under its rule's name. follows_from: the verdict that explains this one, None for a cause."""

    name: str
    severity: str
    since_epoch: int | None
    evidence: tuple[str, ...]
    why: str
    source: str
    advice: tuple[Advice, ...]
    follows_from: str | None = None

    def json(self, word: str) -> dict[str, Any]:
        """The form of DESIGN's JSON face."""
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
    """A question that is put to every run.

    needs: fields of the records without which it cannot be answered. follows: rules whose verdicts explain
    this one, the likeliest first. unless: rules whose verdicts leave nothing to say here. look: the answer,
    None where all is well.
    """

    name: str
    look: Callable[[Records], Finding | None]
    why: str
    source: str
    needs: tuple[str, ...] = ()
    follows: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()

    def __call__(self, records: Records) -> Verdict | None:
        """The verdict on a run, None where there is nothing to say."""
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
    """Make a rule of a function; its name is the verdict's."""
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
