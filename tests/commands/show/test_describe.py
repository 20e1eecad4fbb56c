"""`show CONFIG|RUN` as data: the net and the data without training; damaged folders; foreign plugins."""

from __future__ import annotations

import json
import shutil

import pytest
from helpers.trainings import small, trained, write

from dnnlab.commands.show.describe import describe_config, describe_run
from dnnlab.config import load, load_mapping
from dnnlab.errors import ConfigError, DataError, DnnlabError, RunError
from dnnlab.registry import load_plugin, register
from dnnlab.rundir import read_run
from dnnlab.rundir.run_record import read_record

PLUGIN = '''
from pathlib import Path
from dnnlab.registry import part

Path(__file__).with_suffix(".ran").touch()

@part("activation", source="a test")
def cubed(width: int):
    """z^3."""
    from torch import nn
    return nn.Tanh()
'''


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    return trained(tmp_path_factory.mktemp("run"), "training.epochs=2", normalization="batch")


def test_a_config_tells_data_layers_and_steps():
    face = describe_config(load_mapping(small(normalization="batch", per_layer={"output": {"frozen": True}})))
    assert face["data"]["in_shape"] == [1, 8, 8] and face["data"]["rows"]["train"] == 300
    assert face["data"]["lines"][0].startswith("digits 1x8x8: 300 train")
    assert [layer["name"] for layer in face["layers"]] == ["flatten", "hidden1", "output"]
    assert face["totals"] == {
        "trained": 64 * 16 + 32,
        "not_trained": 32 + 170,
        "multiply_adds": 64 * 16 + 160,
    }
    assert (face["batch_size"], face["steps_per_epoch"], face["steps"]) == (32, 10, 30)
    assert (face["loss"], face["metrics"], face["monitor"], face["better"]) == (
        "cross_entropy",
        ["accuracy"],
        "val_accuracy",
        "max",
    )
    assert face["initializers"] == {"hidden1": "he_normal", "output": "glorot_uniform"}
    assert json.loads(json.dumps(face)) == face


def test_the_resolved_form_loads_as_the_same_config():
    config = load_mapping(small(schedule="one_cycle"))
    again = load_mapping(describe_config(config)["config"])
    assert again.resolved() == config.resolved()


def test_a_config_for_another_machine_can_be_looked_at():
    face = describe_config(
        load_mapping(small(training={"device": "cuda:7", "precision": "fp16", "compile": True}))
    )
    assert face["config"]["training"]["device"] == "cuda:7" and face["layers"]


def test_advice_and_notes_are_there():
    face = describe_config(
        load_mapping(small(initializer="zeros"), {"schedule": "one_cycle", "optimizer": "nadam"})
    )
    assert [finding["code"] for finding in face["findings"]] == ["zeros_initializer"]


def test_what_training_would_refuse_is_refused(tmp_path):
    with pytest.raises(ConfigError, match=r"bad\.yaml:\d+:\d+ .*nothing is left|window"):
        layers = {"name": "sequential", "layers": ["max_pool", "max_pool", "max_pool", "max_pool"]}
        describe_config(load(write(tmp_path, small(architecture=layers), "bad.yaml")))
    with pytest.raises(DataError, match="mnist were not found"):
        describe_config(load_mapping({"data": {"name": "mnist", "root": str(tmp_path)}}))


def test_a_run_is_described_from_its_folder_alone(whole, tmp_path):
    run = shutil.copytree(whole, tmp_path / whole.name)
    face, of_config = (
        describe_run(read_record(run)),
        describe_config(load(run / "config.yaml", ["training.epochs=2"])),
    )
    for key in ("layers", "totals", "loss", "metrics", "monitor", "batch_size", "steps_per_epoch", "steps"):
        assert face[key] == of_config[key], key
    assert face["data"]["rows"] == of_config["data"]["rows"]
    assert face["data"]["lines"][1] == "standardized per channel; 10 classes, even"
    assert (face["status"], face["problem"], face["best"]["epoch"]) == (
        "done",
        "",
        read_run(run).meta["best"]["epoch"],
    )


def test_a_run_without_its_data_description_still_shows_its_config(whole, tmp_path):
    run = shutil.copytree(whole, tmp_path / whole.name)
    (run / "data.json").unlink()
    face = describe_run(read_record(run))
    assert (
        face["layers"] is None
        and "data.json is missing" in face["problem"]
        and face["config"]["name"] == "experiment"
    )


def test_damage_anywhere_is_told_and_never_a_traceback(whole, tmp_path):
    for file in sorted(
        path
        for path in whole.rglob("*")
        if path.is_file() and path.suffix in (".json", ".yaml", ".jsonl", ".py")
    ):
        size = file.stat().st_size
        for piece in range(0, 16, 3):
            run = shutil.copytree(whole, tmp_path / "20261122-041833-mine-7f3a1c")
            (run / file.relative_to(whole)).write_bytes(
                file.read_bytes()[: size * piece // 16] + b"\xff" * (piece % 2)
            )
            try:
                face = describe_run(read_record(run))
            except DnnlabError as error:
                assert error.code in ("run", "config")
            else:
                assert face["layers"] is not None or face["problem"]
            shutil.rmtree(run)


def test_nothing_left_to_show_is_an_error(tmp_path):
    run = tmp_path / "20261122-041833-mine-7f3a1c"
    run.mkdir()
    with pytest.raises(RunError, match=r"cannot be shown: .* does not say what it was made from"):
        describe_run(read_record(run))


def test_looking_at_a_run_does_not_run_its_plugin(tmp_path):
    (tmp_path / "mine.py").write_text(PLUGIN)
    run = trained(tmp_path, activation="cubed", plugins=["mine.py"], training={"epochs": 1})
    for origin in list(register.plugin_texts):
        register.forget(origin)
    (tmp_path / "mine.ran").unlink()
    face = describe_run(read_record(run))
    assert not (tmp_path / "mine.ran").exists()
    assert face["layers"] is None and "activation:" in face["text"]
    assert "brings the plugin 01-mine.py" in face["problem"] and "--plugin FILE" in face["problem"]
    load_plugin(tmp_path / "mine.py")  # the user's own copy: the very text
    assert describe_run(read_record(run))["layers"][1]["what"] == "dense 64->16, cubed"


def test_a_trusted_plugin_runs(tmp_path):
    (tmp_path / "mine.py").write_text(PLUGIN)
    run = trained(tmp_path, activation="cubed", plugins=["mine.py"], training={"epochs": 1})
    for origin in list(register.plugin_texts):
        register.forget(origin)
    assert describe_run(read_record(run), trust_plugins=True)["layers"][1]["what"] == "dense 64->16, cubed"
