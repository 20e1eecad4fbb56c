"""Shipped configs with random edits: `check --static` answers in words, with a place and a code, at once."""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

import pytest
from helpers.edited_configs import edited

from dnnlab.codes import CODES
from dnnlab.commands.check.check import static_checks
from dnnlab.errors import DnnlabError, Problem

LONGEST = 2.0
"""Seconds of the processor; a busy machine lets us wait longer."""


@pytest.fixture(autouse=True)
def _no_downloads(monkeypatch: pytest.MonkeyPatch) -> None:
    """Large sets are not there: what takes long to read is not a question of the config."""
    monkeypatch.delenv("DNNLAB_DATA", raising=False)


def check_problems(problems: Sequence[Problem]) -> None:
    assert problems
    for problem in problems:
        assert problem.code in CODES and problem.code != "bug", problem
        assert problem.received and (problem.expected or problem.fix), problem
        assert problem.path or problem.line is not None or problem.file is not None, f"no place: {problem}"


def outcome(seed: int, folder: Path) -> str:
    """ "passed", or the check that failed. Whatever else happens is a fault; the message has its seed."""
    shipped, text = edited(seed)
    path = folder / "x.yaml"
    path.write_text(text, encoding="utf-8", errors="surrogatepass")
    began, failed = time.process_time(), "passed"
    try:
        for check in static_checks(path, [], folder):
            if check.passed is False:
                failed = check.name
                check_problems(check.problems)
    except DnnlabError as error:
        check_problems(error.problems)
        failed = "refused"
    except BaseException as error:
        error.add_note(f"seed {seed}, {shipped.name}:\n{text[:2000]}")
        raise
    took = time.process_time() - began
    assert took < LONGEST, f"seed {seed}, {shipped.name} took {took:.1f} s:\n{text[:2000]}"
    return failed


def outcomes(seeds: Iterable[int], folder: Path) -> Counter[str]:
    outcome(0, folder)  # imports take time
    return Counter(outcome(seed, folder) for seed in seeds)


def test_three_hundred_edited_configs(tmp_path: Path) -> None:
    counted = outcomes(range(300), tmp_path)
    assert counted["passed"] > 10 and counted["config"] > 100, counted


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_ten_thousand_edited_configs(tmp_path: Path) -> None:
    start = random.randrange(2**32)
    print(f"seeds {start} to {start + 9_999}")
    counted = outcomes(range(start, start + 10_000), tmp_path)
    assert counted["passed"] > 300 and counted["config"] > 3000, counted
