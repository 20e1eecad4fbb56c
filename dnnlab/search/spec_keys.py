"""The keys of a sweep's YAML."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Literal

from ..registry import NonNegativeInt, PositiveInt, Section, yaml_default
from ..registry.values import Value

CASE = "case"
"""The only dimension of a sweep of named variants."""
_SPAN = re.compile(r"\s*(\d+(?:\.\d*)?)\s*(seconds?|s|minutes?|min|hours?|h)\s*")
_SECONDS = {"s": 1.0, "m": 60.0, "h": 3600.0}
KNOWN_AHEAD = ("random", "grid", "quasi_random")
"""Samplers whose points are functions of (seed, number)."""


class Span(float, Value):
    """A time with its unit, `30 seconds`, `2 minutes`, `1 hour`, as a number of seconds."""

    @classmethod
    def parse(cls, raw: Any) -> Span:
        """Read a number and its unit."""
        match = _SPAN.fullmatch(raw) if isinstance(raw, str) else None
        if match is None or float(match[1]) <= 0:
            number = isinstance(raw, int | float) and not isinstance(raw, bool)
            raise ValueError(
                "a time with its unit, such as `2 minutes`"
                + (f"; did you mean `{raw} seconds`?" if number else "")
            )
        return cls(float(match[1]) * _SECONDS[match[2][0]])


@dataclass(frozen=True)
class Executor(Value):
    """Where trials are trained: `local`, `ray`, or `{name: ray, address: auto}`."""

    name: str = "local"
    """local: processes of this machine; ray: actors of a Ray cluster."""
    address: str = "local"
    """For ray: auto (a running cluster), local (one of this machine) or HOST:PORT."""

    @classmethod
    def parse(cls, raw: Any) -> Executor:
        """Read the name, or a mapping of name and address."""
        keys = {"name": raw} if isinstance(raw, str) else raw
        if keys == {"name": "local"}:
            return cls()
        if isinstance(keys, dict) and keys.get("name") == "ray" and keys.keys() <= {"name", "address"}:
            address = keys.get("address", "local")
            if isinstance(address, str) and (
                address in ("auto", "local") or (":" in address and "//" not in address)
            ):
                return cls("ray", address)
            raise ValueError("address: auto (a cluster that runs), local (one of this machine) or HOST:PORT")
        raise ValueError("local, ray, or {name: ray, address: auto}")

    def plain(self) -> Any:
        """The name, or a mapping of name and address."""
        return {"name": self.name, "address": self.address} if self.name == "ray" else self.name


class StageKeys(Section):
    """One stage of a sweep."""

    trials: PositiveInt | None = None
    """Points to draw."""
    epochs: PositiveInt | None = None
    """Epochs of each run, by default those of the base."""
    zoom: PositiveInt | None = None
    """Draw in the box around this many best points of the stage before."""
    keep: PositiveInt | None = None
    """Train this many best points of the stage before again, from scratch."""


class SweepKeys(Section):
    """A sweep."""

    base: str
    """The config that all trials share, relative to this file."""
    name: str = ""
    """The name of the sweep folder, by default that of the file."""
    set: dict[str, Any] = yaml_default({})
    """Addresses whose values differ from the base in all trials."""
    search: dict[str, Any] = yaml_default({})
    """Addresses and the ranges that are searched."""
    cases: dict[str, dict[str, Any]] = yaml_default({})
    """Named variants in place of a search, each a mapping of addresses."""
    sampler: Literal["random", "grid", "quasi_random", "tpe", "gp"] = "random"
    """How points are drawn."""
    seed: NonNegativeInt = 0
    """The seed of the points."""
    seeds: PositiveInt = 1
    """Runs of each point, which are averaged."""
    trials: PositiveInt | None = None
    """Points to draw in a sweep without stages."""
    stages: list[StageKeys] = yaml_default([])
    """Stages that follow each other."""
    pruner: Literal["median", "successive_halving", "hyperband"] | None = None
    """How unpromising trials are ended early."""
    executor: Executor = Executor()
    """Processes of this machine, or actors of a Ray cluster, whose nodes must share the run folders."""
    workers: PositiveInt | Literal["auto"] = "auto"
    """Trials at the same time."""
    timeout: Span | None = None
    """The longest time of one run."""
    retries: NonNegativeInt = 1
    """How often a run whose process died goes on from its checkpoint."""


FIELDS = SweepKeys.yaml_keys
