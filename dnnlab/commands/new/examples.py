"""The configs in the package: examples, and recipes with the settings that textbooks recommend."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...config import load
from ...config.tree import Node
from ...errors import Problem, UsageError
from ...registry import close_key, inline

if TYPE_CHECKING:
    from .companions import Companions

HERE = Path(__file__).parent
RECIPES = ("cnn", "deep", "self_normalizing")
MODELINE = "# yaml-language-server: $schema="
_NAMING = (
    "name",
    "target",
    "task",
    "separator",
    "missing",
    "categorical",
    "drop",
    "classes",
)  # of data: texts that are no paths


def examples_folder() -> Path:
    """Where the shipped examples are: in the package, or in a checkout beside it."""
    inside = HERE.parents[1] / "examples"
    return inside if inside.is_dir() else HERE.parents[2] / "configs"


def examples() -> dict[str, Path]:
    """The shipped examples by name: whole experiments, then those that show one technique each."""
    folder = examples_folder()
    return {
        path.stem: path
        for path in (*sorted(folder.glob("*.yaml")), *sorted(folder.glob("techniques/*.yaml")))
    }


def sweep_examples() -> dict[str, Path]:
    """The shipped sweeps by name; configs that they alone are based on are not among them."""
    found = sorted((examples_folder() / "sweeps").glob("*.yaml"))
    return {
        path.stem: path
        for path in found
        if any(line.startswith("base:") for line in path.read_text(encoding="utf-8").splitlines())
    }


def recipe(name: str) -> str:
    """The text of a recipe (also of `first` and `table`, which `new` writes by itself)."""
    return (HERE / "recipes" / f"{name}.yaml").read_text(encoding="utf-8")


def text_of(name: str, beside: Companions) -> str:
    """A recipe or an example without its first line for editors; `beside` takes the files that it reads.

    Raises `UsageError`.
    """
    if name in RECIPES:
        return recipe(name)
    path = example(name)
    return _with_base(path, beside) if name in sweep_examples() else _with_files(path, beside)


def example(name: str) -> Path:
    """The file of an example or a sweep. Raises `UsageError`."""
    known, sweeps = examples(), sweep_examples()
    if name in known or name in sweeps:
        return (known | sweeps)[name]
    close = close_key(name, [*known, *sweeps, *RECIPES])
    fix = f"did you mean {close}?" if close else ""
    listed = [", ".join(names) for names in (known, sweeps, RECIPES)]
    expected = f"expected an example ({listed[0]}), a sweep ({listed[1]}) or a recipe ({listed[2]})"
    raise UsageError(Problem(f"no example or recipe is called {name}", expected, fix, code="no_example"))


def _with_files(path: Path, beside: Companions) -> str:
    """The text of a config, with the files that its data and plugins name put beside it."""
    lines = path.read_text(encoding="utf-8").splitlines()
    root = load(path, run_plugins=False).root
    for key in ("data", "plugins"):
        for found in _texts(root.child(key) or Node({})):
            text, at = str(found.value), (found.place.line or 1) - 1
            source = path.parent / text
            if not Path(text).is_absolute() and source.is_file():
                pattern = re.compile(rf"(?<![\w./~-]){re.escape(text)}(?![\w/-]|\.\w)")
                name = inline(beside.put(source, source.read_bytes()))
                lines[at] = _outside_comments(pattern, name, lines[at])
    return "\n".join(line for line in lines if not line.startswith(MODELINE)) + "\n"


def _with_base(path: Path, beside: Companions) -> str:
    """The text of a sweep, with its base put beside it."""
    lines = path.read_text(encoding="utf-8").splitlines()
    at = next(i for i, line in enumerate(lines) if line.startswith("base: "))
    base = Path(os.path.normpath(path.parent / lines[at].removeprefix("base: ")))
    text = _with_files(base, beside)
    lines[at] = f"base: {inline(beside.put(base, text))}"
    return "\n".join(lines) + "\n"


def _texts(node: Node, key: str = "") -> list[Node]:
    if isinstance(node.value, str):
        return [node] if key not in _NAMING and node.written else []
    below: Any = (
        node.value.items()
        if node.mapping
        else [(key, child) for child in node.value]
        if node.sequence
        else ()
    )
    return [text for name, child in below for text in _texts(child, str(name))]


def _outside_comments(pattern: re.Pattern[str], new: str, line: str) -> str:
    code, sign, comment = line.partition(" #")
    return pattern.sub(lambda _: new, code) + sign + comment
