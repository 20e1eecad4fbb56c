"""The frame that all pages share: one HTML file with its styles, script and pictures inside.

The file loads nothing from a network. A page is made of:

- `fragment(template, **values)` fills a template of this package and escapes every text in it.
- `Section(id, title, body)` is a part of the page with an entry in its list of contents. `body` is made of
  fragments and charts.
- `page(title, head, sections, also=...)` is the whole file. `also` names style sheets and scripts of one kind
  of page.

A template may use the styles of `shell.css` (`.cards`, `.charts`, `.scroll`, `.pill`, `.quiet`,
`table.numbers`). A `<button data-copy>` copies the text of the element before it (`shell.js`).
`charts.chart_html` makes charts. The content security policy of the page allows only this script (by its
hash) and only `data:` addresses, so that markup in a text could not run.
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
    """A part of a page."""

    id: str
    """Its anchor."""
    title: str
    """Its title."""
    body: Markup
    """Its content."""
    lead: str = ""
    """A sentence below the title."""


def page(
    title: str, head: Markup, sections: Sequence[Section], foot: str = "", also: Sequence[str] = ()
) -> str:
    """The whole file.

    head: the content above the list of contents. title, foot: plain text; foot is the last line. also: style
    sheets and scripts of this kind of page. A script with a drawing adds it to `DRAWINGS`.
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
    """A template of this package, filled with values; texts are escaped, `Markup` is not."""
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
