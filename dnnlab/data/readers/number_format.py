"""Numbers as people and spreadsheets write them: decimal commas, thousands separators, signs of a unit."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cached_property

from .cells import EMPTY

_UNITS = "$€£¥₹%"
# (decimal, thousands), the plainer ones first; 1,000 is a thousand rather than 1
_GUESSES = ((".", ""), (".", ","), (",", ""), (",", "."), (".", " "), (",", " "), (".", "'"))
_SPACES = " \u00a0\u202f"


@dataclass(frozen=True)
class NumberFormat:
    """How numbers are written in a file."""

    decimal: str = "."
    """Between the whole part and the decimals."""
    thousands: str = ""
    """Between groups of three digits; "" for nothing."""
    strip: str = ""
    """Characters around a number that do not belong to it, such as `$%`."""

    @property
    def plain(self) -> bool:
        """Whether numbers are written as Python reads them."""
        return self == NumberFormat()

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        mark = f"[{_SPACES}]" if self.thousands == " " else re.escape(self.thousands)
        grouped = rf"[1-9]\d{{0,2}}(?:{mark}\d{{3}})+|" if self.thousands else ""
        point = re.escape(self.decimal)
        return re.compile(rf"((?:{grouped}\d+)(?:{point}\d*)?|{point}\d+)((?:[eE][+-]?\d+)?)", re.ASCII)

    def number(self, cell: str) -> float | None:
        """The number of a cell, None for a cell that is none in this format."""
        around = self.strip + _SPACES
        body = cell.strip(around)
        sign = body[:1] if body[:1] in ("+", "-") else ""
        match = self._pattern.fullmatch(body[len(sign) :].strip(around))
        if match is None:
            return None
        digits = match[1]
        for mark in _SPACES if self.thousands == " " else self.thousands:
            digits = digits.replace(mark, "")
        return float(sign + digits.replace(self.decimal, ".") + match[2])

    def lines(self) -> str:
        """The keys to add to a config: `decimal: ","` and `thousands: "."`."""
        plain = asdict(NumberFormat())
        keys = [(key, value) for key, value in asdict(self).items() if value != plain[key]]
        return " and ".join(f'`{key}: "{value}"`' for key, value in keys)


def guessed_format(texts: Sequence[str]) -> NumberFormat | None:
    """The format in which all texts of a column are numbers; None if some are text, or all are plain.

    A comma before exactly three digits in every cell parts thousands rather than decimals.
    """
    filled = [text for text in texts if text.lower() not in EMPTY]
    if not filled or all(NumberFormat().number(text) is not None for text in filled):
        return None
    strip = "".join(sign for sign in _UNITS if any(sign in text for text in filled))
    for decimal, thousands in _GUESSES:
        found = NumberFormat(decimal, thousands, strip)
        if all(found.number(text) is not None for text in filled):
            return found
    return None


def format_words(found: NumberFormat) -> str:
    """What is unusual about the numbers: `decimal commas and a thousands separator`."""
    words = ["decimal commas"] if found.decimal == "," else []
    words += [f'a thousands separator ("{found.thousands}")'] if found.thousands else []
    words += [f'signs ("{found.strip}")'] if found.strip else []
    return " and ".join(words)
