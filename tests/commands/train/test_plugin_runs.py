"""A part from a plugin file: named in YAML, resumed, and never run by commands that only read."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from helpers.trainings import assert_same, resumed, small, trained, write

import dnnlab
from dnnlab.commands.load_config import load_source
from dnnlab.errors import ConfigError, RunError
from dnnlab.registry import register

ROOT = Path(__file__).parents[3]
OPTIMIZER = '''"""Plain gradient descent with a step that shrinks with the gradient's sign."""
from pathlib import Path

import torch

from dnnlab.registry import Fraction, Positive, part

Path(__file__).with_suffix(".ran").touch()


@part("optimizer", source="Bernstein et al. 2018, signSGD", example={"lr": 0.001, "momentum": 0.5})
def sign_descent(groups, *, lr: Positive = 0.001, momentum: Fraction = 0.0):
    """w = w - lr sign(m), m = momentum m + g.

    lr: > 0. momentum: in [0, 1).
    """
    return SignDescent(groups, {"lr": lr, "momentum": momentum})


class SignDescent(torch.optim.Optimizer):
    @torch.no_grad()
    def step(self, closure=None):
        for group in self.param_groups:
            for p in group["params"]:
                mean = self.state[p].setdefault("mean", torch.zeros_like(p))
                mean.mul_(group["momentum"]).add_(p.grad)
                p.sub_(mean.sign(), alpha=group["lr"])
