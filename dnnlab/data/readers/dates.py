"""Dates in the cells of a table, and numbers that a net can learn from: `dates: {day: [year, season]}`."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from datetime import datetime

from .cells import EMPTY, ParsedCells

_DATE = re.compile(
    r"(\d{1,4})([-/.])(\d{1,2})\2(\d{1,4})(?:[T ]+(\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?).*)?", re.ASCII
)
_ORDERS = ("ymd", "dmy", "mdy")
_TURN = 2 * math.pi
_EPOCH = datetime(1970, 1, 1)


def _days(when: datetime) -> float:
    return (when - _EPOCH).total_seconds() / 86400


def _year_share(when: datetime) -> float:
    start, end = datetime(when.year, 1, 1), datetime(when.year, 12, 31)
    return (when - start).total_seconds() / 86400 / ((end - start).days + 1)


# part -> the name of each feature that it becomes, and its number
_FEATURES: dict[str, dict[str, Callable[[datetime], float]]] = {
    "year": {"year": lambda when: when.year},
    "month": {"month": lambda when: when.month},
    "day": {"day": lambda when: when.day},
    "weekday": {"weekday": lambda when: when.isoweekday()},
    "hour": {"hour": lambda when: when.hour + when.minute / 60 + when.second / 3600},
    "days": {"days": _days},
    "season": {
        "season_sin": lambda when: math.sin(_TURN * _year_share(when)),
        "season_cos": lambda when: math.cos(_TURN * _year_share(when)),
    },
    "daytime": {
        "daytime_sin": lambda when: math.sin(_TURN * _days(when)),
        "daytime_cos": lambda when: math.cos(_TURN * _days(when)),
    },
}


def date_features(column: str, parts: Sequence[str]) -> dict[str, Callable[[datetime], float]]:
    """The features that the parts of a date column become, by name: `day.year`, `day.season_sin`."""
    return {f"{column}.{name}": number for part in parts for name, number in _FEATURES[part].items()}


def date_order(texts: Sequence[str]) -> str:
    """The order of year, month and day that reads all texts: "ymd", "dmy" or "mdy".

    "" if some are no dates, "?" if day and month could be either.
    """
    filled = [text for text in texts if text.lower() not in EMPTY]
    orders = [order for order in _ORDERS if all(parse_date(text, order) is not None for text in filled)]
    if not filled or not orders:
        return ""
    return orders[0] if len(orders) == 1 or all("." in text for text in filled) else "?"


def parse_date(text: str, order: str) -> datetime | None:
    """The date, with its time of day if it has one, None for a text that is no date in this order."""
    match = _DATE.fullmatch(text)
    if match is None:
        return None
    given = dict(zip(order, (match[1], match[3], match[4]), strict=True))
    if len(given["y"]) != 4 or max(len(given["m"]), len(given["d"])) > 2:
        return None
    clock = [float(piece) for piece in (match[5] or "0:0").split(":")]
    try:
        return datetime(int(given["y"]), int(given["m"]), int(given["d"]), int(clock[0]), int(clock[1]),
                        int(clock[2]) if len(clock) > 2 else 0)  # fmt: skip
    except ValueError:
        return None


def date_cells(cells: Sequence[str], order: str, number: Callable[[datetime], float]) -> ParsedCells:
    """A feature of a column of dates."""

    def parse(text: str) -> float | None:
        when = parse_date(text, order)
        return None if when is None else float(number(when))

    return ParsedCells(cells, parse)
