"""Numbers in the words of a check."""

from __future__ import annotations

from collections.abc import Sequence


def number(value: float) -> str:
    """As one would write it in a config.

    >>> [number(x) for x in (1e-4, 2.5e-3, 0.001, 0.01, 0.5, 3.0, 12000.0)]
    ['1e-4', '2.5e-3', '1e-3', '0.01', '0.5', '3', '1.2e4']
    """
    if value and not 5e-3 <= abs(value) < 1e4:
        mantissa, power = f"{value:.2e}".split("e")
        return f"{float(mantissa):g}e{int(power)}"
    return f"{value:.4g}"


def measure(value: float, digits: int = 4) -> str:
    """A loss: `2.303`, `28,550`, `1.2e-5`.

    >>> [measure(x) for x in (2.30259, 28551.3, 1.2e-5, 0.114, 1e9)]
    ['2.303', '28,551', '1.2e-5', '0.114', '1e9']
    """
    if 1e3 <= abs(value) < 1e7:
        return f"{value:,.{max(0, digits - 5)}f}"
    if value and not 1e-3 <= abs(value) < 1e3:
        mantissa, power = f"{value:.{digits - 2}e}".split("e")
        return f"{float(mantissa):g}e{int(power)}"
    return f"{value:.{digits}g}"


def apart(values: Sequence[float]) -> list[str]:
    """Losses with as many digits as it takes to tell them apart, up to nine.

    >>> apart([2.303, 2.30301, 2.4])
    ['2.303', '2.30301', '2.4']
    """
    shown = [[measure(value, digits) for value in values] for digits in range(4, 10)]
    return next((texts for texts in shown if len(set(texts)) == len(set(values))), shown[-1])
