"""Looking never changes a run, and what it sees is what is there."""

from __future__ import annotations

import math
from typing import Any

import pytest
import torch

from dnnlab.assembly.session import build
from dnnlab.config import load_mapping
from dnnlab.engine.checkpoint_state import capture
from dnnlab.engine.log_schedule import EverySteps, SpreadEpochs, WideningEpochs
from dnnlab.engine.loop import fit, measure_training_again
from dnnlab.engine.plan import train_eval_rows
from dnnlab.engine.records import Epoch, Step
from dnnlab.engine.session import Session
from dnnlab.errors import ConfigError

EVERY = (
    "steps_every",
    "update_ratio_every",
    "gradient_norm_every",
    "activations_every",
    "dead_units_every",
    "predictions_every",
)
QUIET: dict[str, Any] = dict.fromkeys([*EVERY, "histograms", "train_eval"], "none")
LOUD: dict[str, Any] = {**dict.fromkeys(EVERY, "1 steps"), "probes": {"histograms": "1 steps"}}
FILES = [
    "activations.jsonl",
    "dead_units.jsonl",
    "gradients.jsonl",
    "histograms.safetensors",
    "predictions.jsonl",
]
RESNET = {"name": "resnet", "form": "cifar", "depth": 8, "width": 4}
CNN = {"name": "cnn", "blocks": [[4], [4]], "hidden": [8]}
CONFIGS: dict[str, dict[str, Any]] = {
    "dropout_batchnorm_mixup_ema": {
        "normalization": "batch",
        "regularizers": {"dropout": 0.3, "mixup": 0.3, "ema": 0.9},
    },
    "batchnorm_behind": {
        "normalization": {"name": "batch", "position": "after_activation"},
        "regularizers": {"gaussian_dropout": 0.2},
    },
    "swa": {
        "normalization": "batch",
        "regularizers": {"swa": {"start": "1 epochs", "lr": 0.01}, "dropout": 0.2, "l2": 1e-3},
    },
    "lbfgs": {
        "optimizer": {"name": "lbfgs", "max_iter": 3},
        "training": {"batch_size": "full"},
        "regularizers": {"dropout": 0.1},
    },
    "accumulate": {
        "training": {"accumulate": 3, "batch_size": 8},
        "normalization": "batch",
        "regularizers": {"dropout": 0.2},
    },
    "streamed": {
        "data": {"name": "digits", "limit": 300, "in_memory": False, "augment": [{"shift": 0.2}]},
        "architecture": CNN,
    },
    "weights_that_move_in_training": {
        "normalization": {"name": "spectral", "iterations": 2},
        "regularizers": {"dropconnect": 0.2},
    },
    "drawing_activation": {"activation": "rrelu", "gradient_clipping": {"global_norm": 0.5}},
    "images": {
        "architecture": CNN,
        "regularizers": {"fractional_max_pool": 1.4, "cutmix": 1.0, "spatial_dropout": 0.2},
    },
    "residual": {"architecture": RESNET, "regularizers": {"stochastic_depth": 0.3}},
    "tied": {
        "architecture": {"name": "autoencoder", "hidden": [16, 4], "tied": True, "noise": 0.1},
        "activation": "tanh",
    },
    "maxout": {"activation": "maxout", "normalization": "weight"},
    "bfloat16": {"training": {"precision": "bf16"}, "regularizers": {"dropout": 0.2}},
    "frozen": {"normalization": "batch", "per_layer": {"hidden1": {"frozen": True}}},
    "balanced": {"data": {"name": "digits", "limit": 300, "balance": "weights"}},
    "drawn_rows": {"data": {"name": "digits", "limit": 300, "balance": "sampling"}},
    "one_output": {"data": "breast_cancer", "activation": "sigmoid"},
    "regression": {"data": "diabetes", "regularizers": {"mixup": 0.2}},
}


def make(logging: dict[str, Any] | None = None, **changes: Any) -> Session:
    """A session on 300 digits, ten steps an epoch."""
    config: dict[str, Any] = {
        "data": {"name": "digits", "limit": 300},
        "architecture": {"hidden": [12, 8]},
        **changes,
    }
    config["training"] = {"epochs": 2, **changes.get("training", {})}
    return build(load_mapping({**config, "logging": logging or {}})).session


