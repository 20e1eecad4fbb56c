"""The state of a training between two steps: everything that a resumed training needs.

A training that continues from it gives the same bits as one that was not interrupted.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from torch import Tensor

from .measure import Running
from .session import Progress, Session


def capture(s: Session) -> dict[str, Any]:
    """{model, best, averages, optimizer, state} of a session.

    The trees share the session's tensors, so they must be written before the next step.
    """
    return {
        "model": s.net.state_dict(),
        "best": s.best_weights,
        "averages": {f"{a.suffix}.{name}": t for a in s.averages for name, t in a.state().items()} or None,
        "optimizer": s.optimizer.state_dict(),
        "state": {
            "progress": asdict(s.progress),
            "rates": s.rates.state(),
            "stopper": None if s.stopper is None else s.stopper.state(),
            "running": None if s.running is None else s.running.state(),
            "scaler": None if s.scaler is None else s.scaler.state_dict(),
        },
    }


def restore(
    s: Session,
    model: Mapping[str, Tensor],
    best: Any,
    averages: Any,
    optimizer: Any,
    state: Mapping[str, Any],
) -> None:
    """Load a captured state into a newly built session of the same config and data."""
    s.net.load_state_dict(model)
    s.best_weights = None if best is None else {name: t.to(s.device) for name, t in best.items()}
    for average in s.averages:
        prefix = f"{average.suffix}."
        average.load({name[len(prefix) :]: t for name, t in averages.items() if name.startswith(prefix)})
    s.optimizer.load_state_dict(copy.deepcopy(optimizer))
    s.progress = Progress(**state["progress"])
    s.rates.load(state["rates"])
    if s.stopper is not None:
        s.stopper.load(state["stopper"])
    if s.scaler is not None:
        s.scaler.load_state_dict(state["scaler"])
    if state["running"] is not None:
        s.running = Running(s.metrics(), s.device)
        s.running.load(state["running"])
