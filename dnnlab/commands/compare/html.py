"""Tables for notebooks: plain HTML with all texts escaped."""

from __future__ import annotations

import html
from collections.abc import Sequence


def html_table(
    titles: Sequence[str],
    rows: Sequence[Sequence[str]],
    caption: str = "",
    notes: Sequence[str] = (),
    numbers: int = 0,
) -> str:
    """A table with a caption above and notes below. numbers: the first column that is set to the right."""
    head = "".join(f"<th>{safe(title)}</th>" for title in titles)
    body = "".join(
        "<tr>"
        + "".join(
            f'<td style="text-align: {_side(i, numbers)}">{safe(cell)}</td>' for i, cell in enumerate(row)
        )
        + "</tr>"
        for row in rows
    )
    above = (
        f'<caption style="caption-side: top; text-align: left">{safe(caption)}</caption>' if caption else ""
    )
    below = "".join(f"<p>{safe(note)}</p>" for note in notes)
    return f"<div><table>{above}<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{below}</div>"


def safe(text: str) -> str:
    """A text escaped for HTML; control characters and lone surrogates are written as escapes."""
    shown = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
    return html.escape(shown)


def _side(column: int, numbers: int) -> str:
    return "right" if column >= numbers else "left"