def tensors(tree: Any, name: str = "") -> dict[str, torch.Tensor]:
    """All tensors of a tree by their path."""
    if isinstance(tree, torch.Tensor):
        return {name: tree}
    pairs = (
        tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list | tuple) else ()
    )
    return {k: t for key, item in pairs for k, t in tensors(item, f"{name}/{key}").items()}


def rows_of(session: Session, file: str) -> list[dict[str, Any]]:
    """The rows of one file, in order."""
    return [
        record.rows[file]
        for record in fit(session)
        if isinstance(record, Step) and file in (record.rows or {})
    ]


@pytest.mark.parametrize("name", CONFIGS)
def test_looking_at_everything_in_every_step_changes_no_bit(name: str) -> None:
    numbers = name in ("tied", "regression")
    quiet = make(QUIET, **CONFIGS[name])
    loud = make({**LOUD, "predictions_every": "auto"} if numbers else LOUD, **CONFIGS[name])
    assert not any(record.rows for record in fit(quiet) if isinstance(record, Step))
    files = [file for file in FILES if file != "predictions.jsonl" or not numbers]
    steps = [record for record in fit(loud) if isinstance(record, Step)]
    assert all(set(files) <= set(step.rows or {}) for step in steps)
    one, other = tensors(capture(quiet)), tensors(capture(loud))
    assert one.keys() == other.keys() and any(key.startswith("/optimizer") for key in one)
    assert [key for key in one if not torch.equal(one[key], other[key])] == []


@pytest.mark.parametrize("name", ["dropout_batchnorm_mixup_ema", "streamed", "lbfgs"])
@pytest.mark.parametrize(
    "probe", ["update_ratio", "gradient_norm", "activation_stats", "dead_units", "predictions", "histograms"]
)
def test_no_single_probe_changes_a_bit(name: str, probe: str) -> None:
    quiet, loud = make(QUIET, **CONFIGS[name]), make({**QUIET, "probes": {probe: "1 steps"}}, **CONFIGS[name])
    assert [
        all(not r.rows or len(r.rows) == 1 for r in fit(s) if isinstance(r, Step)) for s in (quiet, loud)
    ] == [True, True]
    assert all(
        torch.equal(a, b)
        for a, b in zip(quiet.net.state_dict().values(), loud.net.state_dict().values(), strict=True)
    )


def test_generator_mode_and_hooks_are_as_before() -> None:
    session = make(
        {**QUIET, "probes": dict.fromkeys(["activation_stats", "dead_units", "histograms"], "1 steps")},
        activation="rrelu",
    )
    list(fit(session))
    assert all(module.training and not module._forward_hooks for module in session.net.modules())


def test_activations_are_those_behind_the_activation_of_the_training_batch() -> None:
    session = make({"activations_every": "1 steps"}, activation="sigmoid")
    state = {name: tensor.clone() for name, tensor in session.net.state_dict().items()}
    order = torch.randperm(300, generator=torch.Generator().manual_seed(order_seed(session)))
    row = rows_of(session, "activations.jsonl")[0]
    assert list(row["layers"]) == ["hidden1", "hidden2", "output"]
    inputs = session.train.inputs[order[:32]].flatten(1).double()
    for layer in ("hidden1", "hidden2", "output"):
        inputs = inputs @ state[f"{layer}.weight"].double().T + state[f"{layer}.bias"].double()
        inputs = inputs if layer == "output" else 1 / (1 + (-inputs).exp())
        seen = row["layers"][layer]
        assert seen["mean"] == pytest.approx(inputs.mean().item(), rel=1e-5, abs=1e-6)
        assert seen["std"] == pytest.approx(math.sqrt(((inputs - inputs.mean()) ** 2).mean()), rel=1e-5)
        ends = ((inputs <= 0.01) | (inputs >= 0.99)).double().mean().item()
        assert seen["saturated"] == (None if layer == "output" else pytest.approx(ends))
        assert seen["zeros"] == 0


@pytest.mark.parametrize(
    "alone", [{"normalization": "layer"}, {"activation": "prelu"}], ids=["normalization", "activation"]
)
def test_a_net_whose_weights_all_rest_has_no_ratios_to_tell(alone: dict[str, Any]) -> None:
    net = {"name": "sequential", "layers": ["flatten", alone]}
    session = make(
        {"update_ratio_every": "1 steps"}, architecture=net, per_layer={"output": {"frozen": True}}
    )
    found = rows_of(session, "update_ratios.jsonl")
    assert len(found) == 20 and all(row["ratios"] == {} for row in found)


