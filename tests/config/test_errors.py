"""Configs that are refused, by the text of each error: unknown and misplaced keys, hints, types, ranges,
parts.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from dnnlab import config
from dnnlab.config.hints import HINTS
from dnnlab.config.schema_paths import slot_of
from dnnlab.config.sections import ROOT
from dnnlab.errors import ConfigError, Problem

Refused = Callable[..., list[str]]

# the line below `data: digits` -> place, path and rest of the one error
KEYS = {
    # unknown: the nearest
    "optimizr: adam": "x.yaml:2:1 optimizr: no such key; did you mean optimizer?",
    "training: {epoch: 3}": "x.yaml:2:12 training.epoch: no such key; did you mean epochs?",
    "bas: x.yaml": "x.yaml:2:1 bas: no such key; did you mean base?",
    "optimizer: {learnin_rate: 0.1}": "x.yaml:2:13 optimizer.learnin_rate: no such key; write `lr: 0.1`",
    "checkpoint: {zzz: 1}": "x.yaml:2:14 checkpoint.zzz: no such key; expected one of: every, keep",
    "activation: {name: zz_bent, zzz: 1}": "x.yaml:2:29 activation.zzz: no such key; "
    "expected one of: beta, inner; "
    "`dnnlab show activation.zz_bent` explains them",
    # misplaced: where they belong
    "lr: 0.01": "x.yaml:2:1 lr: no such key; write `optimizer: {lr: 0.01}`",
    "epochs: 5": "x.yaml:2:1 epochs: no such key; write `training: {epochs: 5}`",
    "dropout: 0.2": "x.yaml:2:1 dropout: no such key; write `regularizers: {dropout: 0.2}`",
    "early_stopping: {patience: 3}": (
        "x.yaml:2:1 early_stopping: no such key; write `regularizers: {early_stopping: {patience: 3}}`"
    ),
    "hidden: [3, 4]": "x.yaml:2:1 hidden: no such key; write `architecture: {hidden: [3, 4]}`",
    "training: {seed: 1}": "x.yaml:2:12 training.seed: no such key; write `seed: 1`",
    "training: {keep: all}": "x.yaml:2:12 training.keep: no such key; write `checkpoint: {keep: all}`",
    "optimizer: {warmup: 2 epochs}": (
        "x.yaml:2:13 optimizer.warmup: no such key; write `schedule: {warmup: 2 epochs}`"
    ),
    "training: {base: x.yaml}": "x.yaml:2:12 training.base: no such key; write `base:` at the top of a file",
    # hints: the line to write, with the user's own value
    "learning_rate: 3e-4": "x.yaml:2:1 learning_rate: no such key; write `optimizer: {lr: 0.0003}`",
    "optimizer: {learning_rate: 3e-4}": (
        "x.yaml:2:13 optimizer.learning_rate: no such key; write `lr: 0.0003`"
    ),
    "weight_decay: 1e-4": "x.yaml:2:1 weight_decay: no such key; write `regularizers: {l2: 0.0001}`",
    "optimizer: {weight_decay: 1e-4}": (
        "x.yaml:2:13 optimizer.weight_decay: no such key; write `regularizers: {l2: 0.0001}`"
    ),
    "callbacks: [EarlyStopping]": (
        "x.yaml:2:1 callbacks: no such key; write `regularizers: {early_stopping: {patience: 10}}`"
    ),
    "units: 100": "x.yaml:2:1 units: no such key; write `architecture: {hidden: [100]}`",
    "lr_scheduler: constant": "x.yaml:2:1 lr_scheduler: no such key; write `schedule: constant`",
    "num_epochs: 7": "x.yaml:2:1 num_epochs: no such key; write `training: {epochs: 7}`",
    "training: {max_epochs: 7}": "x.yaml:2:12 training.max_epochs: no such key; write `epochs: 7`",
    "normalization: {name: batch, momentum: 0.01}": "x.yaml:2:30 normalization.momentum: no such key; "
    "write `decay: 0.99` if it is torch's momentum, `decay: 0.01` if it is Keras'",
    "normalization: {name: batch, momentum: x}": "x.yaml:2:30 normalization.momentum: no such key; "
    "write `decay: ...` (torch: decay = 1 - momentum; Keras: decay = momentum)",
    "max_grad_norm: 1": "x.yaml:2:1 max_grad_norm: no such key; write `gradient_clipping: {global_norm: 1}`",
    "shuffle: true": (
        "x.yaml:2:1 shuffle: no such key; leave it out: training rows come in a new order every epoch"
    ),
    "patience: 4": "x.yaml:2:1 patience: no such key; write `regularizers: {early_stopping: {patience: 4}}`",
    "activation: {name: zz_bent, slope: 2}": "x.yaml:2:29 activation.slope: no such key; write `beta: 2`",
    "activation: {name: zz_bent, shape: 2}": "x.yaml:2:29 activation.shape: no such key; leave it out",
    "model: mlp": "x.yaml:2:1 model: no such key; write `architecture: mlp`",
}


@pytest.mark.parametrize("line", KEYS)
def test_keys(refused: Refused, line: str) -> None:
    assert refused(f"data: digits\n{line}\n") == [KEYS[line]]


VALUES = {
    "metrics: none": 'x.yaml:2:1 metrics: received "none"; expected a list or auto; write `metrics: []`',
    "seed: -1": "x.yaml:2:1 seed: received -1; expected a number >= 0",
    "seed: 1.5": "x.yaml:2:1 seed: received 1.5; expected a whole number",
    "training: {epochs: 20.0}": (
        "x.yaml:2:12 training.epochs: received 20.0; expected a whole number; write `epochs: 20`"
    ),
    "training: {epochs: '20'}": (
        'x.yaml:2:12 training.epochs: received "20"; expected a whole number; write `epochs: 20`'
    ),
    "training: {epochs: 20 epochs}": (
        'x.yaml:2:12 training.epochs: received "20 epochs"; expected a whole number; write `epochs: 20`'
    ),
    # a comma parts thousands only in front of three digits, and never after a leading zero
    "optimizer: {lr: '0,1'}": 'x.yaml:2:13 optimizer.lr: received "0,1"; expected a number; write `lr: 0.1`',
    "optimizer: {lr: '0,001'}": (
        'x.yaml:2:13 optimizer.lr: received "0,001"; expected a number; write `lr: 0.001`'
    ),
    "optimizer: {lr: '-1,5e-3'}": (
        'x.yaml:2:13 optimizer.lr: received "-1,5e-3"; expected a number; write `lr: -0.0015`'
    ),
    "optimizer: {lr: '1,000'}": (
        'x.yaml:2:13 optimizer.lr: received "1,000"; expected a number; write `lr: 1000` or `1.0`'
    ),
    "optimizer: {lr: '12,500.5'}": (
        'x.yaml:2:13 optimizer.lr: received "12,500.5"; expected a number; write `lr: 12500.5`'
    ),
    "training: {epochs: '12,500'}": "x.yaml:2:12 training.epochs: received "
    '"12,500"; expected a whole number; '
    "write `epochs: 12500`",
    "training: {epochs: '1,5'}": 'x.yaml:2:12 training.epochs: received "1,5"; expected a whole number',
    "training: {epochs: 1_000}": (
        'x.yaml:2:12 training.epochs: received "1_000"; expected a whole number; write `epochs: 1000`'
    ),
    "training: {epochs: true}": "x.yaml:2:12 training.epochs: received true; expected a whole number",
    "training: {epochs: 0}": "x.yaml:2:12 training.epochs: received 0; expected a number >= 1",
    "training: {batch_size: ful}": (
        'x.yaml:2:12 training.batch_size: received "ful"; expected a whole number or full; did you mean full?'
    ),
    "training: {precision: bf61}": (
        'x.yaml:2:12 training.precision: received "bf61"; expected fp32, tf32, bf16 or fp16; did you '
        "mean bf16?"
    ),
    "training: {device: gpu}": (
        'x.yaml:2:12 training.device: received "gpu"; expected auto, cpu, cuda, cuda:1 or mps'
    ),
    "training: {deterministic: yes}": "x.yaml:2:12 training.deterministic: received "
    '"yes"; expected true or false; '
    "write `deterministic: true`",
    "training: {max_minutes: None}": (
        'x.yaml:2:12 training.max_minutes: received "None"; expected a number or none; did you mean none?'
    ),
    "training: {max_minutes: 0}": (
        "x.yaml:2:12 training.max_minutes: received 0; expected a number > 0 or none"
    ),
    "training:": "x.yaml:2:1 training: nothing is written here; expected a mapping; "
    "write a value, or remove the line (`training: none` where nothing is wanted)",
    "training: [1]": "x.yaml:2:1 training: received [1]; expected a mapping",
    "tags: a": 'x.yaml:2:1 tags: received "a"; expected a list; write `tags: [a]`',
    "note: 3": 'x.yaml:2:1 note: received 3; expected a text; write `note: "3"`',
    "optimizer: {lr: .nan}": "x.yaml:2:13 optimizer.lr: received .nan; expected a finite number",
    "optimizer: {lr: 1e-3x}": 'x.yaml:2:13 optimizer.lr: received "1e-3x"; expected a number',
    "schedule: {warmup: 5}": "x.yaml:2:12 schedule.warmup: received 5; expected "
    "a duration with its unit, such as `5 "
    "epochs`, "
    "`500 steps` or `10 %` or none; did you mean `5 epochs` or `5 steps`?",
    "checkpoint: {every: 2.5 steps}": 'x.yaml:2:14 checkpoint.every: received "2.5 '
    'steps"; expected a number of epochs, '
    "or a length such as `5 epochs`, `500 steps` or `10 minutes` or auto",
    "checkpoint: {every: 10 %}": 'x.yaml:2:14 checkpoint.every: received "10 '
    '%"; expected a number of epochs, '
    "or a length such as `5 epochs`, `500 steps` or `10 minutes` or auto",
    "checkpoint: {every: 0 minutes}": 'x.yaml:2:14 checkpoint.every: received "0 '
    'minutes"; expected a number of epochs, '
    "or a length such as `5 epochs`, `500 steps` or `10 minutes` or auto",
    "logging: {steps_every: 0 steps}": 'x.yaml:2:11 logging.steps_every: received "0 '
    'steps"; expected a duration above zero, '
    "such as `50 steps` or `1 epoch` or auto or none",
    "lint: {ignore: [zeros_initialiser]}": (
        'x.yaml:2:17 lint.ignore.0: no advice has the code "zeros_initialiser"; known: '
    )
    + ", ".join(config.CODES)
    + "; remove it",
    'per_layer: {"hidden[12]": {dropout: 1.5}}': (
        'x.yaml:2:28 per_layer."hidden[12]".dropout: received 1.5; expected a number < 1'
    ),
    'per_layer: {"hidden[": {dropout: 0.5}}': 'x.yaml:2:13 per_layer."hidden[": received '
    '"hidden["; expected a regular expression '
    "over layer names (unterminated character set at position 6)",
    "per_layer: {hidden1: {dropout: none}}": (
        'x.yaml:2:23 per_layer.hidden1.dropout: received "none"; expected a number'
    ),
    "regularizers: {l2: -1}": "x.yaml:2:16 regularizers.l2.strength: received -1; expected a number >= 0",
    "regularizers: {dropout: false}": "x.yaml:2:16 regularizers.dropout: received "
    "false; expected keys of dropout; "
    "write `dropout: true` for its defaults, `dropout: none` to do without",
    "regularizers: {dropout: }": "x.yaml:2:16 regularizers.dropout: nothing is "
    "written here; expected keys of dropout; "
    "write `dropout: true` for its defaults, `dropout: none` to do without",
    "regularizers: {zz_plain: 3}": (
        "x.yaml:2:16 regularizers.zz_plain: received 3; zz_plain has no keys; write `zz_plain: true`"
    ),
    "regularizers: {dropout: {name: l2}}": "x.yaml:2:26 regularizers.dropout.name: the "
    "name l2 is inside dropout; "
    "expected keys of dropout; leave `name` out",
    "regularizers: [dropout, {dropout: 0.1}]": (
        "x.yaml:2:25 regularizers.1: dropout is written twice; expected each part once; remove one"
    ),
    "regularizers: [3]": "x.yaml:2:16 regularizers.0: received 3; expected one "
    "of the regularizers by name; write its "
    "name, "
    "or `{name: ...}`",
    "schedule: exponential": (
        "x.yaml:2:1 schedule.over: a key is missing; expected a value; write `over: 2 epochs`, for example"
    ),
    "architecture: {name: zz_stack}": (
        "x.yaml:2:1 architecture.layers: a key is missing; write architecture.layers: ..."
    ),
    (
        "architecture: {name: zz_stack, layers: [{zz_wide: 3}, {zz_wide: 0}]}"
    ): "x.yaml:2:56 architecture.layers.1.units: received 0; expected a number >= 1",
    "architecture: {name: zz_stack, layers: [{zz_wide: {units: 3, bend: {beta: 0}}}]}": "x.yaml:2:69 "
    "architecture.layers.0.bend.beta: received 0; expected a number > 0",
}


PLACES = [
    "",
    *(
        name
        for name, known in ROOT.fields.items()
        if slot_of(known).form in ("section", "one", "by_name", "many")
    ),
]


@pytest.mark.parametrize("value", ["mlp", 3, {"hidden": [3]}, None], ids=str)
@pytest.mark.parametrize("place", PLACES)
def test_keys_of_other_tools_at_every_place(place: str, value: object) -> None:
    for key in HINTS:
        inner = {"name": "digits", key: value} if place == "data" else {key: value}
        tree = {"data": "digits"} | ({place: inner} if place else inner)
        try:
            config.load_mapping(tree)
        except ConfigError as error:
            assert all(p.received and (p.expected or p.fix) for p in error.problems), (place, key)


@pytest.mark.parametrize(
    ("place", "key", "value"),
    [("architecture", k, "mlp") for k in ("model", "network", "net", "arch")]
    + [("activation", k, "elu") for k in ("activation_function", "nonlinearity", "act")]
    + [("schedule", k, "exponential") for k in ("scheduler", "lr_scheduler", "lr_schedule")]
    + [("optimizer", k, "sgd") for k in ("optim", "solver")],
)
def test_the_name_of_a_part_under_another_tools_key(
    refused: Refused, place: str, key: str, value: str
) -> None:
    column = len(place) + 4
    (line,) = refused(f"data: digits\n{place}: {{{key}: {value}}}")
    assert line == f"x.yaml:2:{column} {place}.{key}: no such key; write `name: {value}`"


def test_a_key_that_names_its_own_place_and_holds_no_name(refused: Refused) -> None:
    (line,) = refused("data: digits\ntraining: {optim: 3}")
    assert line == "x.yaml:2:12 training.optim: no such key; write `optimizer: 3`"
    (line,) = refused("data: digits\narchitecture: {netwok: [3]}")
    assert line.startswith("x.yaml:2:16 architecture.netwok: no such key; expected one of: ")


@pytest.mark.parametrize("line", VALUES)
def test_values(refused: Refused, line: str) -> None:
    assert refused(f"data: digits\n{line}\n") == [VALUES[line]]


def test_parts_that_do_not_exist(refused: Refused) -> None:
    (line,) = refused("data: digits\nactivation: zz_bnt\n")
    assert line.startswith('x.yaml:2:1 activation: no activation is called "zz_bnt"; known: zz_bent and ')
    assert line.endswith("; did you mean zz_bent?")
    (line,) = refused("data: digits\nregularizers: {dropuot: none}\n")
    assert line.startswith('x.yaml:2:16 regularizers.dropuot: no regularizer is called "dropuot"; known: ')
    assert line.endswith("; did you mean dropout?")
    (line,) = refused("data: digits\ninitializer: autoo\n")
    assert line.endswith(", auto; did you mean auto?")
    (line,) = refused("data: digits\narchitecture: {name: zz_stack, layers: [{zz_wyde: 3}]}\n")
    assert 'architecture.layers.0: no layer is called "zz_wyde"' in line and line.endswith(
        "; did you mean zz_wide?"
    )


def test_what_is_no_part(refused: Refused) -> None:
    (line,) = refused("data: digits\nactivation: 3\n")
    assert line.startswith("x.yaml:2:1 activation: received 3; expected an activation by name (celu, ")
    (line,) = refused("data: digits\nmetrics: accuracy\n")
    assert (
        line
        == 'x.yaml:2:1 metrics: received "accuracy"; expected a list or auto; write `metrics: [accuracy]`'
    )
    (line,) = refused("data: digits\ngradient_clipping: {threshold: 1}\n")
    assert "received {threshold: 1}; expected a gradient clipping by name (" in line and "none)" in line


def test_data_is_required(refused: Refused) -> None:
    (line,) = refused("seed: 1\n")
    assert line.startswith("x.yaml:1:1 data: a key is missing; expected one of: ") and line.endswith(
        "write `data: digits`"
    )


def test_everything_at_once_in_file_order(refused: Refused) -> None:
    lines = refused(
        "data: digits\nseed: -1\nseed: 2\nlr: 1\ntraining: {epochs: no, batch_size: 0}\n",
        "optimizer.lr=-1",
        "=3",
        "note=",
    )
    assert [line.split(" ")[0] for line in lines[:5]] == [
        "x.yaml:2:1",
        "x.yaml:3:1",
        "x.yaml:4:1",
        "x.yaml:5:12",
        "x.yaml:5:24",
    ]
    assert sorted(line.split(":")[0] for line in lines[5:]) == [
        "note",
        "optimizer.lr",
        'received "=3"; expected KEY=VALUE or KEY+=VALUE; '
        "keys are joined by dots (items of lists by their number); a key with "
        "dots or brackets needs double quotes",
    ]


def test_a_missing_key_of_a_part_from_the_command_line_has_no_place(refused: Refused) -> None:
    (line,) = refused("data: digits\n", "architecture=zz_stack")
    assert line.startswith("architecture.layers: a key is missing")


def test_problems_of_later_stages_get_their_place(tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    path.write_text("data: digits\narchitecture:\n  hidden: [3]\n")
    loaded = config.load(path, ["seed=1"])
    assert (
        str(loaded.locate(Problem("a", path="architecture.hidden.0")))
        == f"{path}:3:12 architecture.hidden.0: a"
    )
    assert loaded.locate(Problem("a", path="optimizer.lr")).line == 1  # written nowhere: the file
    assert loaded.locate(Problem("a", path="seed")).file is None
    assert loaded.locate(Problem("a", path="seed").at("other", 1, 1)).file == "other"


def test_errors_from_python_have_no_place() -> None:
    with pytest.raises(ConfigError) as caught:
        config.load_mapping(
            {"data": "digits", "lr": 0.1, "training": {"epochs": 0}}, {"seed": -1, "bad key": 1}
        )
    assert [(p.path, p.file) for p in caught.value.problems] == [
        ("", None),
        ("seed", None),
        ("training.epochs", None),
        ("lr", None),
    ]


def test_neither_the_import_nor_an_error_brings_torch_in(tmp_path: Path) -> None:
    (tmp_path / "x.yaml").write_text("data: digits\nlr: 0.1\n")
    code = (
        "import sys\nfrom dnnlab import config\nfrom dnnlab.errors import ConfigError\n"
        "try: config.load('x.yaml')\nexcept ConfigError as error: print(error)\n"
        "print([m for m in ('torch', 'numpy', 'sklearn') if m in sys.modules])"
    )
    root = Path(__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env={"PYTHONPATH": str(root)},
        capture_output=True,
        text=True,
    )
    assert done.stdout.splitlines() == ["x.yaml:2:1 lr: no such key; write `optimizer: {lr: 0.1}`", "[]"], (
        done.stderr
    )
