"""Names of classes: a cell is text, unless the whole column holds numbers that read back as written."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

import numpy as np

from ..raw import Array
from .cells import in_order, shown

# 7 and 7.0 are one number; 007, 1e1, +7 and 7_0 would be written otherwise, so they are texts.
_WHOLE = re.compile(r"(-?(?:0|[1-9]\d*))(?:\.0+)?", re.ASCII)
_CODE = re.compile(r"[-+]?(?:0\d+|\d{16,})", re.ASCII)
_TRUTH = {"false": "False", "true": "True"}


def class_labels(texts: Sequence[str]) -> dict[str, str]:
    """The name of the class that each different text of a column stands for."""
    filled = [text for text in texts if text]
    whole = [_WHOLE.fullmatch(text) for text in filled]
    if filled and all(whole):
        names = [match[1] for match in whole if match]
        return {**dict(zip(filled, names, strict=True)), **({"": ""} if "" in texts else {})}
    folded = [text.lower() for text in filled]
    if set(folded) <= set(_TRUTH) and len(set(filled)) > len(set(folded)):
        return {text: _TRUTH.get(text.lower(), text) for text in texts}
    return {text: text for text in texts}


def are_codes(texts: Sequence[str]) -> bool:
    """Whether numbers are codes: with leading zeros, or with more digits than a float holds.

    >>> are_codes(["01", "2"]), are_codes(["0", "0.5"]), are_codes(["12345678901234567890"])
    (True, False, True)
    """
    return any(_CODE.fullmatch(text) for text in texts)


def class_names(texts: Sequence[str]) -> tuple[str, ...]:
    """The classes of a column in their order. texts: the different ones."""
    return tuple(in_order(list(class_labels(texts).values())))


def class_numbers(texts: Sequence[str], codes: Array) -> tuple[tuple[str, ...], Array]:
    """The classes of a column, and the class of each row, which has the text texts[code]."""
    labels, names = class_labels(texts), class_names(texts)
    number = {name: i for i, name in enumerate(names)}
    return names, np.array([number[labels[text]] for text in texts], dtype=np.int64)[codes]


def known_class(text: str, names: Sequence[str]) -> int | None:
    """The number of the class that a cell of new data names, by the same rule; None for no class."""
    if text in names:
        return list(names).index(text)
    if (match := _WHOLE.fullmatch(text)) and all(_WHOLE.fullmatch(name) for name in names):
        return list(names).index(match[1]) if match[1] in names else None
    folded = [name.lower() for name in names]
    return folded.index(text.lower()) if text.lower() in folded and set(folded) <= set(_TRUTH) else None


def label_note(column: str, texts: Sequence[str]) -> str:
    """What the user should know of classes that are spelled alike; "" for none."""
    labels = class_labels(texts)
    spellings = [text for text in texts if text and labels[text] in _TRUTH.values()]
    if len(spellings) > len({labels[text] for text in spellings}):
        return (
            f'"{column}" spells true and false in {len(spellings)} ways, read as the classes False and True'
        )
    names = sorted(set(labels.values()) - {""})
    if pair := _alike(names, _number):
        return f'classes of "{column}" are the same number ({pair}): they stay apart, as texts'
    if pair := _alike(names, str.casefold):
        return f'classes of "{column}" differ only in capitals ({pair}): they stay apart'
    return ""


def _alike(names: Sequence[str], key: Callable[[str], str | float | None]) -> str:
    """The first names that a key makes equal, and how many more such groups there are."""
    groups: dict[str | float | None, list[str]] = {}
    for name in names:
        groups.setdefault(key(name), []).append(name)
    same = [
        " and ".join(group[:3]) for value, group in groups.items() if len(group) > 1 and value is not None
    ]
    return shown(same) if same else ""


def _number(name: str) -> float | None:
    try:
        number = float(name)
    except ValueError:
        return None
    return number if "_" not in name and number == number else None
