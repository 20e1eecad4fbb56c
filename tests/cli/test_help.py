"""What answers at once: help, version, and errors, none of which may wait for torch."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path
from time import perf_counter

import pytest

Process = Callable[..., "subprocess.Popen[str]"]
Call = Callable[..., tuple[int, str, str]]
TORCH = "print('torch' in sys.modules, file=sys.stderr)"


@pytest.mark.parametrize(
    ("words", "code", "out", "err"),
    [
        (["--help"], 0, "Train deep networks from a YAML file", ""),
        (["train", "--help"], 0, "--trust-plugins", ""),
        (["--version"], 0, "dnnlab ", ""),
        (["train", "nowhere.yaml"], 2, "", "nowhere.yaml"),
        (["train", "CONFIG", "optimizer.learning_rate=0.1"], 2, "", "no such key"),
        (["train", "last"], 2, "", "no run of that name"),
        (["resume", "last"], 2, "", "there are no runs in"),
        (["schema"], 0, "json-schema.org/draft-07", ""),
        (["check", "CONFIG", "optimizer.learning_rate=0.1"], 1, "no such key", ""),
        (["new", "nowhere/x.yaml"], 2, "", "the folder nowhere is not there"),
    ],
)
def test_it_answers_without_torch(
    process: Process, config: Path, runs: Path, words: list[str], code: int, out: str, err: str
) -> None:
    began = perf_counter()
    child = process(*(config if word == "CONFIG" else word for word in words), after=TORCH)
    shown, said = child.communicate(timeout=60)
    print(f"{' '.join(words)}: {perf_counter() - began:.2f} s")
    assert child.returncode == code
    assert out in shown
    assert err in said
    assert said.endswith("False\n"), "torch was imported"
    assert not runs.exists()


def test_alone_it_says_what_to_type_first(dnnlab: Call) -> None:
    code, out, err = dnnlab()
    assert (code, err) == (0, "")
    assert len(out.splitlines()) == 5
    assert (
        out.splitlines()[0].split("  ")[1].strip() == "dnnlab new first.yaml"
    )  # that it works is in test_cli_new.py
    assert max(map(len, out.splitlines())) <= 80


def test_the_options_are_these(dnnlab: Call) -> None:
    """A new option is a decision: keys of the file are the place for most wishes."""
    train, resume = dnnlab("train", "--help")[1], dnnlab("resume", "--help")[1]
    shared = {"--runs-dir", "--quiet", "--json", "--trust-plugins", "--help"}
    assert options(train) == shared | {"--set", "--seeds"}
    assert options(resume) == shared | {"--epochs", "--trials", "--retry-failed", "--workers"}


def options(text: str) -> set[str]:
    lines = text.partition("Options:")[2].splitlines()
    return {word.rstrip(",") for line in lines for word in line[:20].split() if word.startswith("--")}
