"""The keys of a sweep's YAML: like parts of a config, the signature of a function."""
# ruff: noqa: B006 (the defaults are never changed)

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from ..registry import NonNegativeInt, PositiveInt, section
from ..registry.values import Value

CASE = "case"  # the one dimension of a sweep of named variants
_SPAN = re.compile(r"\s*(\d+(?:\.\d*)?)\s*(seconds?|s|minutes?|min|hours?|h)\s*")
_SECONDS = {"s": 1.0, "m": 60.0, "h": 3600.0}
KNOWN_AHEAD = ("random", "grid", "quasi_random")
"""Samplers whose points are functions of (seed, number)."""


class Span(Value):
    """A time with its unit, `30 seconds`, `2 minutes`, `1 hour`. The value is a number of seconds."""

    @classmethod
    def parse(cls, raw: Any) -> float:
        match = _SPAN.fullmatch(raw) if isinstance(raw, str) else None
        if match is None or float(match[1]) <= 0:
            number = isinstance(raw, int | float) and not isinstance(raw, bool)
            raise ValueError(
                "a time with its unit, such as `2 minutes`"
                + (f"; did you mean `{raw} seconds`?" if number else "")
            )
        return float(match[1]) * _SECONDS[match[2][0]]


@dataclass(frozen=True)
class Executor(Value):
    """Where trials are trained: `local`, `ray`, or `{name: ray, address: auto}`."""

    name: str = "local"
    address: str = "local"

    @classmethod
    def parse(cls, raw: Any) -> Executor:
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
        return {"name": self.name, "address": self.address} if self.name == "ray" else self.name


def _stage(
    *,
    trials: PositiveInt | None = None,
    epochs: PositiveInt | None = None,
    zoom: PositiveInt | None = None,
    keep: PositiveInt | None = None,
) -> None:
    """One stage of a sweep.

    trials: points to draw. epochs: of each run, by default the base's. zoom: draw in the box of so many best
    points of the stage before. keep: train so many best points of the stage before again, from scratch.
    """


StageKeys = section(_stage)


def _sweep(
    *,
    base: str,
    name: str = "",
    set: dict[str, Any] = {},
    search: dict[str, Any] = {},
    cases: dict[str, dict[str, Any]] = {},
    sampler: Literal["random", "grid", "quasi_random", "tpe", "gp"] = "random",
    seed: NonNegativeInt = 0,
    seeds: PositiveInt = 1,
    trials: PositiveInt | None = None,
    stages: list[StageKeys] = [],  # type: ignore[valid-type]
    pruner: Literal["median", "successive_halving", "hyperband"] | None = None,
    executor: Executor = Executor(),
    workers: PositiveInt | Literal["auto"] = "auto",
    timeout: Span | None = None,
    retries: NonNegativeInt = 1,
) -> None:
    """A sweep.

    base: the config that all trials share, relative to this file. set: addresses that differ from it in all
    trials. search: addresses and their ranges; or cases: named variants, each a mapping of addresses. seed:
    of the points. seeds: runs of a point, averaged. executor: processes of this machine, or actors of a Ray
    cluster, whose nodes must share the folder of runs. timeout: of one run. retries: how often a run whose
    process died goes on from its checkpoint.
    """


SweepKeys = section(_sweep)
FIELDS: Mapping[str, Any] = SweepKeys.dnnlab_fields  # type: ignore[attr-defined]
