"""The screen of `lr-find`: the curve as text, the suggestions with their reasons."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from time import perf_counter

from ...commands.lr_find.find import Found
from ...config.peak_rate import typed
from ..terminal.streams import Stream
from ..terminal.text import INDENT, labelled, next_lines

HEIGHT = 12
AXIS = 9  # columns of the numbers at the left
_DOTS = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))  # bits of a braille cell, row by row
MARKS = {"book": "B", "steepest": "S"}


def found_lines(
    found: Found, width: int, braille: bool, out: Path | None, picture: Path | None, following: Sequence[str]
) -> list[str]:
    """The whole answer."""
    lines = curve_lines(found, width, braille) if len(found.curve.rates) > 1 else []
    lines += [""]
    if found.problem:
        lines += labelled("nothing", found.problem, indent=INDENT, width=width)
    for suggestion in found.suggestions:
        lines += labelled(
            f"{suggestion.lr:g}", f"{MARKS[suggestion.rule]}: {suggestion.why}", indent=INDENT, width=width
        )
    if found.best is not None:
        taken = " ".join(typed(found.changes))
        lines += labelled("take", f"{taken}; the config says {found.lr:g}", indent=INDENT, width=width)
    if found.set_aside:
        lines += labelled(
            "aside", f"{' and '.join(found.set_aside)}: not part of the test", indent=INDENT, width=width
        )
    for label, path in (("wrote", out), ("picture", picture)):
        lines += (
            labelled(label, str(path), indent=INDENT, width=width, whole=True) if path is not None else []
        )
    return [*lines, *next_lines(list(following), width)]


class Walked:
    """The line that moves while the rates are walked, on a terminal."""

    def __init__(self, stream: Stream, steps: int) -> None:
        self.stream, self.steps, self.drawn, self.next_draw = stream, steps, 0, 0.0

    def __call__(self, step: int, lr: float, loss: float) -> None:
        """One step is over."""
        if not self.stream.live or perf_counter() < self.next_draw:
            return
        line = f" {step}/{self.steps} steps   lr {lr:.1e}   loss {number(loss)}"
        self.stream.write(f"\r{line}{' ' * (self.drawn - len(line))}")
        self.drawn, self.next_draw = len(line), perf_counter() + 0.1

    def clear(self) -> None:
        """Take the line away."""
        if self.drawn:
            self.stream.write(f"\r{' ' * self.drawn}\r")


def curve_lines(found: Found, width: int, braille: bool) -> list[str]:
    """The smoothed loss over the logarithm of the rate, with the suggestions marked below."""
    curve, smoothed = found.curve, list(found.curve.smoothed)
    columns = max(width - AXIS - 2, 20)
    places = [across(rate, found, columns * 2) for rate in curve.rates]
    low, high = min(smoothed), ceiling(smoothed)
    rows = cells(places, smoothed, columns, low, high, braille)
    titles = {
        0: high,
        HEIGHT - 1: low,
        (HEIGHT - 1) // 2: high - (high - low) * ((HEIGHT - 1) // 2) / (HEIGHT - 1),
    }
    lines = [f" {'loss':>{AXIS - 2}}"]
    lines += [
        f" {number(titles[i]) if i in titles else '':>{AXIS - 2}} {'┤' if braille else '|'}{row}".rstrip()
        for i, row in enumerate(rows)
    ]
    return [*lines, *axis_lines(found, columns, braille)]


def ceiling(smoothed: list[float]) -> float:
    """The top of the picture: a little above the first loss; an explosion would flatten the rest."""
    low, begin = min(smoothed), smoothed[0]
    top = min(max(smoothed), begin + 0.5 * (begin - low))
    return top if top > low else low + (abs(low) or 1.0)


def across(rate: float, found: Found, columns: int) -> int:
    """The column of a rate among `columns`."""
    low, high = math.log10(found.rates.low), math.log10(found.rates.high)
    return min(columns - 1, max(0, round((math.log10(rate) - low) / (high - low) * (columns - 1))))


def cells(
    places: list[int], values: list[float], columns: int, low: float, high: float, braille: bool
) -> list[str]:
    """Rows of characters: braille has two columns and four rows of dots in each, an asterisk one."""
    up = 4 * HEIGHT - 1
    bits = [[0] * columns for _ in range(HEIGHT)]
    before = None
    for place, value in zip(places, values, strict=True):
        down = min(up, max(0, round((high - value) / (high - low) * up)))
        for dot in (down, *([] if before is None else range(min(before, down) + 1, max(before, down)))):
            bits[dot // 4][place // 2] |= _DOTS[dot % 4][place % 2]
        before = down
        if value > high:
            break
    if braille:
        return ["".join(chr(0x2800 + b) if b else " " for b in row).rstrip() for row in bits]
    return ["".join("*" if b else " " for b in row).rstrip() for row in bits]


def axis_lines(found: Found, columns: int, braille: bool) -> list[str]:
    """The axis with a tick at each power of ten, the powers, and the marks of the suggestions."""
    first, last = (
        math.ceil(math.log10(found.rates.low) - 1e-9),
        math.floor(math.log10(found.rates.high) + 1e-9),
    )
    ticks = {across(10.0**power, found, columns): f"1e{power}" for power in range(first, last + 1)}
    line = "".join(
        ("┬" if braille else "+") if i in ticks else ("─" if braille else "-") for i in range(columns)
    )
    labels = [" "] * (columns + 4)
    for place, word in ticks.items():
        start = max(0, place - len(word) // 2)
        if all(c == " " for c in labels[max(0, start - 1) : start + len(word) + 1]):
            labels[start : start + len(word)] = word
    marks = [" "] * columns
    for suggestion in reversed(found.suggestions):
        marks[across(suggestion.lr, found, columns)] = MARKS[suggestion.rule]
    before = " " * AXIS
    lines = [f"{before}{'└' if braille else '+'}{line}"]
    if found.suggestions:
        lines.append(f"{before} {''.join(marks)}".rstrip())
    return [*lines, f"{before} {''.join(labels)}".rstrip()]


def number(value: float) -> str:
    """A loss in seven columns."""
    if 1e3 <= abs(value) < 1e5:
        return f"{value:,.0f}"
    return f"{value:.3g}" if 1e-3 <= abs(value) < 1e3 else f"{value:.1e}"
