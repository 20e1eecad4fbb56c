"""The loop: its records, its stops, its bits."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
import torch

from dnnlab.assembly.session import build
from dnnlab.config import load_mapping
from dnnlab.engine.checkpoint_state import capture, restore
from dnnlab.engine.loop import fit
from dnnlab.engine.plan import batch_bounds
from dnnlab.engine.records import End, Epoch, Record, Step
from dnnlab.engine.session import Session
from dnnlab.errors import ConfigError, DivergedError
from dnnlab.rundir import RunStatus

TIMING = {"seconds", "samples_per_second"}
HARD: dict[str, dict[str, Any]] = {
    "plain": {},
    "sgd_everything": {
        "data": {"name": "digits", "augment": [{"shift": 0.125}]},
        "optimizer": {"name": "sgd", "lr": 0.05, "momentum": 0.9, "nesterov": True},
        "schedule": {"name": "performance", "patience": 1, "warmup": "20 steps"},
        "regularizers": {"dropout": 0.2, "mixup": 0.2, "ema": 0.9, "max_norm": 2.0, "early_stopping": 3},
        "gradient_clipping": {"global_norm": 1.0},
    },
    "momentum_ramp": {"optimizer": {"name": "sgd", "momentum": {"from": 0.5, "to": 0.9, "over": "1 epochs"}}},
    "amsgrad_one_cycle": {
        "optimizer": {"name": "adam", "amsgrad": True},
        "schedule": "one_cycle",
        "normalization": "batch",
    },
    "nadam": {"optimizer": "nadam", "schedule": {"exponential": {"over": "2 epochs"}}, "activation": "prelu"},
    "muon": {"optimizer": "muon", "regularizers": {"l1": 1e-4, "dropconnect": 0.1}},
    "lbfgs": {"optimizer": "lbfgs", "training": {"batch_size": "full"}, "regularizers": {"l2": 1e-3}},
    "noise_and_averages": {
        "regularizers": {
            "gaussian_dropout": 0.2,
            "alpha_dropout": 0.1,
            "input_noise": 0.1,
            "ema": 0.9,
            "swa": {"start": "14 steps", "lr": 1e-3},
        },
        "normalization": "batch",
    },
    "image_regularizers": {
        "architecture": {"name": "cnn", "blocks": [[4]], "hidden": [8]},
        "regularizers": {
            "spatial_dropout": 0.2,
            "fractional_max_pool": 1.4,
            "cutmix": 1.0,
            "l1_l2": 1e-4,
            "unit_norm": True,
        },
    },
    "stochastic_depth": {
        "architecture": {
            "name": "sequential",
            "layers": [{"flatten": {}}, *2 * [{"residual": {"layers": [{"dense": {"units": 64}}]}}]],
        },
        "regularizers": {"stochastic_depth": 0.5, "non_negative": True, "l2": 1e-3, "swa": "1 epochs"},
    },
    "accumulate": {"training": {"accumulate": 3, "batch_size": 16}, "regularizers": {"label_smoothing": 0.1}},
    "weight_normalization": {"normalization": "weight", "activation": "maxout"},
    "cnn": {"architecture": {"name": "cnn", "blocks": [[4], [8]]}, "normalization": "batch"},
    "autoencoder": {"architecture": {"name": "autoencoder", "hidden": [16, 8], "tied": True}},
    "augmented": {
        "data": {
            "name": "digits",
            "augment": [
                "flip",
                {"shift": 0.2},
                {"rotate": 15},
                {"zoom": 0.2},
                {"crop": 1},
                {"contrast": 0.3},
                {"cutout": 0.3},
                "noise",
            ],
        }
    },
    "hinge": {"loss": "hinge"},
}


def make(changes: Mapping[str, Any] | None = None, **training: Any) -> Session:
    """A session on digits; `training` changes that section."""
    changes = changes or {}
    base = {"data": {"name": "digits", "limit": 300}, "architecture": {"hidden": [24, 16]}, **changes}
    base["training"] = {"epochs": 3, **changes.get("training", {}), **training}
    return build(load_mapping(base)).session


def drain(session: Session, steps: int | None = None) -> list[Record]:
    """The records; after `steps` steps somebody asks to stop."""
    records = []
    for record in fit(session):
        records.append(record)
        if isinstance(record, Step) and len([r for r in records if isinstance(r, Step)]) == steps:
            session.stop.status = RunStatus.INTERRUPTED
    return records


def rows(records: list[Record]) -> list[dict[str, Any]]:
    """What is the same in every repetition of the records: rows without the timing keys."""
    found = []
    for record in records:
        if isinstance(record, Step):
            found += [{"file": f, **row} for f, row in (record.rows or {}).items()]
        elif isinstance(record, Epoch):
            found.append({k: v for k, v in record.row.items() if k not in TIMING})
    return found


def equal(a: Any, b: Any) -> bool:
    """Whether two trees are the same, tensors bit by bit."""
    if isinstance(a, torch.Tensor):
        return isinstance(b, torch.Tensor) and a.dtype == b.dtype and torch.equal(a, b)
    if isinstance(a, dict):
        return (
            isinstance(b, dict)
            and a.keys() == b.keys()
            and all(equal(a[k], b[k]) for k in a if k not in TIMING)
        )
    if isinstance(a, list | tuple):
        return isinstance(b, list | tuple) and len(a) == len(b) and all(map(equal, a, b))
    return bool(a == b)


@pytest.mark.parametrize("name", sorted(HARD))
def test_a_training_that_was_cut_goes_on_bit_by_bit(name: str) -> None:
    whole = make(HARD[name])
    expected = drain(whole)
    count = sum(isinstance(r, Step) for r in expected)
    for cut in {1, count // 2, count - 1} - {0}:
        first = make(HARD[name])
        before = drain(first, cut)
        assert isinstance(before[-1], End) and before[-1].status == "interrupted"
        second = make(HARD[name])
        state = capture(first)
        restore(second, state["model"], state["best"], state["averages"], state["optimizer"], state["state"])
        after = drain(second)
        assert rows(before) + rows(after) == rows(expected), f"cut after step {cut}"
        assert equal(capture(second), capture(whole)), f"cut after step {cut}"


def test_the_records_of_a_training() -> None:
    session = make()
    records = drain(session)
    steps = [r for r in records if isinstance(r, Step)]
    epochs = [r for r in records if isinstance(r, Epoch)]
    assert [s.step for s in steps] == list(range(1, 31)) and steps[10].in_epoch == 1 and steps[10].epoch == 2
    assert list(epochs[0].row) == [
        "epoch", "step", "seconds", "samples_per_second", "lr",
        "train_loss", "train_penalty", "train_accuracy", "train_eval_loss", "train_eval_accuracy", "val_loss", "val_accuracy",
    ]  # fmt: skip
    assert [e.final for e in epochs] == [False, False, True]
    assert isinstance(records[-1], End) and records[-1].status == "done"
    best = max(epochs, key=lambda e: e.row["val_accuracy"])
    assert records[-1].best["epoch"] == best.epoch and session.plan.monitor == "val_accuracy"


def test_accumulated_gradients_are_those_of_the_whole_step() -> None:
    pieces, whole = make(accumulate=4, batch_size=8), make(batch_size=32)
    losses = [[r.row["train_loss"] for r in drain(s) if isinstance(r, Epoch)] for s in (pieces, whole)]
    assert losses[0] == pytest.approx(losses[1], rel=1e-5)
    assert pieces.steps_per_epoch == whole.steps_per_epoch


def test_a_last_batch_of_one_row_joins_the_one_before() -> None:
    assert batch_bounds(65, 32) == [(0, 32), (32, 65)]
    assert batch_bounds(66, 32) == [(0, 32), (32, 64), (64, 66)]
    assert batch_bounds(3, 1) == [(0, 1), (1, 2), (2, 3)]
    assert batch_bounds(1, 32) == [(0, 1)]


def test_measuring_every_few_epochs_only() -> None:
    epochs = [r for r in drain(make(eval_every=2)) if isinstance(r, Epoch)]
    assert ["val_loss" in e.row for e in epochs] == [False, True, True], "every second epoch, and the last"
    assert epochs[0].value is None and not epochs[0].is_best


def test_the_best_weights_come_back_at_the_end() -> None:
    session = make({"optimizer": {"name": "sgd", "lr": 0.5, "momentum": 0.9}}, epochs=8)
    records = drain(session)
    best = records[-1].best  # type: ignore[union-attr]
    assert session.best_weights is not None and equal(session.net.state_dict(), session.best_weights)
    from dnnlab.engine.measure import evaluate

    assert session.validation is not None
    again = evaluate(session.net, session.validation, session.loss, session.metrics(), 256, session.autocast)
    assert again["val_accuracy"] == best["metrics"]["val_accuracy"]


def test_an_average_as_monitor_keeps_the_average_s_weights() -> None:
    session = make({"regularizers": {"ema": 0.8}}, monitor="val_accuracy_ema")
    records = drain(session)
    assert session.plan.monitor == "val_accuracy_ema"
    from dnnlab.engine.measure import evaluate

    assert session.validation is not None
    again = evaluate(session.net, session.validation, session.loss, session.metrics(), 256, session.autocast)
    assert again["val_accuracy"] == records[-1].best["metrics"]["val_accuracy_ema"]  # type: ignore[union-attr]


def test_early_stopping_stops_and_says_so() -> None:
    records = drain(
        make({"optimizer": {"name": "sgd", "lr": 1e-9}, "regularizers": {"early_stopping": 2}}, epochs=50)
    )
    end = records[-1]
    assert isinstance(end, End) and end.status == "stopped_early" and end.epoch == 3
    assert "val_accuracy was best at epoch 1" in end.reason


def test_time_runs_out() -> None:
    end = drain(make(max_minutes=1e-9))[-1]
    assert (
        isinstance(end, End)
        and (end.status, end.step) == ("stopped_early", 1)
        and "max_minutes" in end.reason
    )


def test_bfloat16_trains() -> None:
    session = make(precision="bf16", epochs=12)
    epochs = [r for r in drain(session) if isinstance(r, Epoch)]
    assert epochs[-1].row["train_loss"] < epochs[0].row["train_loss"] / 2
    assert all(p.dtype == torch.float32 for p in session.parameters)


def test_the_scaler_of_fp16_skips_infinite_steps_and_goes_on() -> None:
    """fp16 itself is refused on a CPU; its scaler's path is the same everywhere."""
    session = make(epochs=8)
    session.scaler = torch.amp.GradScaler("cpu", init_scale=2.0**127, growth_interval=10_000)
    plain = session.loss
    session.loss = lambda outputs, batch: 1000 * plain(outputs, batch)  # 1000 * 2^127 is beyond float32
    before = [p.detach().clone() for p in session.parameters]
    records = drain(session)
    assert session.scaler.get_scale() < 2.0**127, "infinite gradients lowered the scale"
    assert isinstance(records[-1], End) and records[-1].status == "done"
    assert any(not torch.equal(a, b) for a, b in zip(before, session.parameters, strict=True))
    assert records[-1].last["metrics"]["train_loss"] < 2000


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # torch's own, while it compiles
def test_a_compiled_net_trains() -> None:
    session = make(compile=True)
    records = drain(session)
    assert isinstance(records[-1], End) and records[-1].last["metrics"]["train_loss"] < 2.5
    assert "_orig_mod" not in "".join(session.net.state_dict())


