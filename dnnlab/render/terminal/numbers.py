"""Numbers as a screen shows them."""

from __future__ import annotations

import math


def fitted(value: float | None, width: int = 6) -> str:
    """A measure in at most `width` (6 or more) characters: four decimals if they fit, else what does.

    >>> [fitted(x) for x in (4.04621, 120.4567, 3e7, 0.00023, -1e300, float("nan"), None)]
    ['4.0462', '120.46', '3.0e7', '2.3e-4', '-1e300', 'nan', '-']
    """
    if value is None:
        return "-"
    if not math.isfinite(value):
        return f"{value}"
    places = [f"{value:.{decimals}f}" for decimals in (4, 3, 2, 1, 0)] if abs(value) < 1e7 else []
    powers = [f"{m}e{int(e)}" for m, e in (f"{value:.{decimals}e}".split("e") for decimals in (1, 0))]
    small = 0 < abs(value) < 1e-3
    forms = [*powers, *places] if small else [*places, *powers]
    return next((form for form in forms if len(form) <= width), forms[-1])


def rate(value: float | None) -> str:
    """A learning rate: `0.001`, `5e-05`, `0.000123`."""
    return "-" if value is None else f"{value:.3g}"


def ratio(value: float | None) -> str:
    """A small ratio: `9.1e-04`, `0`."""
    if value is None:
        return "-"
    return f"{value:.1e}" if value and math.isfinite(value) else f"{value:g}"


def gap(value: float) -> str:
    """A difference of two measures: `0.05`, `2.1e-03`, `12`."""
    size = abs(value)
    return f"{value:.3g}" if size >= 10 else f"{value:.2f}" if size >= 0.005 or value == 0 else f"{value:.1e}"


def seconds(value: float) -> str:
    """Seconds an epoch took: `0.008`, `0.25`, `9.8`, `1,240`."""
    return (
        f"{value:.3f}"
        if value < 0.01
        else f"{value:.2f}"
        if value < 1
        else f"{value:.1f}"
        if value < 100
        else f"{value:,.0f}"
    )


def speed(value: float) -> str:
    """`4,640/s`, `3.2/s`."""
    return f"{value:,.0f}/s" if value >= 10 else f"{value:.1f}/s"


def duration(value: float) -> str:
    """`0.4 s`, `12 s`, `8 min 02 s`, `2 h 05 min`, `3 d 04 h`.

    >>> [duration(x) for x in (0.42, 59.6, 482, 7500, 273600)]
    ['0.4 s', '1 min 00 s', '8 min 02 s', '2 h 05 min', '3 d 04 h']
    """
    if not math.isfinite(value):
        return "-"
    if value < 9.95:
        return f"{value:.1f} s"
    whole = round(value)
    for size, unit, smaller, below in ((86400, "d", 3600, "h"), (3600, "h", 60, "min"), (60, "min", 1, "s")):
        if whole >= size:
            return f"{whole // size} {unit} {whole % size // smaller:02d} {below}"
    return f"{whole} s"


def remaining(value: float) -> str:
    """The time that is left, roughly: `4 s`, `14 min`, `2 h 05 min`."""
    return (
        f"{math.ceil(value)} s"
        if value < 99.5
        else f"{round(value / 60)} min"
        if value < 5400
        else duration(value)
    )


def counted(number: int, word: str, words: str = "") -> str:
    """`1 epoch`, `1,407 steps`."""
    return f"{number:,} {word if number == 1 else words or word + 's'}"
