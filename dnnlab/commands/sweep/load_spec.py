"""FILE|CONFIG|RUN of `dnnlab sweep`: a sweep's own YAML, or a base with `--vary`, becomes a checked spec."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ...config.address import parse_override
from ...config.files import absolute_path, read_text
from ...config.tree import Node, Place, tree
from ...config.yaml_reader import read_yaml
from ...errors import ConfigError, Problem, UsageError
from ...registry import address
from ...search.spec import Spec, read_spec
from ...search.vary import read_vary
from ..load_config import names_file
from ..yaml_text import yaml_text
from .base_config import Base, find_base, settled

Source = tuple[Spec, Base, str, Path | None]


def read_source(
    word: str,
    changes: Sequence[str],
    vary: Sequence[str],
    options: Mapping[str, Any],
    runs_dir: Path,
    *,
    trust_plugins: bool = False,
) -> Source:
    """(spec, base, the sweep's YAML, its file or None). options: keys of a sweep that the command line sets.

    Raises `DnnlabError`.
    """
    path = Path(word)
    is_file = names_file(path)
    root, text = read_tree(path) if is_file else (Node({}), "")
    if "search" in root.value or "cases" in root.value or ("base" in root.value and "trials" in root.value):
        return _from_file(path, root, text, changes, vary, options, runs_dir, trust_plugins)
    if not vary:
        fix = f"--vary optimizer.lr=1e-5..1e-1:log, or a file with `base: {word}` and `search: ...`"
        raise UsageError(
            Problem(
                f"{word} says nothing about a search",
                "expected --vary, or search or cases in the file",
                fix,
                code="vary",
            )
        )
    search, lists = read_vary(vary)
    mapping: dict[str, Any] = {"base": word, **({"set": fixed(changes)} if changes else {}), "search": search}
    mapping |= {"sampler": "grid"} if lists and "sampler" not in options else {}
    if "trials" not in options and not lists and options.get("sampler") != "grid":
        raise UsageError(
            Problem("nothing says how many points are drawn", "expected --trials", "--trials 20", code="vary")
        )
    mapping |= options
    spec = read_spec(tree(mapping, Place(folder=Path.cwd())), path.stem if is_file else "sweep")
    base = settled(find_base(word, Path.cwd(), runs_dir, trust_plugins=trust_plugins), spec, runs_dir)
    return spec, base, yaml_text({**mapping, "base": str(base.path) if is_file else word}), None


def read_tree(path: Path) -> tuple[Node, str]:
    """The tree and the text of a YAML file that may be a sweep or a config. Raises `ConfigError`."""
    text, problem = read_text(path, absolute_path(path), None)
    if problem is not None:
        raise ConfigError(problem)
    node, problems = read_yaml(text, str(path), absolute_path(path).parent)
    if problems or node is None:
        raise ConfigError(*problems)
    return (node if node.mapping else Node({})), text


def _from_file(
    path: Path,
    root: Node,
    text: str,
    changes: Sequence[str],
    vary: Sequence[str],
    options: Mapping[str, Any],
    runs_dir: Path,
    trust_plugins: bool,
) -> Source:
    if vary:
        problem = Problem(
            f"--vary {vary[0]}: {path} says what is searched",
            "expected one of the two",
            f"add it to {path}",
            code="vary",
        )
        raise UsageError(problem)
    folder = absolute_path(path).parent
    values = {**root.value, **{key: tree(value) for key, value in options.items()}}
    if changes:
        there = values["set"].value if "set" in values and values["set"].mapping else {}
        values["set"] = Node(
            {**there, **{key: tree(value, Place(folder=Path.cwd())) for key, value in fixed(changes).items()}}
        )
    spec = read_spec(Node(values, root.place), path.stem)
    return (
        spec,
        settled(find_base(spec.base, folder, runs_dir, trust_plugins=trust_plugins), spec, runs_dir),
        text,
        absolute_path(path),
    )


def fixed(changes: Sequence[str]) -> dict[str, Any]:
    """KEY=VALUE as the `set` mapping. Raises `ConfigError`; `UsageError` for what only acts once."""
    found: dict[str, Any] = {}
    for text in changes:
        override = parse_override(text)
        if override.operation == "append":
            problem = Problem(
                f"received {text}", "expected KEY=VALUE", "append in the base config", code="override"
            )
            raise UsageError(problem)
        found[address(override.address)] = override.value.plain()
    return found
