"""From a file or a mapping to a checked `Config`, or to one error with all problems."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from ..errors import ConfigError, Problem
from ..registry import address, load_plugin
from .address import Override, override_of, parse_override
from .check import check, ignored_codes
from .config import Config
from .files import Chain, Reader, absolute_path, read_chain, read_text
from .lint import CODES, lint
from .merge import Merger
from .overrides import Assigner
from .python_values import from_python
from .schema_paths import Slot
from .sections import ROOT
from .target_size import TargetSize
from .tree import Node, located, tree

_PLUGINS = Slot("section", fields={"plugins": ROOT.fields["plugins"]})


def load(
    path: Path | str,
    overrides: Sequence[str | Override] = (),
    *,
    read: Reader | None = None,
    run_plugins: bool = True,
) -> Config:
    """Read, merge and check a config file.

    overrides: `KEY=VALUE` and `KEY+=VALUE`; later ones win. read: gives the text of an absolute path, by
    default from the disk; for a run folder it gives the texts kept there, and raises `FileNotFoundError` for
    others. run_plugins: whether plugin files run; otherwise they are only read. Raises one `ConfigError` with
    all problems, in the order of the files.
    """
    chain = read_chain(Path(path), read)
    changes = _parsed(overrides, chain.problems)
    if not chain.complete:
        raise ConfigError(*chain.problems)
    return _finish(chain, changes, Path(path).stem, read, run_plugins)


def load_mapping(
    mapping: Mapping[str, Any], overrides: Mapping[str, Any] | None = None, *, name: str = "experiment"
) -> Config:
    """Check a config that is a Python mapping.

    overrides: address -> value. Relative paths belong to the folder of the shell. Raises one `ConfigError`
    with all problems, which have no position.
    """
    chain = Chain()
    changes: list[Override] = []
    for key, value in (overrides or {}).items():
        try:
            changes.append(override_of(key, value))
        except ConfigError as error:
            chain.problems += error.problems
    root = tree(from_python(dict(mapping)))
    if "base" in root.value:
        chain.problems.append(
            Problem(
                "a mapping has no base",
                "expected a file for that",
                "use dnnlab.config.load",
                "base",
                code="base",
            )
        )
    chain.trees.append(Node({k: v for k, v in root.value.items() if k != "base"}))
    return _finish(chain, changes, name, None, True)


def counted(config: Config, steps_per_epoch: int, targets: TargetSize | None = None) -> Config:
    """The same config, with the advice that needs the steps of an epoch and the size of real targets."""
    known = replace(config, steps_per_epoch=steps_per_epoch, targets=targets)
    return replace(known, findings=lint(known))


def _finish(
    chain: Chain, changes: list[Override], name: str, read: Reader | None, run_plugins: bool
) -> Config:
    failed = _plugins(chain, changes, read, run_plugins)
    merger = Merger(chain.problems)
    root = _merged(ROOT, chain.trees, changes, merger)
    if "name" not in root.value:
        root = replace(root, value={"name": Node(name, written=False), **root.value})
    experiment, problems = check(root)
    # Parts of a plugin that failed are unknown because of it.
    excused = {"unknown_part"} if failed else set()
    # A missing key may be in the base that could not be read.
    excused |= {"missing_key"} if any(p.code in ("base", "base_loop") for p in chain.problems) else set()
    chain.problems += [p for p in problems if p.code not in excused]
    chain.problems += ignored_codes(root, list(CODES))
    if chain.problems or experiment is None:
        raise ConfigError(*_in_file_order(chain))
    config = Config(experiment, root, chain.sources, tuple(c.text for c in changes), tuple(merger.notes))
    return replace(config, findings=lint(config))


def _parsed(overrides: Sequence[str | Override], problems: list[Problem]) -> list[Override]:
    changes = []
    for override in overrides:
        try:
            changes.append(parse_override(override) if isinstance(override, str) else override)
        except ConfigError as error:
            problems += error.problems
    return changes


def _merged(slot: Slot, trees: list[Node], changes: list[Override], merger: Merger) -> Node:
    """The trees merged, the first on top of the others, and then the overrides."""
    root = Node({})
    for node in reversed(trees):
        root = merger.combine(slot, root, node, ())
    assigner = Assigner(merger)
    for change in changes:
        try:
            root = assigner.apply(slot, root, change)
        except ConfigError as error:
            merger.problems += error.problems
    return root


def _plugins(chain: Chain, changes: list[Override], read: Reader | None, run: bool) -> bool:
    """Read and run the plugins of the merged config before anything else is checked; whether one failed."""
    only = [Node({k: v for k, v in t.value.items() if k == "plugins"}, t.place) for t in chain.trees]
    root = _merged(_PLUGINS, only, [c for c in changes if c.address[0] == "plugins"], Merger())
    node, failed = root.child("plugins"), False
    for i, item in enumerate(node.value if node is not None and node.sequence else []):
        if not isinstance(item.value, str):
            continue
        folder = item.place.folder or Path.cwd()
        absolute = absolute_path(folder / item.value)
        location = ("plugins", i)
        text, problem = read_text(absolute, absolute, read)
        if problem is not None:
            received = f"the plugin {problem.received}" if problem.file is None else problem.received
            problems: Sequence[Problem] = [
                Problem(received, "expected a Python file", "", address(location), code="plugin")
            ]
        else:
            chain.sources[absolute] = text
            problems = _run(absolute, text) if run else []
        failed = failed or bool(problems)
        chain.problems += [located(replace(p, path=address(location)), location, root) for p in problems]
    return failed


def _run(path: Path, text: str) -> Sequence[Problem]:
    try:
        load_plugin(path, text)
    except ConfigError as error:
        return error.problems
    return []


def _in_file_order(chain: Chain) -> list[Problem]:
    order = {file: i for i, file in enumerate(chain.sources)}

    def key(problem: Problem) -> tuple[int, int, int]:
        file = (
            order.get(absolute_path(problem.file), len(order)) if problem.file is not None else len(order) + 1
        )
        return file, problem.line or 0, problem.column or 0

    return sorted(chain.problems, key=key)
