"""The values of plain YAML scalars: the core schema of YAML 1.2 (section 10.3.2), nothing else.

So `1e-3` is a number, `no` a text, `010` ten, and there are no dates and no sexagesimal numbers.
"""

from __future__ import annotations

import re
from typing import Any

_NULL = re.compile(r"null|Null|NULL|~|")
_TRUE = re.compile(r"true|True|TRUE")
_FALSE = re.compile(r"false|False|FALSE")
_INT = re.compile(r"[-+]?[0-9]+")
_OCTAL = re.compile(r"0o[0-7]+")
_HEX = re.compile(r"0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_INFINITY = re.compile(r"[-+]?\.(inf|Inf|INF)")
_NAN = re.compile(r"\.(nan|NaN|NAN)")
LARGEST_BITS = 63
"""Bits of whole numbers without the sign; torch takes no larger ones."""


def scalar(text: str) -> Any:
    """The value of an unquoted scalar. Raises `ValueError` for a whole number that no key could take."""
    if _NULL.fullmatch(text):
        return None
    if _TRUE.fullmatch(text) or _FALSE.fullmatch(text):
        return text[0] in "tT"
    for pattern, base in ((_INT, 10), (_OCTAL, 8), (_HEX, 16)):
        if pattern.fullmatch(text):
            # Python itself refuses to read some thousands of digits.
            if len(text) > 3 + LARGEST_BITS or (number := int(text, base)).bit_length() > LARGEST_BITS:
                raise ValueError("a number with fewer digits")
            return number
    if _FLOAT.fullmatch(text):
        return float(text)
    if _INFINITY.fullmatch(text):
        return float("-inf") if text.startswith("-") else float("inf")
    return float("nan") if _NAN.fullmatch(text) else text
