"""`check`: four named checks; what fails says where and how to mend it; nothing is written."""

from __future__ import annotations

from pathlib import Path

import pytest

from dnnlab.commands.check.check import STATIC, face, static_checks
from dnnlab.commands.check.result import Check
from dnnlab.errors import ConfigError, DnnlabError, UsageError

EXAMPLES = sorted((Path(__file__).parents[3] / "configs").glob("*.yaml"))


def checks(folder: Path, text: str, *overrides: str) -> dict[str, Check]:
    (folder / "x.yaml").write_text(text)
    found = list(static_checks(folder / "x.yaml", overrides, folder / "runs"))
    assert [check.name for check in found] == list(STATIC)
    assert sorted(path.name for path in folder.iterdir()) == ["x.yaml"], "check writes nothing"
    return {check.name: check for check in found}


def test_everything_passes(tmp_path: Path) -> None:
    found = checks(tmp_path, "data: digits\narchitecture: {hidden: [20]}\n")
    assert [check.passed for check in found.values()] == [True] * 4
    assert found["config"].measured == "every key and value is known"
    assert found["data"].measured == "digits 1x8x8: 1,079 train, 359 validation, 359 test"
    assert (
        found["shapes"].measured
        == "1x8x8 to 10; 2 layers with 1,480 weights; cross_entropy, monitor val_accuracy"
    )
    assert face(list(found.values()))["passed"] is True


def test_all_problems_of_the_config_and_nothing_behind_it(tmp_path: Path) -> None:
    found = checks(tmp_path, "data: digits\nactivation: relo\n", "seed=-1")
    assert [check.passed for check in found.values()] == [False, None, None, None]
    assert found["config"].measured == "2 problems"
    assert {(p.path, p.line) for p in found["config"].problems} == {("activation", 2), ("seed", None)}
    assert found["shapes"].measured == "not looked at: the config comes first"
    assert face(list(found.values()))["passed"] is False


def test_yaml_that_cannot_be_parsed_fails_the_check_of_the_config(tmp_path: Path) -> None:
    found = checks(tmp_path, "data: [digits\n")
    assert found["config"].passed is False
    assert str(found["config"].problems[0]).startswith(f"{tmp_path / 'x.yaml'}:1:7: ")


def test_data_that_cannot_be_read(tmp_path: Path) -> None:
    found = checks(tmp_path, "data:\n  name: csv\n  path: nowhere.csv\n  target: y\n")
    assert [check.passed for check in found.values()] == [True, False, None, True]
    problem = found["data"].problems[0]
    assert (problem.path, problem.line) == ("data.path", 3)
    assert found["shapes"].measured == "not looked at: the data come first"


@pytest.mark.parametrize(
    ("line", "path"),
    [
        ("architecture: {name: cnn, blocks: [[4], [4], [4], [4]]}", "architecture"),
        ("per_layer: {hidden7: {dropout: 0.1}}", "per_layer.hidden7"),
        ("loss: mse", "loss"),
        ("metrics: [r2]", "metrics.0"),
        ("optimizer: lbfgs", "training.batch_size"),
        ("optimizer: {name: sgd, nesterov: true}", "optimizer.nesterov"),
        ("schedule: {warmup: 50 epochs}", "schedule.warmup"),
        ("training: {monitor: val_loss}\ndata: {name: digits, validation: none}", "training.monitor"),
        ("training: {device: 'cuda:99'}", "training.device"),
    ],
)
def test_parts_that_do_not_fit(tmp_path: Path, line: str, path: str) -> None:
    text = line if "data:" in line else f"data: digits\n{line}\n"
    found = checks(tmp_path, text)
    assert [check.passed for check in found.values()] == [True, True, False, True]
    problem = found["shapes"].problems[0]
    assert problem.path.replace('"', "").startswith(path)
    assert problem.file == str(tmp_path / "x.yaml")


def test_advice_is_a_warning_unless_it_is_ignored(tmp_path: Path) -> None:
    text = "data: digits\nactivation: selu\ninitializer: he_normal\n"
    found = checks(tmp_path, text)["lint"]
    assert (found.passed, found.warning) == (True, True)
    assert found.advice == "if it is meant so: lint: {ignore: [selu_initializer]}"
    assert face([found])["passed"] is True
    assert face([found], strict=True)["passed"] is False
    assert found.problems[0].line == 3
    assert "write `initializer: lecun_normal`" in str(found.problems[0])
    ignored = checks(tmp_path, text + "lint: {ignore: [selu_initializer]}\n")["lint"]
    assert (ignored.passed, ignored.warning) == (True, False)


def test_times_in_steps_are_advised_on_once_the_rows_are_counted(tmp_path: Path) -> None:
    text = "data: iris\ntraining: {epochs: 4}\nschedule: {name: step, every: %s}\n"
    (problem,) = checks(tmp_path, text % "12 steps")["lint"].problems
    assert str(problem).startswith(
        f"{tmp_path / 'x.yaml'}:3:24 schedule.every: 12 steps in a training of 4 epochs (12 steps): training"
    )
    assert "write `schedule.every: 50 %` or less" in str(problem)
    assert checks(tmp_path, text % "11 steps")["lint"].warning is False
    assert checks(tmp_path, text % "12 steps" + "activation: swosh\n")["lint"].passed is None


@pytest.mark.parametrize(
    "path", [p for p in EXAMPLES if not p.stem.startswith(("mnist", "cifar"))], ids=lambda path: path.stem
)
def test_shipped_examples_pass(tmp_path: Path, path: Path) -> None:
    found = static_checks(path, [], tmp_path)
    assert [check for check in found if not check.passed or check.warning] == []


@pytest.mark.parametrize(
    ("word", "error", "text"),
    [
        ("nowhere.yaml", ConfigError, "no such file"),
        ("nothing", UsageError, "no such file, and no run of that name"),
        (".", UsageError, "no run"),
    ],
)
def test_where_there_is_nothing_to_check(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, word: str, error: type[DnnlabError], text: str
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(error, match=text):
        list(static_checks(word, [], tmp_path / "runs"))


def test_a_missing_base_is_a_problem_of_the_config(tmp_path: Path) -> None:
    found = checks(tmp_path, "base: nowhere.yaml\ndata: digits\n")["config"]
    assert found.passed is False
    assert found.problems[0].path == "base"


def test_the_json_face() -> None:
    one = Check("data", None, "not looked at")
    assert face([one]) == {
        "passed": True,
        "checks": [
            {
                "name": "data",
                "passed": None,
                "measured": "not looked at",
                "expected": "",
                "advice": "",
                "warning": False,
                "problems": [],
            }
        ],
    }
