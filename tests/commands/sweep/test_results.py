"""Results of a sweep: ranking, borders, importance, stages, failures, the best config, proposed commands."""

from __future__ import annotations

import json
import math
import re
import shlex
from pathlib import Path
from typing import Any

import pytest
import yaml
from helpers.fake_sweeps import LR, SEVERAL, made_sweep, spec_of

from dnnlab.cli.main import app
from dnnlab.commands.sweep.results.cases import compare_cases, holm
from dnnlab.commands.sweep.results.findings import Findings, best_config, show_sweep, spread, write_best
from dnnlab.commands.sweep.results.text import border_yaml, following, vary_words
from dnnlab.config import load
from dnnlab.config.yaml_reader import read_yaml
from dnnlab.errors import UsageError
from dnnlab.render.screens.show_sweep import sweep_lines
from dnnlab.search.ranges import Numbers
from dnnlab.search.space import Point
from dnnlab.search.spec import read_spec
from dnnlab.search.vary import read_vary


def near(point: Point, seed: int, best: float = 1e-2) -> float:
    """A value that is the higher the nearer the rate lies to `best`, and a little higher for later seeds."""
    return 1 - abs(math.log10(point["optimizer.lr"] / best)) / 10 + seed / 1000


def screen(found: Findings, width: int = 80) -> str:
    return "\n".join(
        sweep_lines(found, best_config(found), [], following(found, best_config(found), "7f3a1c"), width)
    )


def test_the_ranking_is_best_first_with_mean_and_deviation(tmp_path: Path) -> None:
    found = show_sweep(made_sweep(tmp_path, near, seeds=3))
    means = [sum(t.values.values()) / 3 for t in found.ranked]
    assert means == sorted(means, reverse=True) and len(means) == 12
    assert spread(found.ranked[0]) == pytest.approx(0.001)
    assert re.search(rf"1 +{found.ranked[0].number} +{means[0]:.4f} ± 0.0010", screen(found))


def test_lower_is_better_where_the_sweep_says_so(tmp_path: Path) -> None:
    found = show_sweep(made_sweep(tmp_path, near, better="min", monitor="val_loss"))
    assert found.best is not None and found.best.value == min(
        t.value for t in found.view.trials if t.value is not None
    )
    assert "lower is better" in screen(found)


def test_the_screen_fits_80_columns(tmp_path: Path) -> None:
    search = {**SEVERAL, "regularizers.dropout.rate": {"uniform": [0, 0.6]}}
    found = show_sweep(made_sweep(tmp_path, lambda p, s: near(p, s, 0.9), search=search, trials=30, seeds=2))
    lines = screen(found).splitlines()
    assert [
        line
        for line in lines
        if len(line) > 80 and " next " not in line and "dnnlab" not in line and "best.yaml" not in line
    ] == []
    assert any(line.startswith(" no room for: ") for line in lines)


def test_what_is_the_same_in_all_is_no_column(tmp_path: Path) -> None:
    path = made_sweep(tmp_path, near, search={**LR, "training.batch_size": {"int": [8, 64]}}, trials=1)
    assert show_sweep(path).keys == ("optimizer.lr", "training.batch_size"), (
        "of one trial everything is shown"
    )
    search = {**LR, "training.batch_size": {"choice": [16]}}
    found = show_sweep(made_sweep(tmp_path, near, search=search, trials=5))
    assert found.keys == ("optimizer.lr",) and "the same in all: training.batch_size" in screen(found)


