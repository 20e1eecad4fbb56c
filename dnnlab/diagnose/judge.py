"""All rules over one run: causes first, what follows from them folded under them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from .records import KEYS, Records
from .rules import RULES
from .verdict import SEVERITIES, Rule, Verdict

SYMPTOMS = ("diverged", "not_learning")
"""These say how bad it is, and stay as severe as they are when their cause is known; other consequences then need no care of their own."""


@dataclass(frozen=True)
class Diagnosis:
    """verdicts: each cause before what follows from it, the most severe cause first. fine: rules that found nothing.

    skipped: rules that could not look, and the key that lets them. word: RUN for a command line.
    """

    verdicts: tuple[Verdict, ...]
    fine: tuple[str, ...]
    skipped: Mapping[str, str]
    word: str

    @property
    def worst(self) -> str | None:
        """The highest severity, None where there is no verdict."""
        return max((v.severity for v in self.verdicts), key=SEVERITIES.index, default=None)

    def at_least(self, severity: str) -> tuple[Verdict, ...]:
        """The verdicts of this severity or above."""
        lowest = SEVERITIES.index(severity)
        return tuple(v for v in self.verdicts if SEVERITIES.index(v.severity) >= lowest)

    def json(self) -> dict[str, Any]:
        """The content of verdicts.json."""
        return {
            "format": 1,
            "verdicts": [v.json(self.word) for v in self.verdicts],
            "fine": list(self.fine),
            "skipped": dict(self.skipped),
        }


def judge(records: Records, rules: tuple[Rule, ...] = RULES) -> Diagnosis:
    """Put every rule's question to a run."""
    found: dict[str, Verdict] = {}
    skipped: dict[str, str] = {}
    for rule in rules:
        missing = [need for need in rule.needs if not getattr(records, need)]
        if missing:
            skipped[rule.name] = needed(missing, records)
        elif (verdict := rule(records)) is not None:
            found[rule.name] = verdict
    excluded = {rule.name for rule in rules if any(name in found for name in rule.unless)}
    kept = {name: verdict for name, verdict in found.items() if name not in excluded}
    causes = {rule.name: cause_of(rule, kept) for rule in rules if rule.name in kept}
    fine = tuple(rule.name for rule in rules if rule.name not in kept and rule.name not in skipped)
    return Diagnosis(tuple(ordered(kept, causes)), fine, skipped, records.word)


def needed(missing: list[str], records: Records) -> str:
    """What to write so that a rule can look, or why it cannot."""
    keys = [KEYS[name] for name in missing if name in KEYS]
    if not keys:
        return "no epoch was finished" if "metrics" in missing else f"the run does not say its {', '.join(missing)}"
    off = [key for key in keys if str(records.config.get(key, "none")) == "none"]
    return f"turn on {' and '.join(off)}" if off else f"no rows yet of {' and '.join(keys)}"


def cause_of(rule: Rule, found: Mapping[str, Verdict]) -> str | None:
    """The first of a rule's possible causes that was found."""
    return next((name for name in rule.follows if name in found), None)


def ordered(found: Mapping[str, Verdict], causes: Mapping[str, str | None]) -> Iterator[Verdict]:
    """Causes by severity, in the rules' order; right after each, what leads back to it."""
    roots = [v for name, v in found.items() if root(name, causes) == name]
    for cause in sorted(roots, key=lambda v: -SEVERITIES.index(v.severity)):
        yield cause
        for name, verdict in found.items():
            if name != cause.name and root(name, causes) == cause.name:
                yield replace(verdict, severity=verdict.severity if name in SYMPTOMS else "note", follows_from=cause.name)


def root(name: str, causes: Mapping[str, str | None]) -> str:
    """The cause at the end of the row of causes; in a circle the first one met twice stands for itself."""
    seen = []
    while name not in seen:
        seen.append(name)
        above = causes.get(name)
        if above is None:
            return name
        name = above
    return min(seen[seen.index(name) :])
