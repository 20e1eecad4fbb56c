"""Make the sections of a run's page from numbers and texts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from ..rundir.status import RunStatus
from .charts import Chart, Ridges, charts_html
from .shell import Section, fragment

MOST_CLASSES = 40  # of a confusion matrix that is shown whole
MOST_MISTAKES = 6


@dataclass(frozen=True)
class Fact:
    """A number at the top of the page."""

    label: str
    """The name of the number."""
    value: str
    """The number as text."""
    beside: str = ""
    """Small text below it."""


@dataclass(frozen=True)
class Missing:
    """Content that a page cannot show."""

    what: str
    """A sentence that names it."""
    key: str = ""
    """The key under `logging:` that turns it on."""
    value: str = ""
    """The value of that key."""
    command: str = ""
    """The command line that turns it on."""


@dataclass(frozen=True)
class Share:
    """How often a class occurs."""

    name: str
    """The class."""
    predicted: float
    """Its share of the predictions."""
    true: float | None
    """Its share of the rows; None if it is not known."""


@dataclass(frozen=True)
class Tile:
    """A small picture with its label."""

    uri: str
    """The picture as a `data:` address."""
    label: str
    """The text below it."""


@dataclass(frozen=True)
class Example:
    """A row with a high loss."""

    row: str
    """The number of the row."""
    predicted: str
    """The predicted class."""
    true: str
    """The true class."""
    loss: float
    """The loss of the row."""
    sure: float | None = None
    """The probability of the predicted class; None if it is unknown."""
    picture: str = ""
    """The row as a picture (a `data:` address), or ""."""
    values: Sequence[tuple[str, str]] = ()
    """(name, number) of each input, if the row is no picture."""


def head(
    name: str,
    folder: str,
    status: RunStatus,
    over: Sequence[str],
    facts: Sequence[Fact],
    says: str = "",
    alerts: Sequence[str] = (),
) -> Markup:
    """The head of the page, above the contents.

    over: small texts in one line. says: the note of the user. alerts: descriptions of damage.
    """
    return fragment(
        "run_head.html",
        name=name,
        folder=folder,
        status=status.text,
        tone=status.tone,
        over=over,
        facts=facts,
        says=says,
        alerts=alerts,
    )


def verdicts(
    found: Sequence[Mapping[str, Any]],
    fine: Sequence[str],
    skipped: Mapping[str, str],
    missing: Sequence[Missing] = (),
) -> Section:
    """The verdicts with their advice, or a sentence that there are none.

    found: in the form of verdicts.json, each with those that follow from it as `consequences`.
    """
    body = fragment("verdicts.html", verdicts=found, fine=fine, skipped=skipped)
    return Section("verdicts", "Verdicts", body + missed(missing))


def curves(
    id: str,
    title: str,
    charts: Sequence[Chart | Ridges],
    missing: Sequence[Missing] = (),
    *,
    lead: str = "",
    narrow: bool = False,
    beside: Markup | None = None,
    below: Markup | None = None,
) -> Section:
    """Charts, the content beside or below them, and notes on missing ones."""
    return Section(
        id, title, charts_html(charts, narrow, beside) + (below or Markup("")) + missed(missing), lead
    )


def titled(title: str, body: Markup) -> Markup:
    """A part of a section under a title of its own."""
    return fragment("titled.html", title=title, body=body)


def missed(missing: Sequence[Missing]) -> Markup:
    """Content that a page cannot show, and how to record it."""
    return Markup("").join(fragment("missing.html", missing=one) for one in missing)


def table(titles: Sequence[str], rows: Sequence[Sequence[str]], note: str = "") -> Markup:
    """A table with names in the first column and numbers in the others."""
    return fragment("layers.html", titles=titles, rows=rows, note=note) if rows else Markup("")


def classes(title: str, shares: Sequence[Share], note: str = "") -> Markup:
    """Two bars for each class: how often it was predicted, and how often it occurs."""
    most = max([1e-9, *(max(share.predicted, share.true or 0.0) for share in shares)])
    return fragment("classes.html", title=title, rows=shares, most=most, note=note)


def tiles(found: Sequence[Tile], note: str) -> Markup:
    """Small pictures in rows."""
    return fragment("weights.html", tiles=found, note=note)


def confusion(
    names: Sequence[str], counts: Sequence[Sequence[int]] | None, mistakes: Sequence[Mapping[str, Any]]
) -> Markup:
    """The confusion matrix, if it is not too large, and the most frequent mistakes.

    Rows are true classes, columns are predicted ones. The shade is the share of the true class.
    """
    rows = []
    if counts is not None and len(names) <= MOST_CLASSES:
        for i, (name, row) in enumerate(zip(names, counts, strict=True)):
            total = sum(row) or 1
            cells = [_cell(count, count / total, i == j) for j, count in enumerate(row)]
            rows.append({"name": name, "cells": cells})
    return fragment("confusion.html", names=names, rows=rows, mistakes=mistakes[:MOST_MISTAKES])


def _cell(count: int, share: float, right: bool) -> dict[str, Any]:
    kind = "none" if not count else "right" if right else "wrong"
    # A share of one class's mistakes is small: its root can still be told from nothing.
    return {"count": count, "share": share, "kind": kind, "part": 100 * (share if right else share**0.5)}


def examples(found: Sequence[Example], note: str) -> Markup:
    """Rows with their pictures or numbers."""
    return fragment("examples.html", examples=found, note=note)


def config(text: str, overrides: Sequence[str]) -> Section:
    """The resolved config."""
    return Section("config", "Config", fragment("config.html", text=text, overrides=overrides))


def pairs(id: str, title: str, found: Sequence[tuple[str, str]]) -> Section:
    """Names and texts."""
    return Section(id, title, fragment("pairs.html", pairs=found) if found else Markup(""))
