"""Errors of PyYAML's parser as problems with a fix."""

from __future__ import annotations

import re

import yaml
from yaml.reader import ReaderError

from ..errors import Problem

_MENDING = (
    (
        r"mapping values are not allowed here",
        "a `:` inside a value, or a line indented too far",
        "put texts with `: ` in quotes; align keys of one mapping",
    ),
    (
        r"could not find expected ':'",
        "a line without `key: value`",
        "write `key: value`, with a space after the colon",
    ),
    (
        r"expected <block end>, but found",
        "an indentation that fits no line above",
        "align keys of one mapping",
    ),
    (
        r"expected ',' or '[}\]]'",
        "a bracket that is not closed, or a comma that is missing",
        "close the bracket",
    ),
    (r"found unexpected end of stream", "a quote that is not closed", "close the quote"),
    (r"found undefined alias '?([^']*)'?", "an alias without its anchor", "write the value out"),
    (
        r"found unknown escape character",
        "a backslash that YAML does not know",
        "use single quotes around texts with backslashes",
    ),
    (
        r"found character '(.)' that cannot start any token",
        "a sign with which no value starts",
        "put the text in quotes",
    ),
)


def explain(error: yaml.MarkedYAMLError, text: str, file: str | None) -> Problem:
    """The problem of a parser's error at its position; of an open bracket or quote, where it begins."""
    said = error.problem or "unreadable"
    mark = error.problem_mark or error.context_mark
    if mark is not None and text[mark.index : mark.index + 1] == "\t":
        problem = Problem(
            "received a tab",
            "expected spaces (YAML knows no tabs)",
            "replace the tab by spaces",
            code="yaml_tab",
        )
    else:
        what, fix = next(
            ((w, f) for pattern, w, f in _MENDING if re.match(pattern, said)),
            (said, "see the line above it, too"),
        )
        problem = Problem(what, "expected YAML", fix, code="yaml")
        if error.context_mark is not None and re.match(
            r"expected ','|found unexpected end|could not find", said
        ):
            mark = error.context_mark
    return (
        problem.at(file, mark.line + 1, mark.column + 1)
        if mark is not None and file
        else problem.at(file, None, None)
    )


def control_character(error: ReaderError, text: str, file: str | None) -> Problem:
    """The problem of a character that is not allowed in YAML."""
    before = text[: error.position]
    line, column = before.count("\n") + 1, error.position - (before.rfind("\n") + 1) + 1
    code = error.character if isinstance(error.character, int) else ord(error.character)
    problem = Problem(
        f"received a control character (U+{code:04X})", "expected a text file", "remove it", code="yaml"
    )
    return problem.at(file, line if file else None, column if file else None)
