"""A checked config: the experiment, the position of each key in the files, and the advice on it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..errors import DnnlabError, Problem
from ..registry import Bound, Section, address, plain
from .address import parse_address
from .finding import Finding
from .sections import Experiment
from .target_size import TargetSize
from .tree import Node, Step, located


@dataclass(frozen=True)
class Config:
    """A config file with its bases and overrides, checked."""

    experiment: Experiment
    """The sections and parts: `.training.epochs` is a number, `.optimizer` a `Bound`."""
    root: Node = field(repr=False)
    """The merged tree with the position of every value."""
    sources: dict[Path, str] = field(default_factory=dict, repr=False)
    """Absolute path -> text of every file that was read: the config first, bases, plugins."""
    overrides: tuple[str, ...] = ()
    """The overrides as they were written."""
    notes: tuple[str, ...] = ()
    """The keys that were dropped when a part was replaced."""
    findings: tuple[Finding, ...] = ()
    """The advice of the lint rules."""
    source: Path | None = None
    """The folder or file that `reuse.from` names, once it was looked for."""
    steps_per_epoch: int | None = None
    """None until the rows are counted; some of the advice needs it."""
    targets: TargetSize | None = None
    """The size of real targets, known with the rows."""

    def place(self, where: str | Sequence[Step]) -> tuple[str | None, int | None, int | None]:
        """File, line and column of the deepest written key of an address; None each if it is in no file."""
        found = located(Problem(""), _steps(where), self.root)
        return found.file, found.line, found.column

    def folder_of(self, where: str | Sequence[Step]) -> Path:
        """The folder of a relative path at this address: that of the file that names it, or the shell's."""
        folders = [n.place.folder for n in self.root.along(_steps(where)) if n.place.folder is not None]
        return folders[-1] if folders else Path.cwd()

    def written(self, where: str | Sequence[Step]) -> bool:
        """Whether the user wrote this key, in a file or an override."""
        return self.root.writes(_steps(where))

    def resolved(self) -> dict[str, Any]:
        """The whole config with all defaults, as plain data for YAML."""
        return dict(plain(self.experiment))

    def flat(self) -> dict[str, Any]:
        """Address -> scalar or list of scalars; the address of a part has its name (`optimizer: adam`)."""
        return dict(_flat(self.experiment, ()))

    def parts(self) -> Iterator[Bound]:
        """Every part that the config names, also those inside of others."""
        return _parts(self.experiment)

    def locate(self, problem: Problem) -> Problem:
        """The problem with the position of its path, if it has none yet."""
        return (
            problem
            if problem.file is not None or not problem.path
            else located(problem, parse_address(problem.path), self.root)
        )

    @contextmanager
    def error_places(self) -> Iterator[None]:
        """Errors of the block carry their positions in the file."""
        try:
            yield
        except DnnlabError as error:
            raise error.located(map(self.locate, error.problems)) from error.__cause__


def _steps(where: str | Sequence[Step]) -> tuple[Step, ...]:
    return parse_address(where) if isinstance(where, str) else tuple(where)


def _parts(value: Any) -> Iterator[Bound]:
    if isinstance(value, Bound):
        yield value
        value = {**value.keys, **value.common}
    if isinstance(value, Section):
        value = value.__dict__
    if isinstance(value, Mapping):
        value = list(value.values())
    for item in value if isinstance(value, list | tuple) else ():
        yield from _parts(item)


def _flat(value: Any, path: tuple[Step, ...]) -> list[tuple[str, Any]]:
    if isinstance(value, Section):
        value = value.values()
    if isinstance(value, Bound):
        keys = {**value.keys, **value.common}
        by_name = bool(path) and path[-1] == value.name  # the address ends in the name already
        own = [] if by_name and keys else [(address(path), True if by_name else value.name)]
        return own + [pair for key, v in keys.items() for pair in _flat(v, (*path, key))]
    if isinstance(value, dict):
        return [pair for key, v in value.items() for pair in _flat(v, (*path, plain(key)))]
    data = plain(value)
    if isinstance(data, dict):
        return [pair for key, v in data.items() for pair in _flat(v, (*path, key))]
    if isinstance(data, list) and any(isinstance(item, dict) for item in data):
        return [pair for i, v in enumerate(value) for pair in _flat(v, (*path, i))]
    return [(address(path), data)]
