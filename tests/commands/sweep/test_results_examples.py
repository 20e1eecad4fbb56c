"""configs/sweeps/: all points of each sweep can be built, it can be copied, and its comment is true."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from helpers.trainings import drain

from dnnlab.commands.completion import example_names
from dnnlab.commands.new.examples import sweep_examples
from dnnlab.commands.new.new import new
from dnnlab.commands.sweep.load_spec import read_source
from dnnlab.commands.sweep.points import drawn
from dnnlab.commands.sweep.results.cases import compare_cases
from dnnlab.commands.sweep.results.findings import Findings, show_sweep, write_best
from dnnlab.commands.sweep.results.page import write_page, write_picture
from dnnlab.commands.sweep.sweep import planned, sweep
from dnnlab.commands.sweep.validate import Checker
from dnnlab.commands.train.train import train
from dnnlab.config import load
from dnnlab.engine.stop import Stop
from dnnlab.search.ledger import Ledger

FOLDER = Path(__file__).parents[3] / "configs" / "sweeps"
SWEEPS = sorted(set(FOLDER.glob("*.yaml")) - {FOLDER / "random_against_grid.yaml"})


def test_the_sweeps_are_those_that_new_knows() -> None:
    assert {path.stem for path in SWEEPS} == sweep_examples().keys()
    assert [name for name, _ in example_names("coarse")] == ["coarse_to_fine"]


@pytest.mark.parametrize("path", SWEEPS, ids=lambda path: path.stem)
def test_every_point_of_an_example_can_be_built(path: Path, tmp_path: Path) -> None:
    lines = path.read_text().splitlines()
    assert lines[2].startswith(f"#   dnnlab sweep configs/sweeps/{path.name}")
    assert all(line.startswith("# ") and len(line) <= 140 for line in lines[:3])
    spec, base, _, _ = read_source(str(path), [], [], {}, tmp_path)
    checker = Checker(spec, base)
    config = checker.first()
    assert config.findings == () and config.notes == ()
    if not spec.cases:
        checker.ranges()
    points = drawn(spec, spec.stages[0], spec.space, Ledger(), checker.better, 0)
    checker.points(dict(enumerate(points[:8])))
    assert len(points) == spec.stages[0].trials


def test_random_and_grid_search_the_same_space_with_as_many_points(tmp_path: Path) -> None:
    grid, chance = (
        read_source(str(FOLDER / f"random_against_grid_{way}.yaml"), [], [], {}, tmp_path)
        for way in ("grid", "random")
    )
    assert grid[0].trials == chance[0].trials == 16 and grid[1].path == chance[1].path
    ends = [
        [(d.address, d.range.low, d.range.high, d.range.log) for d in spec.space.dimensions]
        for spec in (grid[0], chance[0])
    ]
    assert ends[0] == ends[1]


@pytest.mark.parametrize("path", SWEEPS, ids=lambda path: path.stem)
def test_an_example_can_be_copied(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    written = new(Path("mine.yaml"), like=path.stem)
    name = Path(read_source(str(path), [], [], {}, tmp_path)[1].path.name)
    assert written.schema is None and written.beside == (name,)
    assert {p.name for p in tmp_path.iterdir()} == {"mine.yaml", name.name}
    assert "#   dnnlab sweep mine.yaml" in (tmp_path / "mine.yaml").read_text()
    (spec, base, _, _), (own, own_base, _, _) = (
        read_source(str(p), [], [], {}, tmp_path) for p in (tmp_path / "mine.yaml", path)
    )
    assert (spec.space, spec.cases, spec.stages, spec.set) == (own.space, own.cases, own.stages, own.set)
    assert base.path.name == own_base.path.name
    assert load(base.path).flat() == load(own_base.path).flat()


@pytest.fixture
def swept(tmp_path: Path) -> Iterator[Any]:
    """Runs an example to its end."""

    def run(name: str, *changes: str, **options: Any) -> Findings:
        plan = planned(*read_source(str(FOLDER / f"{name}.yaml"), changes, [], options, tmp_path))
        *_, over = sweep(plan, tmp_path / "runs", stop=SimpleNamespace(status=None, reason=""))
        assert over.status == "done"
        return show_sweep(over.path)

    yield run


@pytest.mark.slow
def test_the_best_config_trains_the_same_alone(swept: Any, tmp_path: Path) -> None:
    found = swept("learning_rate", trials=8)
    best = write_best(found)
    assert best is not None and found.best is not None
    result = drain(train(load(best.path), tmp_path / "alone"), Stop())[-1].result
    assert result["best"]["metrics"][result["monitor"]] == found.best.value


@pytest.mark.slow
def test_coarse_to_fine_narrows_and_gets_better(swept: Any) -> None:
    found = swept("coarse_to_fine")
    assert "optimizer.lr" in found.stages[1].changes
    assert found.stages[0].best < found.stages[1].best <= found.stages[2].best + 0.01
    assert next(iter(found.importance)) == "optimizer.lr"


@pytest.mark.slow
def test_a_table_of_the_class_and_its_picture(swept: Any, tmp_path: Path) -> None:
    found = swept("compare_activations", "architecture.hidden={depth: 10, width: 32}")
    cases = compare_cases(found)
    assert cases[-1].name == "sigmoid" and cases[-1].p is not None and cases[-1].p < 0.001
    assert all(case.group is not None and case.group.n == 3 for case in cases)
    write_picture(found, tmp_path / "a.png")
    write_page(found, None, tmp_path / "a.html", "x")
    assert (tmp_path / "a.png").stat().st_size > 20_000