'''
CHANGES = {
    "plugins": ["my_optimizer.py"],
    "optimizer": {"name": "sign_descent", "lr": 0.01, "momentum": 0.9},
    "schedule": {"name": "exponential", "over": "2 epochs", "warmup": "3 steps"},
}


def folder_with_plugin(folder: Path) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "my_optimizer.py").write_text(OPTIMIZER)
    return folder


def in_a_fresh_process(code: str, *arguments: object) -> str:
    """What a new Python prints, its errors too."""
    command = [sys.executable, "-c", code, *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120).stdout


RESUME = """
import sys
from pathlib import Path
from dnnlab.commands.train.resume import resume
from dnnlab.errors import DnnlabError
try:
    events = list(resume(sys.argv[1], Path(sys.argv[1]).parent, trust_plugins=len(sys.argv) > 2))
    print(events[-1].result["status"])
except DnnlabError as error:
    print(error.exit_code, error)
"""


def test_a_new_optimizer_from_a_file_trains_from_yaml(tmp_path: Path) -> None:
    run = trained(folder_with_plugin(tmp_path), **CHANGES)
    meta = json.loads((run / "meta.json").read_text())
    assert meta["config"]["optimizer"] == "sign_descent" and meta["config"]["optimizer.momentum"] == 0.9
    rows = [json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()]
    assert rows[-1]["train_loss"] < rows[0]["train_loss"] * 0.7
    first = json.loads((run / "steps.jsonl").read_text().splitlines()[0])
    assert first["lr"] == 0.0, "the schedule moves the plugin's rate like any other"
    register.forget(str((tmp_path / "my_optimizer.py").resolve()))
    with pytest.raises(ConfigError, match='no optimizer is called "sign_descent"'):
        trained(tmp_path, **{**CHANGES, "plugins": []})


def test_it_is_resumed_where_the_own_config_still_names_it(tmp_path: Path) -> None:
    whole = trained(folder_with_plugin(tmp_path / "whole"), **CHANGES)
    register.forget(str((tmp_path / "whole" / "my_optimizer.py").resolve()))
    cut = trained(folder_with_plugin(tmp_path / "cut"), after=13, **CHANGES)
    assert in_a_fresh_process(RESUME, cut) == "done\n"
    assert_same(whole, cut)


def test_it_is_refused_where_the_file_has_changed(tmp_path: Path) -> None:
    run = trained(folder_with_plugin(tmp_path), after=13, **CHANGES)
    (tmp_path / "my_optimizer.py").write_text(OPTIMIZER + "# one more line\n")
    (tmp_path / "my_optimizer.ran").unlink()
    said = in_a_fresh_process(RESUME, run)
    assert (
        said.startswith("2 ")
        and "brings the plugin my_optimizer.py, which is not (or no longer) the one that" in said
    )
    assert "pass --trust-plugins" in said
    assert not (tmp_path / "my_optimizer.ran").exists(), "refused code does not run"
    with pytest.raises(RunError, match=r"brings the plugin my_optimizer\.py"):
        resumed(run)
    assert in_a_fresh_process(RESUME, run, "trust") == "done\n"


@pytest.mark.parametrize("gone", ["my_optimizer.py", "experiment.yaml"])
def test_it_is_refused_where_the_own_files_are_gone(gone: str, tmp_path: Path) -> None:
    run = trained(folder_with_plugin(tmp_path), after=13, **CHANGES)
    (tmp_path / gone).unlink()
    said = in_a_fresh_process(RESUME, run)
    assert said.startswith("2 ") and "brings the plugin my_optimizer.py" in said


def test_training_a_run_again_asks_for_the_same_trust(tmp_path: Path) -> None:
    run = trained(folder_with_plugin(tmp_path), after=13, **CHANGES)
    (tmp_path / "my_optimizer.py").write_text("raise RuntimeError('not this one')")
    with pytest.raises(RunError, match="--trust-plugins"):
        load_source(run, [], tmp_path / "runs")
    assert load_source(run, ["seed=1"], tmp_path / "runs", trust_plugins=True).experiment.seed == 1


def test_looking_at_a_run_never_runs_its_plugin(tmp_path: Path) -> None:
    run = trained(folder_with_plugin(tmp_path), **CHANGES)
    (tmp_path / "my_optimizer.ran").unlink()
    code = (
        "import sys, dnnlab\nrun = dnnlab.load_run(sys.argv[1])\n"
        "print(len(run.history), run.config['optimizer'], run.status, run.best['epoch'] > 0, "
        "'torch' in sys.modules)\n"
    )
    assert in_a_fresh_process(code, run) == "3 sign_descent done True False\n"
    assert not (tmp_path / "my_optimizer.ran").exists()


def test_a_plugin_that_fails_names_file_and_line(tmp_path: Path) -> None:
    (tmp_path / "my_optimizer.py").write_text('"""x"""\nfrom dnnlab.registry import part\n\n1 / 0\n')
    with pytest.raises(ConfigError) as caught:
        trained(tmp_path, **CHANGES)
    assert f"{tmp_path / 'my_optimizer.py'}:4 " in str(caught.value)
    assert "the plugin failed: ZeroDivisionError: division by zero" in str(caught.value)
    assert "sign_descent" not in str(caught.value), "what the plugin would have brought is no second problem"
    assert not (tmp_path / "runs").exists()


def test_an_optimizer_without_a_rate_is_refused(tmp_path: Path) -> None:
    (tmp_path / "my_optimizer.py").write_text(
        '"""x"""\nfrom dnnlab.registry import part\n@part("optimizer", source="t")\n'
        'def still(groups):\n    """Nothing moves."""\n'
        "    import torch\n    return torch.optim.SGD(groups, lr=0.1)\n"
    )
    with pytest.raises(ConfigError, match="still has no key lr; expected one, which the schedule moves"):
        trained(tmp_path, plugins=["my_optimizer.py"], optimizer="still")


def test_a_mapping_with_a_plugin_is_a_run_like_any_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder_with_plugin(tmp_path))
    run = dnnlab.train(small(**CHANGES), runs_dir=tmp_path / "runs")
    assert run.model("last") is not None, "this process ran the very plugin"
    write(tmp_path, {"data": "digits"})  # a file of that name which does not name the plugin
    with pytest.raises(RunError, match="--trust-plugins"):
        run.model("last")
    assert run.model("last", trust_plugins=True) is not None
