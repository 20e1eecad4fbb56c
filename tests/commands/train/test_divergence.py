"""Numbers that are not finite: the run ends as diverged, names step and tensor, and no file holds them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from helpers.trainings import drain, resumed, small, write
from safetensors.torch import load_file

from dnnlab.commands.train.events import Note
from dnnlab.commands.train.train import train
from dnnlab.config import load
from dnnlab.engine.stop import Stop
from dnnlab.errors import DivergedError

LOSS = '''"""Losses that fail at a step."""
from dnnlab.registry import part

calls = []


@part("loss", source="this test", targets=frozenset({"index", "soft"}), example={"at": 3})
def failing(task, *, at: int = 15):
    """Cross-entropy that becomes NaN in training step `at` (1-based), again in every replay."""
    import torch
    from torch.nn.functional import cross_entropy

    from dnnlab.nn.seeds import mix

    def loss(outputs, batch):
        value = cross_entropy(outputs, batch.targets)
        bad = torch.default_generator.initial_seed() == mix(0, at - 1) and outputs.requires_grad
        return value * float("nan") if bad else value

    return loss
'''


def diverge(folder: Path, stop_after: int | None = None, **changes: Any) -> tuple[Path, str, DivergedError]:
    """Train to divergence: the folder, the notes, the error."""
    stop, notes = Stop(), []
    events = train(load(write(folder, small(**changes))), folder / "runs", stop=stop)
    with pytest.raises(DivergedError) as caught:
        for event in events:
            notes += [event.text] if isinstance(event, Note) else []
    (run,) = (folder / "runs").iterdir()
    return run, "\n".join(notes), caught.value


def steps(run: Path) -> list[int]:
    return [json.loads(line)["step"] for line in (run / "steps.jsonl").read_text().splitlines()]


def assert_all_finite(run: Path) -> None:
    files = list(run.rglob("checkpoints/*/*.safetensors"))
    assert all(
        t.isfinite().all() for file in files for t in load_file(file).values() if t.is_floating_point()
    )


@pytest.fixture
def failing(tmp_path: Path) -> dict[str, Any]:
    (tmp_path / "failing.py").write_text(LOSS)
    return {"plugins": ["failing.py"], "loss": {"name": "failing", "at": 15}}


@pytest.mark.parametrize("every", ["1 steps", "7 steps", "none"])
def test_a_loss_that_is_not_a_number_is_found_and_named(
    every: str, tmp_path: Path, failing: dict[str, Any]
) -> None:
    run, notes, error = diverge(
        tmp_path, logging={"steps_every": every, "update_ratio_every": "none"}, **failing
    )
    assert error.exit_code == 3 and error.code == "diverged"
    assert "training diverged: in step 15 the loss is not a number (the weights before it are finite)" in str(
        error
    )
    assert "lower the learning rate" in str(error)
    assert "replaying from step 10 with checks on every step" in notes
    meta = json.loads((run / "meta.json").read_text())
    assert meta["status"] == "diverged" and "in step 15 the loss" in meta["reason"]
    assert meta["last"]["epoch"] == 1
    assert "in step 15 the loss" in (run / "log.txt").read_text()
    assert every == "none" or steps(run) == [
        n for n in range(1, 15) if n == 1 or n % int(every.split()[0]) == 0
    ]
    assert_all_finite(run)
    assert list(run.rglob("MANIFEST.json"))


def test_a_divergence_in_the_first_epoch_replays_from_the_start(
    tmp_path: Path, failing: dict[str, Any]
) -> None:
    failing["loss"]["at"] = 3
    run, notes, error = diverge(tmp_path, **failing)
    assert "replaying from step 0" in notes
    assert "in step 3 the loss" in str(error)
    assert steps(run) == [1, 2] and not (run / "checkpoints").exists()


def test_a_rate_that_is_much_too_high_names_weight_or_gradient(tmp_path: Path) -> None:
    run, _, error = diverge(tmp_path, optimizer={"name": "sgd", "lr": 1e30})
    assert error.exit_code == 3
    assert "training diverged: in step " in str(error)
    assert_all_finite(run)
    bad = int(str(error).split("in step ")[1].split()[0])
    assert max(steps(run), default=0) < bad
    assert all(
        json.loads(line)["loss"] is not None for line in (run / "steps.jsonl").read_text().splitlines()
    )


def test_a_weight_that_the_last_update_of_an_epoch_made_infinite_is_named(tmp_path: Path) -> None:
    training = {"batch_size": "full"}
    run, _, error = diverge(
        tmp_path, optimizer={"name": "sgd", "lr": 1e60}, activation="tanh", training=training
    )
    assert "in step 1 the weight " in str(error) and ".weight is " in str(error)
    assert "(this step's update made it)" in str(error)
    assert_all_finite(run)
    assert not (run / "metrics.jsonl").exists()


def test_a_stop_request_after_an_unnoticed_divergence_saves_nothing_bad(
    tmp_path: Path, failing: dict[str, Any]
) -> None:
    config = small(logging={"steps_every": "none", "update_ratio_every": "none"}, **failing)
    stop = Stop()
    events = drain(train(load(write(tmp_path, config)), tmp_path / "runs", stop=stop), stop, after=17)
    (run,) = (tmp_path / "runs").iterdir()
    assert json.loads((run / "meta.json").read_text())["status"] == "interrupted"
    assert any(isinstance(e, Note) and "not finite" in e.text for e in events)
    assert_all_finite(run)


def test_a_diverged_run_can_be_gone_on_with_and_diverges_again(
    tmp_path: Path, failing: dict[str, Any]
) -> None:
    run, _, first = diverge(tmp_path, **failing)
    with pytest.raises(DivergedError) as again:
        resumed(run)
    assert str(again.value) == str(first)
    assert steps(run) == list(range(1, 15))


def test_a_validation_loss_that_is_not_finite_is_no_divergence(tmp_path: Path) -> None:
    (tmp_path / "odd.py").write_text(
        '"""x"""\nfrom dnnlab.registry import part\n'
        '@part("loss", source="t", targets=frozenset({"index"}))\ndef odd(task):\n'
        '    """Not a number in evaluation."""\n    from torch.nn.functional import cross_entropy\n\n'
        "    return lambda outputs, batch: cross_entropy(outputs, batch.targets) * "
        "(1.0 if outputs.requires_grad else float('nan'))\n"
    )
    config = small(plugins=["odd.py"], loss="odd", training={"monitor": "val_loss"})
    drain(train(load(write(tmp_path, config)), tmp_path / "runs"), Stop())
    (run,) = (tmp_path / "runs").iterdir()
    row = json.loads((run / "metrics.jsonl").read_text().splitlines()[0])
    assert row["val_loss"] is None and row["nonfinite"] == ["train_eval_loss", "val_loss"]
    meta = json.loads((run / "meta.json").read_text())
    assert meta["status"] == "done" and meta["best"] == {}
