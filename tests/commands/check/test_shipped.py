"""Every shipped config passes all checks; the one technique that shows a problem fails the checks for it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from dnnlab.commands.check.all_checks import CHECKS, all_checks
from dnnlab.commands.check.check import STATIC
from dnnlab.commands.check.result import Check

ROOT = Path(__file__).parents[3] / "configs"
SHIPPED = {path.stem: path for path in sorted(ROOT.glob("*.yaml"))}
QUICK = ("digits", "diabetes", "iris", "moons", "housing")
TECHNIQUES = {path.stem: path for path in sorted((ROOT / "techniques").glob("*.yaml"))}
NEEDED = {"mnist": "mnist", "cifar": "cifar10-small"}  # first word of a name -> folder below DNNLAB_DATA
ILL = {"vanishing_gradients": {"overfit_tiny_subset", "initial_activations", "initial_gradients"}}
RUNNING = [
    "initial_loss",
    "penalty_raises_loss",
    "overfit_tiny_subset",
    "gradient_check",
    "gradient_check_penalty",
]
NAMES = [
    "config",
    "data",
    "shapes",
    "lint",
    *RUNNING,
    "initial_activations",
    "initial_gradients",
    "inputs",
    "class_balance",
    "leakage",
    "baseline",
]
BROKEN = '''from dnnlab.registry import part


@part("loss", source="nowhere", targets=frozenset({"index"}))
def broken(task):
    """A loss that cannot be computed."""

    def loss(outputs, batch):
        raise ValueError("half a thought")

    return loss
'''


def failing(path: Path, folder: Path) -> set[str]:
    found = list(all_checks(path, [], folder))
    assert [check.name for check in found] == NAMES
    for check in found:
        print(
            check.name,
            check.passed,
            "|",
            check.measured,
            "|",
            check.expected,
            "|",
            check.advice,
            *check.problems,
        )
    assert list(folder.iterdir()) == []
    return {check.name for check in found if check.passed is False and check.name != "lint"}


@pytest.mark.parametrize("name", QUICK)
def test_a_shipped_config_passes(tmp_path: Path, name: str) -> None:
    assert failing(SHIPPED[name], tmp_path) == set()


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(set(SHIPPED) - set(QUICK)))
def test_a_large_shipped_config_passes(tmp_path: Path, name: str) -> None:
    needed = NEEDED.get(name.partition("_")[0])
    if needed and not (Path(os.environ.get("DNNLAB_DATA", "")) / needed).is_dir():
        pytest.skip(f"DNNLAB_DATA names no folder with {needed}/ in it")
    assert failing(SHIPPED[name], tmp_path) == set()


@pytest.mark.slow
@pytest.mark.parametrize("name", TECHNIQUES)
def test_a_technique_passes(tmp_path: Path, name: str) -> None:
    assert failing(TECHNIQUES[name], tmp_path) == ILL.get(name, set())


def test_the_order_is_the_promised_one() -> None:
    assert [*STATIC, *(function.__name__ for function in CHECKS)] == NAMES


def test_twice_the_same(tmp_path: Path) -> None:
    def faces() -> list[dict[str, object]]:
        return [
            check.json()
            for check in all_checks(
                SHIPPED["digits"], ["architecture.hidden=[8]", "optimizer.lr=0.01"], tmp_path
            )
        ]

    assert faces() == faces()


def test_a_part_that_raises_fails_its_check_with_its_own_words(tmp_path: Path) -> None:
    (tmp_path / "p.py").write_text(BROKEN)
    (tmp_path / "x.yaml").write_text("data: digits\nplugins: [p.py]\nloss: broken\n")
    found: dict[str, Check] = {
        check.name: check for check in all_checks(tmp_path / "x.yaml", [], tmp_path / "runs")
    }
    assert (
        found["initial_loss"].passed is False
        and found["initial_loss"].measured == "ValueError: half a thought"
    )
    assert found["inputs"].passed is True
