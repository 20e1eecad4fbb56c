"""A table of sick configs: the right checks fail, all others pass, and the advice says what to do."""

from __future__ import annotations

from pathlib import Path

import pytest
from commands.check.sick_configs import SICK

from dnnlab.commands.check import overfit_tiny_subset
from dnnlab.commands.check.all_checks import all_checks

LONG = {
    "deep sigmoid",
    "all alike",
    "net too small",
    "zeros",
    "tiny inputs",
}  # everything is tried before a net is given up


@pytest.mark.parametrize("illness", SICK)
def test_the_right_check_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, illness: str) -> None:
    if illness in LONG:
        monkeypatch.setattr(overfit_tiny_subset, "STEPS", 300)
    look(tmp_path, illness)


@pytest.mark.slow
@pytest.mark.parametrize("illness", sorted(LONG))
def test_with_as_many_steps_as_users_have(tmp_path: Path, illness: str) -> None:
    look(tmp_path, illness)


def look(folder: Path, illness: str) -> None:
    sick = SICK[illness]
    path = sick.write(folder)
    before = sorted(folder.rglob("*"))
    failing = [
        check for check in all_checks(path, [], folder / "runs") if check.passed is False or check.warning
    ]
    for check in failing:
        print(check.name, "|", check.measured, "|", check.expected, "|", check.advice, *check.problems)
    assert {check.name for check in failing} == sick.failing
    assert any(sick.says in " ".join([check.advice, *map(str, check.problems)]) for check in failing)
    assert sorted(folder.rglob("*")) == before, "check writes nothing"
