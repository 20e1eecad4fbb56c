"""Plain values as one line of YAML 1.2, for error texts, notes and overrides."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

_WORD = re.compile(r"[A-Za-z_./~][A-Za-z0-9_./%-]*( [A-Za-z0-9_./%-]+)*|[0-9]+(\.[0-9]+)? (epochs?|steps?|%)")
_NOT_A_WORD = re.compile(r"(?i:true|false|null|~|\.nan|\.inf)|\.[0-9]+([eE][0-9-]*)?")


def inline(value: Any) -> str:
    """The value in flow style, such as `{name: sgd, lr: 5e-05}`; texts are quoted only if YAML needs it."""
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return {"inf": ".inf", "-inf": "-.inf", "nan": ".nan"}.get(repr(value), repr(value))
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{inline(k)}: {inline(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(inline(v) for v in value) + "]"
    if isinstance(value, str):
        safe = _WORD.fullmatch(value) and not _NOT_A_WORD.fullmatch(value)
        return value if safe else _quoted(value)
    return str(value)


def _quoted(text: str) -> str:
    # YAML quotes as JSON does, except that it escapes some signs that JSON leaves alone or splits in two.
    return "".join(c if c.isprintable() else f"\\U{ord(c):08x}" for c in json.dumps(text, ensure_ascii=False))
