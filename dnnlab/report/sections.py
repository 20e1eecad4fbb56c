"""The sections of pages: from numbers and texts to `Section`s."""

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
    """A number at the top of the page. beside: small words below it."""

    label: str
    value: str
    beside: str = ""


@dataclass(frozen=True)
class Missing:
    """What a page cannot show. key, value: what under `logging:` turns it on; command: the line that does it."""

    what: str
    key: str = ""
    value: str = ""
    command: str = ""


@dataclass(frozen=True)
class Advice:
    """What to do: words, a command line and lines of YAML, each "" where there is none."""

    do: str
    command: str = ""
    yaml: str = ""


@dataclass(frozen=True)
class Verdict:
    """What is wrong with a run. severity: note, warning or critical. consequences: what follows from it."""

    name: str
    severity: str
    since: int | None = None
    evidence: Sequence[str] = ()
    why: str = ""
    source: str = ""
    advice: Sequence[Advice] = ()
    consequences: Sequence[Verdict] = ()

    @property
    def title(self) -> str:
        """`Vanishing gradients`."""
        words = self.name.replace("_", " ")
        return words[:1].upper() + words[1:]


@dataclass(frozen=True)
class Share:
    """A class. predicted, true: its share of the answers and of the rows; true None where it is not known."""

    name: str
    predicted: float
    true: float | None


@dataclass(frozen=True)
class Tile:
    """A small picture (a `data:` address) with its words."""

    uri: str
    label: str


@dataclass(frozen=True)
class Example:
    """A row that a net gets wrong. sure: the probability of the predicted class, None where there is none. values: (name, number) pairs."""

    row: str
    predicted: str
    true: str
    loss: float
    sure: float | None = None
    picture: str = ""
    values: Sequence[tuple[str, str]] = ()


def head(
    name: str,
    folder: str,
    status: RunStatus,
    over: Sequence[str],
    facts: Sequence[Fact],
    says: str = "",
    alerts: Sequence[str] = (),
) -> Markup:
    """What stands above the contents. over: small words in one line; says: the user's own note; alerts: what is damaged."""
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
    found: Sequence[Verdict], fine: Sequence[str], skipped: Mapping[str, str], missing: Sequence[Missing] = ()
) -> Section:
    """What is wrong and what to do; a clean bill where nothing is."""
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
    """Charts, what stands beside or below them, and what is missing among them."""
    return Section(
        id, title, charts_html(charts, narrow, beside) + (below or Markup("")) + missed(missing), lead
    )


def titled(title: str, body: Markup) -> Markup:
    """A part of a section under a title of its own."""
    return fragment("titled.html", title=title, body=body)


def missed(missing: Sequence[Missing]) -> Markup:
    """What a page cannot show, and how it could."""
    return Markup("").join(fragment("missing.html", missing=one) for one in missing)


def table(titles: Sequence[str], rows: Sequence[Sequence[str]], note: str = "") -> Markup:
    """A table whose first column are names, the others numbers."""
    return fragment("layers.html", titles=titles, rows=rows, note=note) if rows else Markup("")


def classes(title: str, shares: Sequence[Share], note: str = "") -> Markup:
    """Two bars for each class: how often it was predicted, and how often it is true."""
    most = max([1e-9, *(max(share.predicted, share.true or 0.0) for share in shares)])
    return fragment("classes.html", title=title, rows=shares, most=most, note=note)


def tiles(found: Sequence[Tile], note: str) -> Markup:
    """Small pictures in rows."""
    return fragment("weights.html", tiles=found, note=note)


def confusion(
    names: Sequence[str], counts: Sequence[Sequence[int]] | None, mistakes: Sequence[Mapping[str, Any]]
) -> Markup:
    """The matrix (rows true, columns predicted; shaded by the share of the class) where it is not too large, and the mistakes."""
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
