"""`lr-find`: a range test of a config, the rates that it suggests, and a config with the better of them."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ...config import Config, load
from ...config.files import absolute_path
from ...config.peak_rate import Changes, peak_rate, rate_changes
from ...errors import Problem, UsageError
from ..load_config import load_source, names_file
from ..new.new import check_place, write_file_new
from ..yaml_text import yaml_text
from .range_test import Heard, Rising, check_optimizer, walk
from .rules import Curve, Suggestion, rounded, suggestions, turning_point


@dataclass(frozen=True)
class Found:
    """The result of a range test."""

    config: str
    """The word that named the config."""
    name: str
    """The name of the experiment."""
    optimizer: str
    """The name of the optimizer."""
    key: str
    """The key of the learning rate: `optimizer.lr`, or the peak of a schedule."""
    lr: float
    """The rate in the config now."""
    rates: Rising
    """The rates that were tried."""
    curve: Curve
    """The losses."""
    suggestions: tuple[Suggestion, ...]
    """Suggested rates, the best first."""
    set_aside: tuple[str, ...]
    """What the config has and the test leaves out: schedule, warmup, a ramp."""
    changes: Changes = field(default_factory=dict)
    """Address -> value for the best suggestion: the key, and a schedule's first rate if it must follow."""
    problem: str = ""
    """Why nothing is suggested, or ""."""

    @property
    def further(self) -> tuple[float, float] | None:
        """--from and --to of a test that reaches further, if this one did not reach far enough."""
        if self.suggestions or not self.curve.rates:
            return None
        if self.curve.ended == "exploded":
            return rounded(self.rates.low * 1e-4), self.rates.high
        return (
            (self.rates.low, rounded(self.rates.high * 100))
            if turning_point(self.curve) is not None
            else None
        )

    @property
    def best(self) -> Suggestion | None:
        """The suggestion to take: the book's, since the steepest point of a noisy curve varies more."""
        return self.suggestions[0] if self.suggestions else None

    def json(self) -> dict[str, Any]:
        """The JSON face."""
        curve = self.curve
        points = zip(curve.rates, curve.losses, curve.smoothed, strict=True)
        return {
            "config": self.config,
            "key": self.key,
            "lr": None if self.best is None else self.best.lr,
            "changes": dict(self.changes),
            "suggestions": [vars(s) for s in self.suggestions],
            "problem": self.problem or None,
            "set_aside": list(self.set_aside),
            "from": self.rates.low,
            "to": self.rates.high,
            "steps": self.rates.steps,
            "ended": curve.ended,
            "points": [{"lr": lr, "loss": loss, "smoothed": smoothed} for lr, loss, smoothed in points],
        }


def lr_find(
    word: str,
    overrides: Sequence[str],
    runs_dir: Path,
    rates: Rising,
    *,
    trust_plugins: bool = False,
    heard: Heard = lambda step, lr, loss: None,
) -> Found:
    """Run a range test.

    Nothing is written, and no run is touched. heard: called after each step. Raises `DnnlabError`.
    """
    config = load_source(word, overrides, runs_dir, trust_plugins=trust_plugins)
    check_optimizer(config)
    from ...engine.runtime import prepare

    prepare()
    with config.error_places():
        curve = walk(config, rates, heard)
    found = suggestions(curve)
    x = config.experiment
    key, lr = peak_rate(config)
    if lr is None:
        raise RuntimeError(f"{x.optimizer.name} has no learning rate; check_optimizer refuses it")
    changes, problem = (rate_changes(config, found[0].lr), "") if found else ({}, problem_of(curve))
    return Found(
        word, x.name, x.optimizer.name, key, lr, rates, curve, tuple(found), aside(config), changes, problem
    )


def aside(config: Config) -> tuple[str, ...]:
    """The parts of the training that the test leaves out."""
    from ...registry import Ramp

    x = config.experiment
    words = [f"schedule {x.schedule.name}"] if x.schedule.name != "constant" else []
    words += ["warmup"] if x.schedule.common.get("warmup") is not None else []
    moving = any(isinstance(value, Ramp) for value in x.optimizer.keys.values())
    return (*words, *(["the momentum's ramp"] if moving else []))


def problem_of(curve: Curve) -> str:
    """Why a curve suggests nothing."""
    if len(curve.rates) < 2:
        return "the loss is not finite from the first step on: `dnnlab check` looks for the reason"
    if curve.ended == "exploded":
        return (
            f"the loss explodes at once (at {rounded(curve.rates[-1]):g}), before it could fall: begin lower"
        )
    if turning_point(curve) is not None:
        return f"the loss still falls at the last rate ({curve.rates[-1]:g}): walk on"
    return (
        "the loss does not fall by more than it varies: "
        "`dnnlab check` looks for the reason; more --steps see more"
    )


def check_out(word: str, out: Path) -> None:
    """Refuse a place for FOUND.yaml before anything takes time. Raises `UsageError`."""
    check_place(out)
    path = Path(word)
    if not names_file(path):
        text = f"--out with {word}, which is a run: a config cannot have a run as its base"
        raise UsageError(
            Problem(
                text,
                "expected a YAML file as CONFIG",
                "leave --out out and pass the rate to train",
                code="usage",
            )
        )


def write_found(found: Found, out: Path) -> None:
    """Write `base:` and the key, with what has to change beside it.

    Raises `ValueError` without a suggestion, `UsageError` if the file exists by now, `ConfigError`,
    `StorageError`.
    """
    if found.best is None:
        raise ValueError(found.problem)
    changes: dict[str, Any] = {"base": base_of(Path(found.config), out)}
    for address, value in found.changes.items():
        *sections, key = address.split(".")
        place = changes
        for section in sections:
            place = place.setdefault(section, {})
        place[key] = value
    text = f"# dnnlab lr-find {found.config}: {found.best.why}; it was {found.lr:g}\n"
    text += yaml_text(changes)
    absolute = absolute_path(out)
    load(out, read=lambda path: text if path == absolute else path.read_text(encoding="utf-8"))
    write_file_new(out, text.encode())


def base_of(config: Path, out: Path) -> str:
    """The config's path as a file at `out` names it."""
    if config.is_absolute():
        return str(config)
    return Path(os.path.relpath(absolute_path(config), absolute_path(out.parent))).as_posix()