@pytest.mark.parametrize(("best", "edge"), [(1e-2, None), (1.0, "upper"), (1e-6, "lower")])
def test_a_best_value_on_the_border_is_said_with_the_range_to_try(
    tmp_path: Path, best: float, edge: str | None
) -> None:
    found = show_sweep(made_sweep(tmp_path, lambda p, s: near(p, s, best), trials=80))
    assert (f"is at the {edge} end of 1e-06 .. 1, log" in " ".join(screen(found).split())) == (
        edge is not None
    )
    assert [b.edge for b in found.borders] == ([{"upper": "high", "lower": "low"}[edge]] if edge else [])
    if edge is None:
        return
    (border,) = found.borders
    text = "\n".join(["base: base.yaml", "trials: 5", *border_yaml(border)])
    node, _ = read_yaml(text)
    assert node is not None
    moved = read_spec(node).space["optimizer.lr"].range
    assert isinstance(moved, Numbers) and moved == border.suggestion
    assert moved.low < border.value < moved.high and (moved.high > 1 or moved.low < 1e-6)
    assert all(line in screen(found) for line in border_yaml(border))


@pytest.mark.parametrize(
    "numbers",
    [
        Numbers(1e-5, 0.1, log=True),
        Numbers(0, 0.5),
        Numbers(1, 9, whole=True),
        Numbers(16, 512, log=True, whole=True),
        Numbers(0.0, 1.0, step=0.1),
    ],
    ids=str,
)
def test_a_range_is_written_as_vary_reads_it(numbers: Numbers) -> None:
    search, _ = read_vary([f"optimizer.lr={vary_words(numbers)}"])
    spec, _ = spec_of(Path(), search=search, trials=3)
    assert spec.space["optimizer.lr"].range == numbers


def test_importance_names_what_matters_and_says_when_it_cannot(tmp_path: Path) -> None:
    search = {
        **LR,
        "activation": {"choice": ["relu", "elu"]},
        "regularizers.dropout.rate": {"uniform": [0, 0.6]},
    }
    found = show_sweep(made_sweep(tmp_path, near, search=search, trials=60))
    assert next(iter(found.importance)) == "optimizer.lr" and found.importance["optimizer.lr"] > 0.7
    assert "PED-ANOVA on 60 trials" in screen(found)
    few = show_sweep(made_sweep(tmp_path, near, search=search, trials=9))
    assert few.importance == {} and "too few trials to say: 9 results, 10 are needed" in screen(few)


STAGES = [{"trials": 30, "epochs": 1}, {"zoom": 5, "trials": 10, "epochs": 2}, {"keep": 2, "epochs": 4}]


def test_stages_say_what_they_narrowed_and_because_of_which_trials(tmp_path: Path) -> None:
    found = show_sweep(made_sweep(tmp_path, near, stages=STAGES))
    first, zoomed, kept = found.stages
    assert (first.planned, zoomed.planned, kept.planned) == (30, 10, 2) and first.changes == {}
    five = sorted((t for t in found.view.trials if t.stage == 0), key=lambda t: -(t.value or 0))[:5]
    old, new = zoomed.changes["optimizer.lr"]
    assert isinstance(old, Numbers) and isinstance(new, Numbers) and (old.low, old.high) == (1e-6, 1)
    rates = [t.point["optimizer.lr"] for t in five]
    assert new.low <= min(rates) and max(rates) <= new.high and new.high / new.low < 1e3
    assert all(new.low <= t.point["optimizer.lr"] <= new.high for t in found.view.trials if t.stage == 1)
    numbers = ", ".join(str(t.number) for t in five)
    text = " ".join(screen(found).split())
    assert f"10 trials of 2 epochs, the box of the best 5 of stage 1 (trials {numbers})" in text
    assert "optimizer.lr: 1e-06 .. 1, log -> " in text
    assert "2 trials of 4 epochs, the best 2 of stage 2" in text
    assert {t.stage for t in found.ranked[:2]} == {2}, "what trained longest comes first"


def test_a_stage_that_has_not_begun_is_said_to_be_so(tmp_path: Path) -> None:
    path = made_sweep(tmp_path, near, stages=STAGES[:1], status="interrupted", until=20)
    assert "10 pending" in screen(show_sweep(path))
    resolved = json.loads((path / "resolved.json").read_text())
    resolved["spec"]["stages"] = STAGES
    resolved["spec"].pop("trials", None)
    (path / "resolved.json").write_text(json.dumps(resolved))
    assert "stage 3  2 trials of 4 epochs; not begun" in screen(show_sweep(path))


