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
        if missing := lacking(rule, records):
            skipped[rule.name] = missing
        elif (verdict := rule(records)) is not None:
            found[rule.name] = verdict
    excluded = {rule.name for rule in rules if any(name in found for name in rule.unless)}
    kept = {name: verdict for name, verdict in found.items() if name not in excluded}
    causes = {rule.name: cause_of(rule, kept) for rule in rules if rule.name in kept}
    fine = tuple(rule.name for rule in rules if rule.name not in kept and rule.name not in skipped)
    return Diagnosis(tuple(ordered(kept, causes)), fine, skipped, records.word)


def lacking(rule: Rule, records: Records) -> str:
    """Why a rule cannot look, and the key that lets it; "" where it can, or where the net has nothing of the kind that it looks at."""
    missing = [need for need in rule.needs if not getattr(records, need)]
    if not missing or (missing == ["predictions"] and not records.classifies):
        return ""
    off = [
        KEYS[need]
        for need in missing
        if need in KEYS and str(records.config.get(KEYS[need], "none")) == "none"
    ]
    if off:
        return f"turn on {' and '.join(off)}"
    if "spread" in missing:
        return (
            ""
            if str(records.config.get("data.scale", "none")) != "none"
            else "the run does not say how large its inputs are"
        )
    return (
        ""
        if records.metrics and set(missing) <= {"activations", "dead_units"}
        else "the run has no rows of it yet"
    )


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
                yield replace(
                    verdict,
                    severity=verdict.severity if name in SYMPTOMS else "note",
                    follows_from=cause.name,
                )


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
