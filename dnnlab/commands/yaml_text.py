"""Plain data as a YAML text that dnnlab reads back as the same data."""

from __future__ import annotations

from typing import Any

import yaml

from ..config.yaml_scalars import scalar


class _Dumper(getattr(yaml, "CSafeDumper", yaml.SafeDumper)):  # type: ignore[misc]  # the C one is five times as quick
    """Quotes what YAML 1.1 and YAML 1.2 would misread.

    PyYAML alone writes the text "1e-3" bare, which is a number in YAML 1.2.
    """


def _text(dumper: yaml.SafeDumper, value: str) -> yaml.ScalarNode:
    try:
        quoted = scalar(value) != value
    except ValueError:  # a number that is too long
        quoted = True
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, '"' if quoted else None)


_Dumper.add_representer(str, _text)


def yaml_text(value: Any) -> str:
    """Dicts, lists and scalars as a YAML document, keys in their order."""
    return yaml.dump(value, Dumper=_Dumper, sort_keys=False, allow_unicode=True)
