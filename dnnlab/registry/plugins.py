"""Parts from plugin files, and from packages that declare the entry point `dnnlab.parts`."""

from __future__ import annotations

import hashlib
import traceback
from importlib.metadata import entry_points
from pathlib import Path
from types import ModuleType

from ..errors import ConfigError, Problem
from ..special_files import WRITE_A_FILE, special_kind
from .catalog import load_parts
from .register import forget, plugin_texts, registering


def load_plugin(path: Path, text: str | None = None) -> str:
    """Run a plugin file, which registers its parts, and return its text.

    A text that was read before is not run again.

    text: the content of the file if it is known, such as the copy in a run folder; by default it is read.

    Raises `ConfigError` when the file is missing or fails, with the line of the plugin that failed.
    """
    origin = str(path.resolve())
    if text is None and (kind := special_kind(path)):
        problem = Problem(
            f"the plugin {path} is {kind}",
            "expected a Python file",
            WRITE_A_FILE,
            path="plugins",
            code="plugin",
        )
        raise ConfigError(problem)
    try:
        text = path.read_text(encoding="utf-8") if text is None else text
    except (OSError, UnicodeDecodeError) as error:
        why = (error.strerror if isinstance(error, OSError) else None) or "it is not UTF-8 text"
        problem = Problem(
            f"the plugin {path} cannot be read: {why}",
            "expected a Python file",
            path="plugins",
            code="plugin",
        )
        raise ConfigError(problem) from None
    load_parts()
    digest = hashlib.sha256(text.encode()).hexdigest()
    if plugin_texts.get(origin) != digest:
        forget(origin)
        _execute(text, path, origin)
        plugin_texts[origin] = digest
    return text


def load_entry_points() -> None:
    """Import the installed packages that declare parts, after all of dnnlab's own parts."""
    points = entry_points(group="dnnlab.parts")
    if points:
        load_parts()
    for point in points:
        with registering(point.value):
            point.load()


def _execute(text: str, path: Path, origin: str) -> None:
    module = ModuleType(path.stem)
    module.__file__ = origin
    try:
        with registering(origin):
            exec(compile(text, origin, "exec"), module.__dict__)
    except Exception as error:  # a plugin may fail in any way; the user gets its line, not our traceback
        forget(origin)
        lines = [f.lineno for f in traceback.extract_tb(error.__traceback__) if f.filename == origin]
        line = getattr(error, "lineno", None) or (lines[-1] if lines else None)
        text = f"the plugin failed: {type(error).__name__}: {error}"
        problem = Problem(text, "expected parts registered with @part", path="plugins", code="plugin")
        raise ConfigError(problem.at(str(path), line, None)) from error
