"""What a docstring says of each key: `lr: learning rate, > 0. momentum: in [0, 1).`"""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterable

_LABEL = re.compile(r"(?:^|(?<=[.)\s]))((?:\w+, )*\w+)((?: \w+)?): ")
_ENDS = re.compile(r"\n\s*\n|(?:^|(?<=\s))(?:Raises|Shapes:|Returns)\b")


def key_texts(doc: str | None, keys: Iterable[str]) -> dict[str, str]:
    """Key -> what the docstring says of it, on one line; keys of which it says nothing are left out.

    A text begins behind `key: ` (or `key, other: `, or `key word: `, which keeps the word) and ends at the
    next such label, at an empty line, or where the docstring turns to shapes and errors.

    >>> key_texts("Down. low, high: ends, > 0. seed: of the\\n points. Raises `E`.", ["low", "high", "seed"])
    {'low': 'ends, > 0.', 'high': 'ends, > 0.', 'seed': 'of the points.'}
    """
    known, doc = set(keys), inspect.cleandoc(doc or "")
    labels = [m for m in _LABEL.finditer(doc) if set(m[1].split(", ")) <= known]
    found: dict[str, str] = {}
    for i, label in enumerate(labels):
        end = labels[i + 1].start() if i + 1 < len(labels) else len(doc)
        text = doc[label.end() : end]
        if stop := _ENDS.search(text):
            text = text[: stop.start()]
        words = " ".join(f"{label[2].strip()}{': ' if label[2] else ''}{text}".split())
        for key in label[1].split(", "):
            found[key] = f"{found[key]} {words}" if key in found else words
    return found