def trouble(point: Point, seed: int) -> Any:
    rate = point["optimizer.lr"]
    if rate > 0.1:
        return "failed", "diverged", f"in step {int(rate * 1000)} the loss is not a number"
    if rate > 0.01:
        return "pruned", "pruned", f"worse than other trials at epoch {int(rate * 100)}"
    return ("failed", "out_of_memory", "no memory left") if rate < 1e-5 else near(point, seed)


def test_what_has_no_result_is_counted_by_status_and_reason(tmp_path: Path) -> None:
    found = show_sweep(made_sweep(tmp_path, trouble, trials=40))
    rates = {t.number: t.point["optimizer.lr"] for t in found.view.trials}
    by_status = {lost.status: set(lost.trials) for lost in found.lost}
    assert by_status == {
        "diverged": {n for n, rate in rates.items() if rate > 0.1},
        "pruned": {n for n, rate in rates.items() if 0.01 < rate <= 0.1},
        "out_of_memory": {n for n, rate in rates.items() if rate < 1e-5},
    }
    counts = found.view.ledger.counts()
    text = " ".join(screen(found).split())
    assert f"40 trials: {counts['done']} done, {counts['pruned']} pruned, {counts['failed']} failed" in text
    assert (
        f"failed {len(by_status['diverged'])} diverged (trial" in text and "the loss is not a number" in text
    )
    assert "dnnlab resume 7f3a1c --retry-failed" in text


def test_retried_trials_are_counted(tmp_path: Path) -> None:
    path = made_sweep(tmp_path, near, until=3, status="interrupted")
    retry = [
        {"event": "started", "trial": 5, "seed": 0, "run": "0-0005-s0"},
        {"event": "retry", "trial": 5, "seed": 0, "reason": "died"},
    ]
    with (path / "ledger.jsonl").open("a") as file:
        file.writelines(json.dumps({"time": "", **event}) + "\n" for event in retry)
    found = show_sweep(path)
    assert found.retried == (5,) and "1 retried" in screen(found)
    assert following(found, None, "7f3a1c")[0] == "dnnlab resume 7f3a1c"


def test_the_best_config_is_the_trials_own(tmp_path: Path) -> None:
    found = show_sweep(made_sweep(tmp_path, near, search=SEVERAL, trials=20, set={"training.batch_size": 16}))
    best = write_best(found)
    assert best is not None and best.path.read_text() == best.text
    assert found.base is not None and found.view.spec is not None and found.best is not None
    expected = found.base.config(found.view.spec.overrides(best.changes)).flat()
    assert load(best.path).flat() == expected
    assert (
        expected["optimizer.lr"] == found.best.point["optimizer.lr"] and expected["training.batch_size"] == 16
    )
    assert f"# Trial {found.best.number} of {found.view.name}: val_accuracy" in best.text
    assert f"dnnlab train {shlex.quote(str(best.path))}" in screen(found)
    (tmp_path / "base.yaml").write_text("data: iris\n")
    assert load(best.path).flat() == expected, "it does not change with the base"


def test_the_json_face(tmp_path: Path) -> None:
    path = made_sweep(tmp_path, lambda p, s: near(p, s, 1.0), search=SEVERAL, trials=12, runs=True)
    face = json.loads(json.dumps(show_sweep(path).json()))
    assert {"trials", "best", "borders", "stages", "importance"} <= face.keys()
    assert all({"number", "params", "value", "status", "run"} <= trial.keys() for trial in face["trials"])
    assert all(Path(trial["run"]).is_dir() for trial in face["trials"])
    assert face["best"] == face["trials"][0] and len(face["trials"]) == 12
    assert face["best"]["params"].keys() == SEVERAL.keys()
    assert all({"key", "edge", "suggestion"} <= border.keys() for border in face["borders"])


