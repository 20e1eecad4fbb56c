"""The screens of `new` and `schema`: the files that were written and what to type next."""

from __future__ import annotations

import shlex
from pathlib import Path

from ...commands.new.csv_survey import Survey
from ...commands.new.new import Written
from ...registry import inline
from ..terminal.numbers import counted
from ..terminal.text import INDENT, labelled, next_lines


def new_lines(written: Written, width: int) -> list[str]:
    """The file, a summary of the data, the schema, and what to type next."""
    what = (
        f"{written.like}, {counted(written.lines, 'line')}"
        if written.like not in ("first", "table")
        else counted(written.lines, "line")
    )
    lines = _labelled("wrote", f"{written.path}: {what}", width)
    for path in written.beside:
        lines += _labelled("", f"{path}, which it reads", width)
    if written.schema is not None:
        lines += _labelled("", f"{written.schema}, from which editors complete names and keys", width)
    lines += [] if written.data is None else survey_lines(written.data, width)
    word = shlex.quote(str(written.path))
    commands = (
        [f"dnnlab sweep {word}"]
        if written.schema is None
        else [f"dnnlab check {word}", f"dnnlab train {word}"]
    )
    return [*lines, *next_lines(commands, width)]


def survey_lines(seen: Survey, width: int) -> list[str]:
    """The contents of a table: rows, target, inputs, empty cells, and why columns are left out."""
    numbers, categories, dates = (seen.using(use) for use in ("number", "category", "date"))
    lines = _labelled("data", f"{seen.path.name}: {counted(seen.rows, 'row')}", width)
    if not seen.header:
        lines += _labelled("header", "none: the first line is a row; columns have numbers from 1", width)
    lines += _labelled(
        "target", f"{', '.join(map(inline, seen.targets))}: {seen.target_words} (task: {seen.task})", width
    )
    inputs = [f"{counted(len(numbers), 'column')} of numbers"] if numbers else []
    inputs += [f"{inline(c.name)} ({counted(c.different, 'text')})" for c in categories]
    inputs += [f"{inline(c.name)} ({counted(c.different, 'date')})" for c in dates]
    lines += _labelled("inputs", ", ".join(inputs), width)
    holes = [f"{c.empty:,} in {inline(c.name)}" for c in (*numbers, *categories, *dates) if c.empty]
    holes += [f"{seen.target_empty:,} in the target" if seen.target_empty else ""]
    if any(holes):
        lines += _labelled("empty", ", ".join(word for word in holes if word), width)
    for i, column in enumerate(seen.using("drop")):
        lines += _labelled("dropped" if i == 0 else "", f"{inline(column.name)}: {column.words}", width)
    return lines


def schema_lines(path: Path, size: int, width: int) -> list[str]:
    """Where the schema is and the line that makes an editor read it."""
    lines = _labelled("wrote", f"{path} ({size / 1000:.0f} kB)", width)
    first = f"# yaml-language-server: $schema={path}"
    return [
        *lines,
        *labelled("use", first, indent=INDENT, width=width, whole=True),
        *_labelled("", "as the first line of a config", width),
    ]


def _labelled(label: str, text: str, width: int) -> list[str]:
    return labelled(label, text, indent=INDENT, width=width)