def order_seed(session: Session) -> int:
    """The seed of the first epoch's order."""
    from dnnlab.nn.seeds import mix

    return mix(session.plan.seed, "epoch 0")


@pytest.mark.parametrize(
    ("changes", "layers"),
    [
        ({"architecture": CNN, "normalization": "batch"}, ["conv1", "conv2", "hidden1", "output"]),
        (
            {"architecture": RESNET},
            ["conv1", *[f"block{i}{part}" for i in (1, 2, 3) for part in (".body.conv1", "")], "output"],
        ),
        (
            {"architecture": {"name": "autoencoder", "hidden": [16, 4], "tied": True}},
            ["hidden1", "hidden2", "hidden3", "output"],
        ),
        ({"architecture": {"name": "mlp", "hidden": []}}, ["output"]),
        (
            {
                "architecture": {
                    "name": "sequential",
                    "layers": ["flatten", {"dense": 5}, {"activation": "tanh"}],
                }
            },
            ["hidden1", "activation1", "output"],
        ),
    ],
    ids=["cnn", "resnet", "tied", "linear", "alone"],
)
def test_every_layer_with_an_activation_is_seen_under_its_name(
    changes: dict[str, Any], layers: list[str]
) -> None:
    row = rows_of(make(**changes), "activations.jsonl")[0]
    assert list(row["layers"]) == layers


@pytest.mark.parametrize("architecture", [{"name": "mlp", "hidden": [12]}, CNN], ids=["dense", "conv"])
def test_dead_units_are_those_that_never_fire(architecture: dict[str, Any]) -> None:
    session = make(
        {"dead_units_every": "1 steps"}, architecture=architecture, optimizer={"name": "sgd", "lr": 1e-12}
    )
    layer = next(iter(session.table.activations))
    with torch.no_grad():
        dict(session.net.named_parameters())[f"{layer}.bias"][1:3] = -1e6
    row = rows_of(session, "dead_units.jsonl")[0]
    units = len(dict(session.net.named_parameters())[f"{layer}.bias"])
    assert row["units"][layer] == {"dead": 2, "of": units}


def test_units_that_cannot_die_are_not_counted() -> None:
    assert (
        rows_of(make({"dead_units_every": "1 steps"}, activation="tanh"), "dead_units.jsonl")[0]["units"]
        == {}
    )


def test_predictions_are_those_of_the_fixed_rows() -> None:
    session = make({"predictions_every": "1 steps"})
    *_, last = rows_of(session, "predictions.jsonl")
    with torch.no_grad():
        session.net.eval()
        found = session.net(session.train.inputs[session.fixed_rows]).argmax(1)
    targets = session.train.targets[session.fixed_rows]  # type: ignore[index]
    assert last["rows"] == 256 and list(last["shares"]) == [str(i) for i in range(10)]
    assert list(last["shares"].values()) == pytest.approx(
        [(found == i).double().mean().item() for i in range(10)]
    )
    assert list(last["labels"].values()) == pytest.approx(
        [(targets == i).double().mean().item() for i in range(10)]
    )


def test_the_fixed_rows_do_not_depend_on_the_seed() -> None:
    first, second = make(), make(seed=7)
    assert torch.equal(first.fixed_rows, second.fixed_rows) and len(set(first.fixed_rows.tolist())) == 256


def test_the_training_rows_are_measured_again_as_validation_is() -> None:
    session = make(
        data={"name": "digits", "limit": 300, "validation": "none", "balance": "weights"},
        regularizers={"dropout": 0.5},
    )
    epochs = [record.row for record in fit(session) if isinstance(record, Epoch)]
    assert ["train_eval_loss" in row and "train_eval_accuracy" in row for row in epochs] == [True, True]
    rows = session.sample[: session.plan.train_eval_rows]
    with torch.no_grad():
        outputs = session.net.eval()(session.train.inputs[rows])
    expected = torch.nn.functional.cross_entropy(outputs, session.train.targets[rows])  # type: ignore[index]
    assert measure_training_again(session)["train_eval_loss"] == pytest.approx(expected.item(), rel=1e-6)