@pytest.mark.parametrize(("sort", "key"), [("optimizer.lr", "lr"), ("lr", "lr"), ("-number", "number")])
def test_the_table_can_be_sorted(tmp_path: Path, sort: str, key: str) -> None:
    found = show_sweep(made_sweep(tmp_path, near), sort)
    values = [t.point["optimizer.lr"] if key == "lr" else -t.number for t in found.rows]
    assert values == sorted(values) and found.best is found.ranked[0]


def test_an_unknown_key_to_sort_by_is_refused_with_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(
        UsageError, match=r"--sort optimzer.lr; expected one of value, .*; did you mean optimizer.lr\?"
    ):
        show_sweep(made_sweep(tmp_path, near), "optimzer.lr")


CASES = {"plain": {}, "batch norm": {"normalization": "batch"}, "tanh": {"activation": "tanh"}}
VALUES = {0: [0.90, 0.91, 0.92], 1: [0.95, 0.96, 0.97], 2: [0.70, 0.94, 0.80]}


def test_cases_are_compared_over_seeds(tmp_path: Path) -> None:
    found = show_sweep(
        made_sweep(tmp_path, lambda p, s: VALUES[int(p["case"])][s], cases=CASES, seeds=3, runs=True)
    )
    best, *others = compare_cases(found)
    assert [best.name, *(case.name for case in others)] == ["batch norm", "plain", "tanh"]
    # scipy.stats.ttest_ind([0.95, 0.96, 0.97], [0.90, 0.91, 0.92], equal_var=False) and so on, times 2 and 1
    # (Holm)
    assert [case.p for case in others] == pytest.approx([2 * 0.0036022326, 0.1688170275])
    text = screen(found)
    assert re.search(r"1 +batch norm +3 +0\.9600 ± 0\.0100 +- ", text)
    assert "inside the noise of seeds: tanh" in text and "corrected for 2 tests (Holm)" in text
    assert found.borders == () and "importance" not in text


def test_holm() -> None:
    """R: p.adjust(c(0.01, 0.02, 0.03, 0.04, 0.05), "holm")."""
    assert holm([0.01, 0.02, 0.03, 0.04, 0.05]) == pytest.approx([0.05, 0.08, 0.09, 0.09, 0.09])
    assert holm([]) == []


def cli(*words: str) -> int:
    return int(app(["show", *words], prog_name="dnnlab", standalone_mode=False))


def test_show_writes_page_and_picture(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = made_sweep(tmp_path, near)
    page, picture = tmp_path / "a.html", tmp_path / "a.png"
    assert (
        cli(path.name[-6:], "--runs-dir", str(path.parent), "--page", str(page), "--png", str(picture)) == 0
    )
    said = capsys.readouterr().out
    assert str(page) in said and str(picture) in said and str(path / "best.yaml") in said
    assert page.read_text().startswith("<!doctype html>") and picture.read_bytes().startswith(b"\x89PNG")
    assert cli(path.name[-6:], "--runs-dir", str(path.parent), "--json") == 0
    face = json.loads(capsys.readouterr().out)
    assert (
        yaml.safe_load(Path(face["best_config"]).read_text())["optimizer"]["lr"]
        == face["best"]["params"]["optimizer.lr"]
    )


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (["--page", "a.txt"], "--page a.txt; expected a file that ends in .html, .htm"),
        (["--png", "nowhere/a.png"], "there is no folder nowhere"),
        (["--sort", "loss"], "--sort loss; expected one of value, number"),
        (["optimizer.lr=1"], "expected changes of a config file only"),
    ],
)
def test_what_cannot_be_is_refused(
    tmp_path: Path, words: list[str], text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = made_sweep(tmp_path, near, trials=2)
    assert cli(str(path), *words) == 2
    assert text in " ".join(capsys.readouterr().err.split())


def test_only_sweeps_have_pages_here(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli("elu", "--page", "a.html") == 2
    assert "received --page for elu; expected a sweep with it" in " ".join(capsys.readouterr().err.split())
