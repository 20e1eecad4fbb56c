"""`dnnlab list`: parts with their summaries, for people, tables and programs."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

from ..terminal.text import clean, columns, cut, next_lines, wrap

Face = Mapping[str, Any]
COLUMNS = ("kind", "name", "aliases", "summary", "keys", "source")
NAME = 25
"""Columns up to the summary, at most."""
_CLAUSE_ENDS = ("; ", ": ", ", for ", ", which ", ", where ")


def catalogue_lines(faces: Sequence[Face], width: int, whole: bool) -> list[str]:
    """Parts grouped by kind, a line each; whole: summaries are wrapped instead of cut."""
    lines: list[str] = []
    for kind, group in groupby(faces, key=lambda face: str(face["kind"])):
        lines += [*([""] if lines else []), f" {kind}", *_group(list(group), width, whole)]
    first = next((face for face in faces if face["name"] == "adam"), faces[0] if faces else None)
    shown = [f"dnnlab show {first['kind']}.{first['name']}"] if first else []
    kind = faces[0]["kind"] if faces else "activation"
    return [*lines, "", *next_lines([*shown, f"dnnlab show {kind} --template"], width)]


def _group(faces: list[Face], width: int, whole: bool) -> list[str]:
    indent = min(NAME, 5 + max(columns(clean(face["name"])) for face in faces))
    lines = []
    for face in faces:
        name, summary = f"   {clean(face['name'])}", clean(face["summary"])
        aliases = f" (also {', '.join(face['aliases'])})" if face["aliases"] else ""
        room = width - indent
        pieces = wrap(clean(summary + aliases), room) if whole else [_shortened(summary, room)]
        if columns(name) + 2 > indent:
            lines.append(name)
            name = ""
        lines += [(name if i == 0 else "").ljust(indent) + piece for i, piece in enumerate(pieces)]
    return lines


def _shortened(text: str, width: int) -> str:
    """The text in one line: its first sentence or clauses if these are long enough, else cut after a word."""
    text = text.removesuffix(".")
    if columns(text) <= width:
        return text
    kept = cut(text, width + 2)
    for signs, least in (((". ",), width // 3), (_CLAUSE_ENDS, width // 3), ((", ",), width // 2)):
        ends = [kept.rfind(sign, 0, end) for sign in signs for end in range(len(kept), least, -1)]
        if good := [end for end in ends if least <= end <= width and _is_whole(kept[:end])]:
            return kept[: max(good)]
    return f"{cut(text, width - 3).rpartition(' ')[0] or cut(text, width - 4)} ..."


def _is_whole(text: str) -> bool:
    """Whether a text that was cut off has all its brackets, and does not end within dots."""
    return not text.endswith(".") and all(
        text.count(left) == text.count(right) for left, right in ("()", "[]", "{}")
    )


def catalogue_csv(faces: Sequence[Face]) -> list[str]:
    """The lines of a CSV file with a header; aliases and keys are separated by blanks."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(_cells(face) for face in faces)
    return text.getvalue().splitlines()


def catalogue_markdown(faces: Sequence[Face]) -> list[str]:
    """A table for a text in Markdown."""
    rows = [[cell.replace("|", "\\|") for cell in _cells(face)] for face in faces]
    return [f"| {' | '.join(row)} |" for row in [list(COLUMNS), ["---"] * len(COLUMNS), *rows]]


def _cells(face: Face) -> list[str]:
    values = {**face, "aliases": " ".join(face["aliases"]), "keys": " ".join(face["keys"])}
    return [clean(str(values[column])) for column in COLUMNS]
