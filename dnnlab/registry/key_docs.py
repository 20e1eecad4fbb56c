"""The documentation of keys: lines under the fields of a section, labels in the docstring of a part."""

from __future__ import annotations

import ast
import inspect
import re
import textwrap
from collections.abc import Iterable
from functools import cache
from itertools import pairwise

from .model import yaml_name

_LABEL = re.compile(r"(?:^|(?<=[.)\s]))((?:\w+, )*\w+)((?: \w+)?): ")
_ENDS = re.compile(r"\n\s*\n|(?:^|(?<=\s))(?:Raises|Shapes:|Returns)\b")


@cache
def field_texts(section: type) -> dict[str, str]:
    """Field -> the text under it in the source of the class, on one line.

    A class without source has no texts.
    """
    try:
        source = textwrap.dedent(inspect.getsource(section))
    except (OSError, TypeError):
        return {}
    found = {}
    (definition,) = ast.parse(source).body
    for field, below in pairwise(ast.iter_child_nodes(definition)):
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name):
            text = below.value if isinstance(below, ast.Expr) else None
            if isinstance(text, ast.Constant) and isinstance(text.value, str):
                found[yaml_name(field.target.id)] = " ".join(text.value.split())
    return found


def key_texts(doc: str | None, keys: Iterable[str]) -> dict[str, str]:
    r"""Key -> what the docstring says of it, on one line; keys of which it says nothing are left out.

    A text begins after `key: ` (or `key, other: `, or `key word: `, which keeps the word) and ends at the
    next such label, at an empty line, or at the shapes and errors of the docstring.

    >>> key_texts("Down. low, high: ends, > 0. seed: of the\n points. Raises `E`.", ["low", "high", "seed"])
    {'low': 'ends, > 0.', 'high': 'ends, > 0.', 'seed': 'of the points.'}
    """
    known = set(keys)
    doc = re.sub(r"(?<!\n)\n(?!\n)", " ", inspect.cleandoc(doc or ""))  # a label may end its line
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