@pytest.mark.parametrize(
    ("rows", "measured"), [(40, 40), (256, 256), (1078, 256), (11_000, 550), (55_000, 1000)]
)
def test_how_many_rows_are_measured_again(rows: int, measured: int) -> None:
    assert train_eval_rows(rows) == measured


def test_looks_lie_ever_further_apart() -> None:
    look = WideningEpochs(8)
    assert [e for e in range(1, 42) if look.epoch_due(e)] == [
        *range(1, 9),
        10,
        12,
        14,
        16,
        20,
        24,
        28,
        32,
        40,
    ]
    assert sum(map(look.epoch_due, range(1, 10_001))) < 50
    few = WideningEpochs(4, first=False, last=100)
    assert [e for e in range(1, 101) if few.epoch_due(e)] == [
        1,
        2,
        3,
        4,
        6,
        8,
        12,
        16,
        24,
        32,
        48,
        64,
        96,
        100,
    ]
    assert sum(map(WideningEpochs(4).epoch_due, range(1, 1025))) == 20
    assert [step for step in range(40) if look.due(step, 10)] == [0, 9, 19, 29, 39]
    assert [step for step in range(40) if few.due(step, 10)] == [9, 19, 29, 39]
    assert look.due(0, 1) and look.due(0, 10) and not EverySteps(0).due(0, 10)


@pytest.mark.parametrize(
    ("count", "epochs", "chosen"),
    [(5, 10, [1, 3, 5, 8, 10]), (2, 9, [1, 9]), (20, 3, [1, 2, 3]), (4, 1, [1]), (3, 2, [1, 2])],
)
def test_a_number_of_epochs_is_spread_evenly(count: int, epochs: int, chosen: list[int]) -> None:
    assert [e for e in range(1, epochs + 1) if SpreadEpochs(count, epochs).epoch_due(e)] == chosen


def test_defaults_look_at_the_ends_of_epochs() -> None:
    session = make(training={"epochs": 10})
    steps = {
        file: []
        for file in ("activations.jsonl", "dead_units.jsonl", "predictions.jsonl", "histograms.safetensors")
    }
    for record in fit(session):
        for file in steps.keys() & set(getattr(record, "rows", None) or {}):
            steps[file].append(record.step)
    assert steps.pop("histograms.safetensors") == [10, 20, 30, 40, 60, 80, 100]
    assert all(found == [1, *range(10, 90, 10), 100] for found in steps.values())


@pytest.mark.parametrize("threshold", [1e-3, 1e3])
def test_what_was_clipped_is_marked(threshold: float) -> None:
    row = rows_of(
        make({"steps_every": "1 steps"}, gradient_clipping={"global_norm": threshold}), "steps.jsonl"
    )[0]
    assert row["clipped"] is (threshold < 1)
    assert row["clipping_factor"] == pytest.approx(min(1.0, threshold / row["gradient_norm"]), rel=1e-3)


def test_a_probe_of_classes_is_off_where_there_are_none_and_refused_where_asked_for() -> None:
    assert "predictions.jsonl" not in make(data="diabetes").plan.probe_every
    with pytest.raises(
        ConfigError,
        match=r"logging\.predictions_every: predictions looks at one class of several or several labels",
    ):
        make({"predictions_every": "1 epochs"}, data="diabetes")


@pytest.mark.parametrize("word", ["1", "21", "often"])
def test_a_number_of_histograms_has_its_range(word: str) -> None:
    with pytest.raises(ConfigError, match=r"logging\.histograms"):
        make({"histograms": int(word) if word.isdigit() else word})


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # torch's own, while it compiles
def test_a_compiled_net_is_looked_at_without_a_change() -> None:
    changes: dict[str, Any] = {
        "training": {"compile": True, "epochs": 1},
        "normalization": "batch",
        "regularizers": {"dropout": 0.2},
    }
    quiet = make(QUIET, **changes)
    list(fit(quiet))
    torch._dynamo.reset()  # what one net was compiled into would serve the next, with other last bits
    loud = make(LOUD, **changes)
    assert list(rows_of(loud, "activations.jsonl")[0]["layers"]) == ["hidden1", "hidden2", "output"]
    assert all(
        torch.equal(a, b)
        for a, b in zip(quiet.net.state_dict().values(), loud.net.state_dict().values(), strict=True)
    )
