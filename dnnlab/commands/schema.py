"""The JSON Schema of a config as a text, and as a file beside configs for editors."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ..config.json_schema import TITLE, json_schema
from ..errors import Problem, UsageError
from ..registry import load_plugin
from ..rundir.atomic import storing, write_text


def schema_text(plugins: Sequence[Path] = ()) -> str:
    """The schema as JSON, one definition a line. plugins: files whose parts are included.

    Raises `ConfigError`.
    """
    for plugin in plugins:
        load_plugin(plugin)
    schema = json_schema()
    head = [f"{_json(key)}: {_json(value)}" for key, value in schema.items() if key != "definitions"]
    definitions = [f"  {_json(name)}: {_json(value)}" for name, value in schema["definitions"].items()]
    return "{\n" + ",\n".join([*head, '"definitions": {\n' + ",\n".join(definitions) + "\n}"]) + "\n}\n"


def write_schema(path: Path, text: str) -> None:
    """Write a schema, also over an older one.

    Raises `UsageError` if the path holds something else, `StorageError`.
    """
    if path.is_dir() or (path.exists() and not is_schema(path)):
        what = "is a folder" if path.is_dir() else "is there and is no schema of dnnlab"
        raise UsageError(
            Problem(
                f"{path} {what}",
                "expected a new name, or an older schema",
                "choose another name",
                code="exists",
            )
        )
    with storing(path, "or choose another place"):
        write_text(path, text)


def is_schema(path: Path) -> bool:
    """Whether a file is a schema that dnnlab wrote."""
    try:
        return bool(json.loads(path.read_bytes())["title"] == TITLE)
    except (OSError, ValueError, KeyError, TypeError):
        return False


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
