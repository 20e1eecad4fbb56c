"""Format numbers and texts for a page."""

from __future__ import annotations

import math


def visible(text: str) -> str:
    r"""The text with control characters, format characters and lone surrogates written as escapes.

    Such characters could hide text or reverse it.

    >>> visible("a\u202eb\x00\n")
    'a\\u202eb\\x00\n'
    """
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() or c in "\n\t" else c.encode("unicode_escape").decode() for c in text)


def sentence(text: str) -> str:
    """The text with a capital at its beginning, unless it begins with a name (`val_loss`, `hidden1`).

    >>> sentence("each layer"), sentence("val_loss rose")
    ('Each layer', 'val_loss rose')
    """
    first = text.partition(" ")[0]
    return text[:1].upper() + text[1:] if first.isalpha() and first.islower() else text


def figure(value: float | None) -> str:
    """A measure with four figures; powers of ten outside 1e-3 .. 1e6.

    >>> [figure(x) for x in (0.98123, 1234.5678, 3e-7, 12345678.0, 0.0, 2.0, None)]
    ['0.9812', '1,235', '3.0e-7', '1.2e7', '0', '2', '-']
    """
    if value is None:
        return "-"
    if not math.isfinite(value):
        return f"{value}"
    size = abs(value)
    if size and not 1e-3 <= size < 1e6:
        mantissa, power = f"{value:.1e}".split("e")
        return f"{mantissa}e{int(power)}"
    if size >= 1000:
        return f"{value:,.0f}"
    return f"{value:g}" if float(value).is_integer() else f"{value:.4f}" if size < 1 else f"{value:#.4g}"


def percent(share: float | None) -> str:
    """A share: `12.3 %`, `0 %`; `< 0.1 %` for what is not nothing.

    >>> [percent(x) for x in (0.1234, 0.0, 1.0, 0.00002, None)]
    ['12.3 %', '0 %', '100 %', '< 0.1 %', '-']
    """
    if share is None or not math.isfinite(share):
        return "-"
    if 0 < share < 0.001:
        return "< 0.1 %"
    return f"{100 * share:.0f} %" if share in (0.0, 1.0) else f"{100 * share:.1f} %"


def counted(number: int, word: str, words: str = "") -> str:
    """`1 epoch`, `1,407 steps`."""
    return f"{number:,} {word if number == 1 else words or word + 's'}"


def duration(seconds: float | None) -> str:
    """`0.2 s`, `8 min 02 s`, `2 h 05 min`."""
    if seconds is None or not math.isfinite(seconds):
        return "-"
    whole = round(seconds)
    if seconds < 60:
        return f"{seconds:.1f} s" if seconds < 9.95 else f"{whole} s"
    return (
        f"{whole // 60} min {whole % 60:02d} s"
        if whole < 3600
        else f"{whole // 3600} h {whole % 3600 // 60:02d} min"
    )
