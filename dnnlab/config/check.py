"""The check of a merged tree against the sections and parts: an experiment, or all problems."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from pydantic import ValidationError

from ..errors import Problem
from ..registry import MOST_EXPLAINED, address, entries, find, inline, problems_of, show
from .architecture_defaults import with_one_normalization
from .schema_paths import slot_of
from .sections import ROOT, Experiment
from .tree import Node, Step, located
from .unknown import explain_unknown
from .yaml_scalars import scalar

Location = tuple[Step, ...]
_NOTHING = ("none", "None", "null")
_BOOLEANS = {**dict.fromkeys(("yes", "on", "true"), "true"), **dict.fromkeys(("no", "off", "false"), "false")}


def check(root: Node) -> tuple[Experiment | None, list[Problem]]:
    """The experiment of a tree, or None, and the problems, each at its place in the text."""
    try:
        return with_one_normalization(Experiment.model_validate(root.plain()), root)
    except ValidationError as error:
        found = problems_of(error, lambda location: located(Problem(""), location, root).line or 0)
        return None, [
            located(_explain(problem, location, root) if i < MOST_EXPLAINED else problem, location, root)
            for i, (location, problem) in enumerate(found)
        ]


def _explain(problem: Problem, location: Location, root: Node) -> Problem:
    if problem.code == "unknown_key":
        return explain_unknown(problem, location, root)
    if problem.code == "missing_key":
        return _missing(problem, location, root)
    node = list(root.along(location))[-1]
    if problem.code not in ("wrong_type", "out_of_range"):
        return problem
    if node.typed and problem.received == f"received {show(node.value)}":
        problem = replace(problem, received=f"received {node.typed}")
    if problem.fix:
        return problem
    return (
        _nothing(problem, location)
        if node.value is None
        else replace(problem, fix=_mend(problem.expected, node.plain(), location))
    )


def _missing(problem: Problem, location: Location, root: Node) -> Problem:
    slot = slot_of(ROOT.fields.get(str(location[0])))
    if slot is None or slot.form != "one":
        return problem
    names = [e.name for e in entries(slot.kind)]
    if len(location) == 1:
        shown = next((name for name in ("digits", *names) if name in names), "...")
        return replace(
            problem, expected=f"expected one of: {', '.join(names)}", fix=f"write `{location[0]}: {shown}`"
        )
    part = root.plain()[str(location[0])]
    entry = find(slot.kind, part["name"] if isinstance(part, dict) else str(part))
    key = str(location[-1])
    if len(location) > 2 or entry is None or key not in entry.example:
        return problem
    return replace(
        problem, expected="expected a value", fix=f"write `{key}: {inline(entry.example[key])}`, for example"
    )


def _nothing(problem: Problem, location: Location) -> Problem:
    fix = (
        f"write a value, or remove the line (`{location[-1]}: none` where nothing is wanted)"
        if location
        else ""
    )
    return replace(problem, received="nothing is written here", fix=fix)


def _mend(expected: str, value: Any, location: Location) -> str:
    """The line to write for a value that is right but has the wrong form."""
    key = location[-1] if location and isinstance(location[-1], str) else None
    better = _better(expected, value)
    if better is None:
        return ""
    return f"write `{key}: {better}`" if key else f"write {better}"


def _better(expected: str, value: Any) -> str | None:
    if isinstance(value, str) and re.match(r"expected a (whole )?number( [<>]=? \S+)?( or |$)", expected):
        return _number_meant(value, whole="whole number" in expected)
    if isinstance(value, float) and "whole number" in expected and value.is_integer():
        return str(int(value))
    if isinstance(value, str) and "true or false" in expected:
        return _BOOLEANS.get(value.lower())
    if expected == "expected a text" and not isinstance(value, dict | list):
        return f'"{inline(value)}"'
    if expected.startswith("expected a list") and not isinstance(value, dict | list):
        return "[]" if value in _NOTHING else f"[{inline(value)}]"
    return "none" if value in (*_NOTHING, "off", "no") and "none" in expected else None


def _number_meant(text: str, *, whole: bool) -> str | None:
    """The number that a text was meant to be, as YAML; None if it is none.

    A comma parts thousands only in front of groups of three digits that follow no leading zero: `0,1` is 0.1.
    `1,000` can be either number; a key that takes whole numbers decides it.

    >>> _number_meant("0,1", whole=False), _number_meant("12,500", whole=True)
    ('0.1', '12500')
    >>> _number_meant("1e-3x", whole=False)
    """
    written = re.sub(r"(?<=\d)_(?=\d)| epochs?$", "", text)
    if len(written) >= 40:
        return None
    thousands = re.fullmatch(r"[-+]?[1-9]\d{0,2}(,\d{3})+(\.\d+)?", written) is not None
    decimal = re.fullmatch(r"[-+]?\d+,\d+([eE][-+]?\d+)?", written) is not None
    readings = [written.replace(",", "")] if thousands else []
    if decimal and not (whole and thousands):
        readings.append(written.replace(",", "."))
    numbers = [scalar(reading) for reading in readings or [written]]
    kinds = int if whole else (int, float)
    fitting = [inline(n) for n in numbers if isinstance(n, kinds) and not isinstance(n, bool)]
    return "` or `".join(fitting) or None


def ignored_codes(root: Node, known: list[str]) -> list[Problem]:
    """The problems of codes under `lint.ignore` that no rule has."""
    node = root.child("lint")
    ignored = node.child("ignore") if node is not None else None
    problems = []
    for i, item in enumerate(ignored.value if ignored is not None and ignored.sequence else []):
        if isinstance(item.value, str) and item.value not in known:
            location = ("lint", "ignore", i)
            text = f'no advice has the code "{item.value}"'
            problem = Problem(
                text, f"known: {', '.join(known)}", "remove it", address(location), code="unknown_code"
            )
            problems.append(located(problem, location, root))
    return problems
