"""The shell that all pages share: one HTML file with its styles, script and pictures inside, which asks no network for anything.

How a page is made of it:

- `fragment(template, **values)` fills a template of this package; every text in it is shown as text, whatever it holds.
- `Section(id, title, body)` is a part of the page with its entry in the list of contents; `body` comes from fragments and charts.
- `page(title, head, sections, also=...)` is the whole file; `also` names style sheets and scripts of one kind of page.

A template may use the styles of `shell.css` (`.cards`, `.charts`, `.scroll`, `.pill`, `.quiet`,
`table.numbers`) and these switches of `shell.js`: `<button data-copy>` copies the text of the element before
it. Charts come from `charts.chart_html`. The page's policy admits this script alone (by its hash) and no
address but `data:`; a text that were to become markup would stay dead.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from ..version import __version__
from .figures import counted, duration, figure, percent, sentence, visible

TEMPLATES = Path(__file__).parent / "templates"
SCRIPTS, START = ("shell.js", "lines.js", "ridges.js"), "start.js"


@dataclass(frozen=True)
class Section:
    """A part of a page. id: its anchor. lead: a sentence below the title."""

    id: str
    title: str
    body: Markup
    lead: str = ""


def page(
    title: str, head: Markup, sections: Sequence[Section], foot: str = "", also: Sequence[str] = ()
) -> str:
    """The whole file. title: plain text. head: what stands above the contents. foot: the last line, plain text.

    also: style sheets and scripts of this kind of page. A script with a drawing adds it to `DRAWINGS`.
    """
    style = Markup("\n".join(_text(name) for name in ("shell.css", *also) if name.endswith(".css")))
    script = Markup("\n".join(_text(name) for name in (*SCRIPTS, *also, START) if name.endswith(".js")))
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    shown = [section for section in sections if section.body]
    return str(
        fragment(
            "shell.html",
            title=title,
            head=head,
            sections=shown,
            foot=foot,
            style=style,
            script=script,
            digest=digest,
        )
    )


def fragment(template: str, **values: Any) -> Markup:
    """A template of this package filled with values; texts are escaped, `Markup` is not."""
    return Markup(_environment().get_template(template).render(**values))


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=lambda value: (
            visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value
        ),
    )
    environment.filters |= {
        "sentence": sentence,
        "figure": figure,
        "percent": percent,
        "counted": counted,
        "duration": duration,
    }
    environment.globals["version"] = __version__
    return environment


@cache
def _text(name: str) -> str:
    return (TEMPLATES / name).read_text(encoding="utf-8")
