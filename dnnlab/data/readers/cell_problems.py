"""What is wrong with the cells of a column, with the line to add to the config."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ...errors import Problem
from ..places import Places
from ..raw import Array
from .cells import Numbers, coded, holes, is_name, quoted, shown
from .dates import date_order
from .number_format import NumberFormat, format_words, guessed_format


def text_problem(
    column: str, cells: Sequence[str], found: Numbers, places: Places, categorical: str
) -> Problem:
    """A number column that holds text. categorical: the line to add for this and all other such columns."""
    texts = list(found.texts)
    filled = len(cells) - int(holes(cells, text=False).sum())
    some = found.texts.total()
    if unusual := format_problem(f'column "{column}"', cells, column):
        return unusual
    if 2 * some < filled:
        where = places.words(found.first_text)
        first = f'first: "{shown(texts[:1])}", {where}'
        text = f'column "{column}" holds text in {some:,} of {filled:,} cells ({first})'
        add = f"add `categorical: [{quoted(column)}]` or `drop: [{quoted(column)}]`"
        fix = f"correct them, or empty them and add `missing: median`, or {add}"
        return Problem(text, "numbers were expected", fix, "path", code="stray_text")
    text = f'column "{column}" holds text ({shown(texts)})'
    if is_name(cells):
        text, fix = f"{text}, nearly a different one in every row", f"add `drop: [{quoted(column)}]`"
        return Problem(text, "numbers were expected", fix, "path", code="name_column")
    return Problem(
        text, "numbers were expected", f"add `categorical: {categorical}`", "path", code="text_column"
    )


def hole_problem(
    column: str, missing: Array, places: Places, *, target: bool = False, mark: str = ""
) -> Problem:
    """Empty cells in a column that must have none. mark: the text of such cells of a text target, if any."""
    count, first = int(missing.sum()), int(np.argmax(missing))
    cells = "1 empty cell" if count == 1 else f"{count:,} empty cells"
    where = f'the target "{column}"' if target else f'"{column}"'
    text = f"{cells} in {where} (first: {places.words(first)})"
    if target:
        fix = "add `missing_target: drop`: what is to be learned cannot be filled, so such rows are left out"
        if mark:
            fix += f' (or `missing_target: keep` if "{mark}" is the name of a class)'
        return Problem(text, "a value was expected", fix, "path", code="empty_target")
    return Problem(
        text,
        "a value was expected",
        "add `missing: median` (or mean, zero, drop)",
        "path",
        code="empty_cells",
    )


def format_problem(where: str, cells: Sequence[str], column: str) -> Problem | None:
    """The problem of a column whose cells are numbers or dates in a form that needs a key, else None."""
    texts = [text for text in coded(cells)[0] if text]
    if date_order(texts):
        fix = f"add `dates: {{{quoted(column)}: [year, month, weekday, days]}}`"
        return Problem(
            f"{where} holds dates ({shown(texts)})", "numbers were expected", fix, "path", code="dates"
        )
    found = guessed_format(texts)
    if found is None:
        return None
    unusual = [text for text in texts if NumberFormat().number(text) is None]
    text = f"{where} holds {format_words(found)} ({shown(unusual)})"
    fix = f"add {found.lines()}"
    comma = NumberFormat(",", strip=found.strip)
    if found.thousands == "," and all(comma.number(each) is not None for each in texts):
        fix += f" (or {comma.lines()} if that comma parts decimals)"
    if found.decimal == ",":
        return Problem(text, "numbers with a decimal point were expected", fix, "path", code="decimal_comma")
    return Problem(text, "plain numbers were expected", fix, "path", code="number_format")
