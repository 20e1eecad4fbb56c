"""The tab key, in the words that each shell sends; it waits for no torch."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CODE = (
    "import sys\nfrom dnnlab.cli.main import run\ntry:\n    run([])\nfinally:\n    print('torch' in "
    "sys.modules, file=sys.stderr)"
)
Ask = Callable[..., list[str]]


@pytest.fixture
def ask(tmp_path: Path) -> Ask:
    """`ask("bash", "train", "x.y")` -> what is offered for the last word."""
    (tmp_path / "x.yaml").write_text("data: digits\noptimizer: sgd\n")
    (tmp_path / "runs" / "20261122-041833-first-7f3a1c").mkdir(parents=True)

    def run(shell: str, *words: str) -> list[str]:
        line = " ".join(("dnnlab", *words))
        variables = {
            "bash": {"COMP_WORDS": line, "COMP_CWORD": str(len(words))},
            "zsh": {"_TYPER_COMPLETE_ARGS": line},
        }
        variables["fish"] = {"_TYPER_COMPLETE_ARGS": line, "_TYPER_COMPLETE_FISH_ACTION": "get-args"}
        environment = {
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "_DNNLAB_COMPLETE": f"complete_{shell}",
            **variables[shell],
        }
        environment.pop("DNNLAB_RUNS", None)
        done = subprocess.run(
            [sys.executable, "-c", CODE], cwd=tmp_path, env=environment, capture_output=True, text=True
        )
        assert done.stderr == "False\n", "torch was imported, or something was said"
        return [offer.split("\t")[0] for offer in done.stdout.splitlines()]

    return run


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        (["ch"], ["check"]),
        (["train", "x"], ["x.yaml"]),
        (["train", "la"], ["last"]),
        (["resume", "7f"], ["7f3a1c"]),
        (["train", "x.yaml", "optimizer.mom"], ["optimizer.momentum=", "optimizer.momentum=0.0"]),
        (["train", "x.yaml", "seed=1", "training.prec"], ["training.precision=", "training.precision=fp32"]),
        (["list", "act"], ["activation"]),
        (["show", "activation.sig"], ["activation.sigmoid"]),
        (["new", "y.yaml", "--like", "self_normalizi"], ["self_normalizing"]),
    ],
    ids=lambda value: " ".join(value),
)
def test_bash(ask: Ask, words: list[str], offered: list[str]) -> None:
    assert ask("bash", *words) == offered


def test_bash_takes_the_equals_sign_for_the_end_of_a_word(ask: Ask) -> None:
    assert ask("bash", "train", "x.yaml", "activation", "=", "sig") == ["sigmoid"]
    assert ask("bash", "train", "x.yaml", "optimizer.nesterov", "=") == ["true", "false"]


def test_other_shells_keep_the_word_whole(ask: Ask) -> None:
    assert ask("fish", "train", "x.yaml", "activation=sig") == ["activation=sigmoid"]
    assert any('"activation=sigmoid"' in line for line in ask("zsh", "check", "x.yaml", "activation=sig"))


@pytest.mark.skipif(shutil.which("bash") is None, reason="there is no bash")
def test_the_script_for_bash_is_one_that_bash_reads(ask: Ask, tmp_path: Path) -> None:
    code = "from dnnlab.cli.main import run; run(['--show-completion'])"
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION": ""}
    # `; true` keeps bash there as the parent, by which the shell is known; else it would become python itself
    script = subprocess.run(
        ["bash", "-c", f'"{sys.executable}" -c "{code}"; true'],
        env=environment,
        capture_output=True,
        text=True,
    ).stdout
    assert "complete -o default -F _dnnlab_completion dnnlab" in script
    subprocess.run(["bash", "-n"], input=script, text=True, check=True)
