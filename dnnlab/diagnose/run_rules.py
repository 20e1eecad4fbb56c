"""Apply all rules to one run: causes first, each followed by its consequences."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from .records import KEYS, Records
from .rules import RULES
from .verdict import SEVERITIES, Rule, Verdict

SYMPTOMS = ("diverged", "not_learning")
"""Verdicts that keep their severity when their cause is known; other consequences become notes."""


@dataclass(frozen=True)
class Diagnosis:
    """The verdicts on a run."""

    verdicts: tuple[Verdict, ...]
    """The most severe cause first, each cause before its consequences."""
    fine: tuple[str, ...]
    """The rules that found nothing."""
    skipped: Mapping[str, str]
    """The rules whose records are missing, and the key that turns the records on."""
    word: str
    """The argument RUN in proposed commands."""

    @property
    def worst(self) -> str | None:
        """The highest severity, or None if there is no verdict."""
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
    """The verdicts of all rules on a run."""
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
    """Why a rule cannot be applied, and the key that turns its records on.

    "" if it can be applied, or if the net has no layers of the kind that the rule examines.
    """
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
    if missing == ["baseline"]:
        return ""  # no table, or one that a linear model takes too long for
    if "targets" in missing:
        return "the run does not say how large its targets are" if records.target == "real" else ""
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
    """Causes by severity, then in the order of the rules; each is followed by its consequences."""
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
    """The cause at the end of the chain of causes; in a circle, the first rule that is met twice."""
    seen = []
    while name not in seen:
        seen.append(name)
        above = causes.get(name)
        if above is None:
            return name
        name = above
    return min(seen[seen.index(name) :])
