"""A checked config: the experiment, where everything was written, and what was noticed on the way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..errors import Problem
from ..registry import Bound, Section, address, plain
from .address import parse_address
from .lint.finding import Finding
from .sections import Experiment
from .tree import Node, Step, located


@dataclass(frozen=True)
class Config:
    """What a config file (with its bases and overrides) says, checked.

    experiment: the sections and parts as attributes (`.optimizer` is a `Bound`, `.training.epochs` a number).
    sources: every file read (config, bases, plugins) by absolute path, the config first. overrides: as they
    were given. notes: what fell away when a part was replaced. findings: advice of the lint rules.
    steps_per_epoch: None as long as nobody has counted the rows; some of the advice needs it.
    """

    experiment: Experiment
    root: Node = field(repr=False)
    sources: dict[Path, str] = field(default_factory=dict, repr=False)
    overrides: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()
    steps_per_epoch: int | None = None

    def place(self, where: str | Sequence[Step]) -> tuple[str | None, int | None, int | None]:
        """File, line and column of the deepest key of an address that somebody wrote; Nones where that was not in a file."""
        found = located(Problem(""), _steps(where), self.root)
        return found.file, found.line, found.column

    def folder_of(self, where: str | Sequence[Step]) -> Path:
        """The folder that a relative path at this address belongs to: the file's that names it, or the shell's."""
        folders = [n.place.folder for n in self.root.along(_steps(where)) if n.place.folder is not None]
        return folders[-1] if folders else Path.cwd()

    def written(self, where: str | Sequence[Step]) -> bool:
        """Whether the user wrote this key, in a file or an override."""
        return self.root.writes(_steps(where))

    def resolved(self) -> dict[str, Any]:
        """Everything written out, defaults too, as plain data for YAML."""
        return dict(plain(self.experiment))

    def flat(self) -> dict[str, Any]:
        """Address -> scalar or list of scalars.

        A part's name stands at the part's own address (`optimizer: adam`).
        """
        return dict(_flat(self.experiment, ()))

    def locate(self, problem: Problem) -> Problem:
        """The problem with the place of its path, where it has none yet."""
        return (
            problem
            if problem.file is not None or not problem.path
            else located(problem, parse_address(problem.path), self.root)
        )


def _steps(where: str | Sequence[Step]) -> tuple[Step, ...]:
    return parse_address(where) if isinstance(where, str) else tuple(where)


def _flat(value: Any, path: tuple[Step, ...]) -> list[tuple[str, Any]]:
    if isinstance(value, Section):
        kept = plain(value)
        value = {name: v for name, v in value.__dict__.items() if name in kept}
    if isinstance(value, Bound):
        keys = {**value.keys, **value.common}
        by_name = bool(path) and path[-1] == value.name  # in a mapping of parts the address says the name
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
