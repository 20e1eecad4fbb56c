"""Events made by hand and terminals made of memory."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pytest
from helpers.memory_terminal import Terminal

from dnnlab.engine.records import Epoch
from dnnlab.render.screens.run_facts import RunFacts
from dnnlab.render.terminal.streams import Stream


@pytest.fixture(autouse=True)
def plain_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """80 columns, no colours, whatever this process was started with."""
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("NO_COLOR", "1")


@pytest.fixture
def terminal() -> Stream:
    return Stream(Terminal())


@pytest.fixture
def pipe() -> Stream:
    return Stream(io.StringIO())


@pytest.fixture
def facts() -> RunFacts:
    return RunFacts(
        epochs=100,
        steps_per_epoch=1407,
        rows=45_000,
        metrics=("accuracy",),
        main="accuracy",
        better="max",
        halved="optimizer.lr=2.5e-05",
        tenth="optimizer.lr=5e-06",
    )


@pytest.fixture
def make_epoch() -> Callable[..., Epoch]:
    """An epoch of the screen in SCREENS.md, changed by keywords: those of Epoch, and `row` for further keys
    of its row.
    """

    def make(epoch: int = 1, row: dict[str, Any] | None = None, **changes: Any) -> Epoch:
        numbers = {
            "epoch": epoch,
            "step": 1407 * epoch,
            "seconds": 9.8 * epoch,
            "samples_per_second": 4640.0,
            "lr": 5e-05,
        }
        numbers |= {
            "train_loss": 4.0462,
            "train_penalty": 0.0,
            "train_accuracy": 0.1597,
            "val_loss": 2.1441,
            "val_accuracy": 0.2036,
        }
        fields: dict[str, Any] = {"value": 2.1441, "is_best": True, "since_best": 0} | changes
        return Epoch(epoch, 1407 * epoch, numbers | (row or {}), **fields)

    return make
