"""The phases of a training: from which step on which frozen layers learn."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from typing import Any

from torch import nn

from ...engine.session import Session
from ...nn.layers.running_statistics import freeze_statistics, thaw_statistics
from ..network.net import Network
from ..reuse.frozen_cache import Cut, find_cut, make_cache
from .stages import Stage

ActOnWeights = Callable[[Session], None]


class LearningPhases:
    """Layers that begin to learn later; until then they are like frozen ones.

    Their parameters have no gradient, so that an optimizer passes over them: their state begins with their
    first step. Penalties and constraints are made anew in each phase, for the weights that learn in it.
    """

    def __init__(
        self, network: Network, stages: Sequence[Stage], act_on_weights: ActOnWeights, cache: str | None
    ) -> None:
        """act_on_weights: gives a session its penalties and constraints. cache: `reuse.cache_frozen`."""
        self.network, self.stages, self.act_on_weights = network, stages, act_on_weights
        self.steps = [stage.step for stage in stages]
        self.current = -1
        self.cache, self.cut, self.filled = cache, Cut(), False

    def enter(self, session: Session, step: int) -> None:
        """Bring a session into the phase of a step (from 0), if it is in another one."""
        phase = bisect_right(self.steps, step)
        if phase == self.current:
            return
        self.current = phase
        for number, stage in enumerate(self.stages, start=1):
            for entry in self.network.table.entries.values():
                if entry.layer in stage.layers:
                    entry.parameter.requires_grad_(number <= phase)
            for module in _copies(session, stage.layers):
                if number <= phase:
                    thaw_statistics(module, training=session.net.training)
                else:
                    freeze_statistics(module)
        self.act_on_weights(session)
        session.cached, self.filled = None, False
        if self.cache is not None:
            # Only what is asked for at first is refused: later phases have fewer frozen layers.
            self.cut = find_cut(session, self.cache if phase == 0 else "auto")

    def begin_step(self, session: Session, step: int) -> None:
        """Enter the phase of a step, and fill its cache: only now are all weights there."""
        self.enter(session, step)
        if not self.filled:
            self.filled = True
            session.cached = make_cache(session, self.cut) if self.cut.layers else None

    def facts(self) -> dict[str, Any]:
        """What reuse.json keeps: {unfreeze, cache}."""
        cache = None if self.cache is None else self.cut.json()
        return {"unfreeze": [asdict(stage) for stage in self.stages], "cache": cache}


def _copies(session: Session, layers: Sequence[str]) -> Iterator[nn.Module]:
    """The modules of layers, in the net and in its averages."""
    for net in (session.net, *(average.net for average in session.averages)):
        yield from (net.get_submodule(layer) for layer in layers)
