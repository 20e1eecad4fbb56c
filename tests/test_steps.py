"""Steps per epoch: one function, which every command asks."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import dnnlab
from dnnlab.assembly.session import build
from dnnlab.commands.check.bench import open_bench
from dnnlab.commands.show.describe import describe_config
from dnnlab.commands.watch.pace import per_epoch_of
from dnnlab.config import load_mapping
from dnnlab.steps import rows_per_step, steps_per_epoch

PACKAGE = Path(dnnlab.__file__).parent
ARITHMETIC = {"steps.py"}
"""The only file that computes with batch size and accumulated batches."""


@pytest.mark.parametrize(
    ("rows", "batch_size", "accumulate", "rows_a_step", "steps"),
    [
        (100, 10, 1, 10, 10),
        (101, 10, 1, 10, 10),  # a last step of one row joins the one before
        (102, 10, 1, 10, 11),
        (100, 10, 3, 30, 4),
        (3, 1, 1, 1, 3),
        (100, 1000, 1, 100, 1),
        (100, "full", 1, 100, 1),
        (1, 32, 1, 1, 1),
        (100, 80, 2, 100, 1),
    ],
)
def test_steps_per_epoch(
    rows: int, batch_size: int | str, accumulate: int, rows_a_step: int, steps: int
) -> None:
    if not isinstance(batch_size, str):
        assert rows_per_step(rows, batch_size, accumulate) == rows_a_step
    assert steps_per_epoch(rows, batch_size, accumulate) == steps


def test_every_command_gives_the_same_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """With one function in the place of `steps_per_epoch`, every answer changes with it."""
    config = load_mapping({"data": "iris", "training": {"batch_size": 16, "accumulate": 2, "epochs": 2}})
    flat, rows = config.flat(), build(config).described["rows"]

    def answers() -> list[object]:
        session = build(config).session
        return [
            session.plan.steps_per_epoch,
            session.steps_per_epoch,
            len(session.plan.step_bounds()),
            session.table.steps_per_epoch,
            open_bench(config).steps_per_epoch,
            describe_config(config)["steps_per_epoch"],
            per_epoch_of(flat, rows, []),
        ]

    assert set(answers()) == {steps_per_epoch(rows["train"], 16, 2)}
    for module in ("engine.plan", "assembly.training.plan", "commands.watch.pace", "commands.check.bench"):
        monkeypatch.setattr(f"dnnlab.{module}.steps_per_epoch", lambda *_: 7)
    assert set(answers()) == {7}


def test_no_other_file_computes_with_accumulated_batches() -> None:
    """A product or quotient of `accumulate` anywhere else would be a second way to count steps."""
    found = set()
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.BinOp) and isinstance(
                node.op, ast.Mult | ast.Div | ast.FloorDiv | ast.Mod
            ):
                names = {n.id for n in ast.walk(node) if isinstance(n, ast.Name)}
                names |= {n.attr for n in ast.walk(node) if isinstance(n, ast.Attribute)}
                names |= {str(n.value) for n in ast.walk(node) if isinstance(n, ast.Constant)}
                if any(name.rpartition(".")[2] == "accumulate" for name in names):
                    found.add(path.relative_to(PACKAGE).as_posix())
    assert found == ARITHMETIC