def test_probes_by_name_and_a_name_that_no_probe_has() -> None:
    session = make({"logging": {"probes": {"gradient_norm": "4 steps"}, "gradient_norm_every": "none"}})
    noted = [r.step for r in drain(session) if isinstance(r, Step) and "gradients.jsonl" in (r.rows or {})]
    assert noted == [1, *range(4, 31, 4)]
    with pytest.raises(
        ConfigError, match=r"logging\.probes\.gradient_morn: no probe is called .*did you mean gradient_norm"
    ):
        make({"logging": {"probes": {"gradient_morn": "4 steps"}}})


def test_a_last_piece_of_one_row_joins_the_one_before_under_batch_normalization() -> None:
    session = make(
        {"data": {"name": "digits", "limit": 97}, "normalization": "batch"}, accumulate=3, batch_size=32
    )
    assert isinstance(drain(session)[-1], End)


def test_careful_mode_names_the_tensor_that_clipping_would_have_hidden() -> None:
    session = make({"gradient_clipping": "global_norm"})
    session.careful = True
    weight = dict(session.net.named_parameters())["output.weight"]
    weight.register_hook(lambda grad: grad * float("nan"))
    with pytest.raises(DivergedError, match=r"in step 1 the gradient of output\.weight is not a number"):
        drain(session)
