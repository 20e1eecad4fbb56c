"""Thousands of problems in one config: the first are explained and shown, the others counted, at once."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from dnnlab.config import load
from dnnlab.errors import ConfigError

MANY = {
    "unknown keys": ("\n".join(f"key{i}: 1" for i in range(4000)), 4000),
    "unknown regularizers": ("regularizers: {" + ", ".join(f"drpout{i}: 1" for i in range(4000)) + "}", 4000),
    "unknown parts": (
        "architecture: {name: sequential, layers: [" + ", ".join(["dnse"] * 9000) + "]}",
        9000,
    ),
    "keys that are written twice": ("\n".join(["seed: 1"] * 9001), 9000),
    "numbers out of range": ("architecture: {hidden: [" + ", ".join(["-1"] * 9000) + "]}", 1),
}


@pytest.mark.parametrize("name", MANY)
def test_many_problems_are_found_at_once(tmp_path: Path, name: str) -> None:
    text, count = MANY[name]
    path = tmp_path / "x.yaml"
    path.write_text(f"data: digits\n{text}\n")
    began = time.process_time()
    with pytest.raises(ConfigError) as caught:
        load(path)
    assert time.process_time() - began < 4
    problems = caught.value.problems
    assert len(problems) == count and all(problem.line is not None for problem in problems)
    lines = [problem.line or 0 for problem in problems]
    assert lines == sorted(lines)
    assert len(str(caught.value).splitlines()) <= 101


def test_the_first_are_explained(tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    path.write_text("data: digits\n" + "\n".join(f"optimizer{i}: adam" for i in range(1000)) + "\n")
    with pytest.raises(ConfigError) as caught:
        load(path)
    fixes = [problem.fix for problem in caught.value.problems]
    assert all(fixes[:100]) and not any(fixes[100:])


def test_the_screen_shows_twenty_and_counts(
    dnnlab: Callable[..., tuple[int, str, str]], tmp_path: Path
) -> None:
    path = tmp_path / "x.yaml"
    path.write_text("data: digits\n" + "\n".join(f"key{i}: 1" for i in range(3000)) + "\n")
    code, _, err = dnnlab("train", path)
    lines = err.splitlines()
    assert code == 2 and len(lines) == 22
    assert lines[0].startswith(f" {path}:2:1 key0: no such key") and lines[19].startswith(
        f" {path}:21:1 key19:"
    )
    assert lines[20] == " and 2,980 more problems"
    assert lines[21].startswith(" 3,000 problems, nothing was created")
    code, out, _ = dnnlab("check", path, "--static")
    assert code == 1 and " FAIL  config   3000 problems" in out and "and 2,980 more problems" in out
