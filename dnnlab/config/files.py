"""The files of a config: the text of one, and the chain of its bases."""

from __future__ import annotations

import difflib
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from ..errors import Problem
from ..registry import show
from ..special_files import WRITE_A_FILE, special_kind
from .tree import Node, Place
from .yaml_reader import read_yaml

LARGEST_FILE = 1_000_000
"""Bytes; a config has some hundred."""
Reader = Callable[[Path], str]


@dataclass
class Chain:
    """A config and its bases."""

    trees: list[Node] = field(default_factory=list)
    """The trees, the config first."""
    sources: dict[Path, str] = field(default_factory=dict)
    """Absolute path -> text."""
    problems: list[Problem] = field(default_factory=list)
    """The problems of reading."""
    complete: bool = True
    """False if a text is missing."""


def read_chain(path: Path, read: Reader | None = None) -> Chain:
    """Read a config and its bases. Never raises: the problems are in the result."""
    chain, shown = Chain(), [os.path.normpath(path)]
    seen: list[str] = []
    base: tuple[Path, Place] | None = (path, Place())
    while base is not None:
        current, named_at = base
        absolute = absolute_path(current)
        seen.append(_real(absolute))
        text, problem = read_text(current, absolute, read)
        node = None
        if problem is not None:
            chain.problems.append(named_at.locate(problem).under("base") if len(seen) > 1 else problem)
        else:
            chain.sources[absolute] = text
            node, problems = read_yaml(text, str(current), absolute.parent)
            node, more = _mapping(node, str(current))
            chain.problems += [*problems, *([more] if more and not problems else [])]
        if node is None:
            chain.complete = False
            return chain
        base = _base(chain, node, current, seen, shown)
    return chain


def _base(
    chain: Chain, node: Node, current: Path, seen: list[str], shown: list[str]
) -> tuple[Path, Place] | None:
    """Add a tree without its `base` to the chain; the path of the base, and the place that names it."""
    named = node.value.get("base")
    chain.trees.append(Node({k: v for k, v in node.value.items() if k != "base"}, node.place))
    if named is None or named.value == "none":
        return None
    if not isinstance(named.value, str):
        problem = Problem(
            f"received {show(named.plain())}",
            "expected one file",
            "write `base: other.yaml`",
            "base",
            code="base",
        )
        chain.problems.append(named.place.locate(problem))
        return None
    path = Path(os.path.normpath(current.parent / named.value))
    shown.append(str(path))
    if _real(path) in seen:
        names = " -> ".join(shown)
        problem = Problem(
            f"the bases form a loop: {names}",
            "expected a chain that ends",
            "remove one `base:`",
            "base",
            code="base_loop",
        )
        chain.problems.append(named.place.locate(problem))
        return None
    return path, named.place


def absolute_path(path: Path | str) -> Path:
    """The path from the root, without `..`; links stay as they are."""
    return Path(os.path.normpath(Path(path).absolute()))


def _real(path: Path) -> str:
    try:
        return os.path.realpath(path)
    except (OSError, ValueError):  # a name that no file can have; reading it says so
        return str(path)


def read_text(path: Path, absolute: Path, read: Reader | None) -> tuple[str, Problem | None]:
    """A file's text, or the problem with getting it."""
    try:
        if read is not None:
            return read(absolute), None
        if absolute.is_dir():
            inside = ", ".join(sorted(p.name for p in absolute.glob("*.y*ml"))[:8])
            return "", _unreadable(
                f"{path} is a folder", f"in it: {inside}" if inside else "it holds no YAML file", "not_a_file"
            )
        if kind := special_kind(absolute):
            return "", _unreadable(f"{path} is {kind}", WRITE_A_FILE, "not_a_file")
        if absolute.stat().st_size > LARGEST_FILE:
            return "", _unreadable(
                f"{path} has more than {LARGEST_FILE:,} bytes", "a config is a short text", "too_large"
            )
        return absolute.read_bytes().decode("utf-8"), None
    except FileNotFoundError:
        return "", _unreadable(f"{path}: no such file", _nearest(path, absolute), "no_file")
    except UnicodeDecodeError as error:
        before = error.object[: error.start]
        utf16 = error.object[:2] in (b"\xff\xfe", b"\xfe\xff")
        received = "the text is UTF-16" if utf16 else "the text is not UTF-8"
        problem = Problem(received, "expected UTF-8", "save it as UTF-8", code="utf8")
        return "", problem.at(str(path), before.count(b"\n") + 1, error.start - (before.rfind(b"\n") + 1) + 1)
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        return "", _unreadable(f"{path} cannot be read: {why}", "", "unreadable")


def _mapping(node: Node | None, file: str) -> tuple[Node | None, Problem | None]:
    if node is None or node.mapping:
        return node, None
    if node.value is None:
        problem = Problem(
            "the file is empty", "expected at least `data: ...`", "write `data: digits`", code="empty"
        )
        return None, problem.at(file, None, None)
    what = "received a list" if node.sequence else f"received {show(node.plain())}"
    problem = Problem(
        what,
        "expected a mapping of keys",
        "write `key: value` lines, such as `data: digits`",
        code="not_a_mapping",
    )
    return None, node.place.locate(problem)


def _nearest(path: Path, absolute: Path) -> str:
    try:
        names = sorted(p.name for p in absolute.parent.iterdir() if p.suffix in (".yaml", ".yml"))
    except OSError as error:
        return f"the folder {path.parent} cannot be read: {error.strerror}"
    close = [n for n in names if Path(n).stem == path.name] or difflib.get_close_matches(
        path.name, names, n=1
    )
    if close:
        return "did you mean " + " or ".join(str(path.parent / n) for n in close) + "?"
    return f"there are: {', '.join(names[:8])}" if names else "that folder holds no YAML file"


def _unreadable(received: str, fix: str, code: str) -> Problem:
    return Problem(received, "expected a YAML file", fix, code=code)
