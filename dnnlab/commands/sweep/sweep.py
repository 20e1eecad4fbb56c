"""`sweep`: from a spec to a folder in which every trial has its end. A generator of events, like `train`."""

from __future__ import annotations

import platform
from dataclasses import dataclass
from pathlib import Path

from ...config import Config
from ...engine.stop import Stop
from ...search.spec import Spec
from ...version import __version__
from .base_config import Base
from .events import SweepEvents
from .folder import make_folder
from .points import drawn
from .session import SweepSession
from .validate import Checker
from .workers.executor import warm_up
from .workers.ray_cluster import require_ray

__all__ = ["Plan", "planned", "sweep"]


@dataclass(frozen=True)
class Plan:
    """A checked sweep.

    text: its YAML. file: None if it was typed. config: the base config with `set`.
    """

    spec: Spec
    base: Base
    text: str
    file: Path | None
    config: Config
    monitor: str
    better: str


def planned(spec: Spec, base: Base, text: str, file: Path | None) -> Plan:
    """Check a sweep: every range and every point that is known ahead.

    Nothing is created. Raises `DnnlabError`.
    """
    if spec.executor.name == "local":
        warm_up()  # workers load torch meanwhile
    else:
        require_ray()
    checker = Checker(spec, base)
    config = checker.first()
    if not spec.cases:
        checker.ranges()
    if spec.known_ahead:
        from ...search.ledger import Ledger

        points = drawn(spec, spec.stages[0], spec.space, Ledger(), checker.better, 0)
        checker.points(dict(enumerate(points)))
    return Plan(spec, base, text, file, config, checker.monitor, checker.better)


def sweep(plan: Plan, runs_dir: Path, *, stop: Stop) -> SweepEvents:
    """Run a sweep in a new folder.

    Yields events (see `events.py`); raises `DnnlabError`. Until `Begun` nothing is created.
    """
    spec = plan.spec
    keys = {key: value for key, value in spec.plain().items() if key not in ("search", "base")}
    resolved = {
        **keys,
        "base": str(plan.base.path),
        "space": spec.space.plain(),
        "monitor": plan.monitor,
        "direction": plan.better,
        "threads": plan.config.experiment.training.threads,
        "versions": {"dnnlab": __version__, "python": platform.python_version()},
        "spec": spec.plain(),
    }
    with make_folder(runs_dir, spec, plan.base, plan.text, plan.file, resolved) as folder:
        yield from SweepSession(folder, spec, plan.base, plan.config, plan.monitor, plan.better, stop).events(
            None
        )
