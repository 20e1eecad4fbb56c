"""The drawings of a sweep: what the page holds for its script, and what the picture shows."""

from __future__ import annotations

import json
import math
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from helpers.fake_sweeps import LR, SEVERAL, made_sweep
from PIL import Image

from dnnlab.commands.sweep.results.axes import best_so_far, history_chart, threads, value_charts
from dnnlab.commands.sweep.results.findings import Findings, best_config, show_sweep
from dnnlab.commands.sweep.results.page import make_page, write_picture
from dnnlab.commands.sweep.results.picture import sweep_picture, ticks
from dnnlab.report.sweep_charts import Axis
from dnnlab.search.space import Point

STAGES = [{"trials": 20, "epochs": 1}, {"zoom": 5, "trials": 8, "epochs": 2}]


def near(point: Point, seed: int) -> Any:
    rate = point["optimizer.lr"]
    return (
        ("failed", "diverged", "the loss is not a number")
        if rate > 0.3
        else 1 - abs(math.log10(rate / 1e-2)) / 10 + seed / 1000
    )


def page_of(found: Findings) -> str:
    return make_page(found, best_config(found), "7f3a1c")


def specs(page: str) -> list[dict[str, Any]]:
    """What the page's script draws."""
    return [
        json.loads(text) for text in re.findall(r'<script type="application/json">(.*?)</script>', page, re.S)
    ]


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Findings:
    return show_sweep(made_sweep(tmp_path_factory.mktemp("sweep"), near, search=SEVERAL, stages=STAGES))


def test_each_searched_value_has_a_chart_with_every_trial_that_has_it(found: Findings) -> None:
    drawn = {
        spec["x"]["label"]: spec
        for spec in specs(page_of(found))
        if spec["kind"] == "points" and spec["x"]["label"] != "trial"
    }
    assert drawn.keys() == {
        "optimizer.lr",
        "activation",
        "optimizer",
        "optimizer.momentum",
        "architecture.hidden",
    }
    assert (
        drawn["optimizer.lr"]["x"]["kind"],
        drawn["optimizer.lr"]["x"]["low"],
        drawn["optimizer.lr"]["x"]["high"],
    ) == ("log", 1e-6, 1)
    assert drawn["activation"]["x"]["words"] == ["relu", "elu", "tanh"]
    assert drawn["architecture.hidden"]["x"]["words"] == ["[16]", "3 x 16", "[32, 16]"]
    for key, spec in drawn.items():
        name = "optimizer[1].momentum" if key == "optimizer.momentum" else key
        having = [t for t in found.view.trials if name in t.point]
        done = {(t.number, t.stage): (t.point[name], t.value) for t in having if t.state == "done"}
        assert {(n, group): (x, y) for x, y, group, n in spec["points"]} == {
            key: (pytest.approx(x, rel=1e-5), pytest.approx(y, rel=1e-5)) for key, (x, y) in done.items()
        }
        assert {n for _, _, n in spec["lost"]} == {t.number for t in having if t.state == "failed"}
        assert spec["groups"] == ["stage 1", "stage 2"]


def test_the_best_trial_is_ringed(found: Findings) -> None:
    assert found.best is not None
    for spec in specs(page_of(found)):
        if spec["best"] is not None:
            ringed = (
                spec["points"][spec["best"]][3]
                if spec["kind"] == "points"
                else spec["lines"][spec["best"]]["number"]
            )
            assert ringed == found.best.number
    assert sum(spec["best"] is not None for spec in specs(page_of(found))) >= 5


def test_parallel_coordinates_end_with_the_result_and_the_best_is_drawn_last(found: Findings) -> None:
    axes, lines = threads(found)
    assert [axis.label for axis in axes][-1] == "val_accuracy" and len(axes) == 6
    assert [line.at[-1] for line in lines] == sorted(t.value for t in found.ranked)
    assert (lines[0].place, lines[-1].place) == (0.0, 1.0)
    place = [axis.label for axis in axes].index("optimizer.momentum")
    assert {line.at[place] is None for line in lines} == {True, False}


def test_the_history_keeps_the_best_so_far(found: Findings) -> None:
    line = history_chart(found).line
    done = [t for t in found.view.trials if t.state == "done"]
    for number, value in line:
        assert value == max(t.value or 0 for t in done if t.number <= number)
    assert [v for _, v in line] == sorted({v for _, v in line}), "every step is a new best"
    assert best_so_far(done[::-1], "min")[-1][1] == min(t.value or 0 for t in done)


def test_losses_that_span_much_have_a_logarithmic_axis(tmp_path: Path) -> None:
    steep = show_sweep(
        made_sweep(tmp_path, lambda p, s: 100 * p["optimizer.lr"], better="min", monitor="val_loss")
    )
    assert all(chart.log for chart in value_charts(steep)) and threads(steep)[0][-1].kind == "log"
    flat = show_sweep(
        made_sweep(tmp_path, lambda p, s: 1 + p["optimizer.lr"], better="min", monitor="val_loss")
    )
    assert not any(chart.log for chart in value_charts(flat))


def test_the_page_holds_everything(found: Findings) -> None:
    page = page_of(found)
    titles = re.findall(r"<h2>(.*?)</h2>", page)
    assert titles == [
        "Ranking",
        "Best config",
        "Searched values",
        "All values together",
        "History",
        "Importance",
        "Stages",
        "Pruned, failed, retried",
        "The sweep",
    ]
    assert page.count("<tr>") >= len(found.ranked)
    assert not re.search(r'(?:src|href)="(?!#|data:)', page) and "@import" not in page and "url(" not in page
    assert "PED-ANOVA" in page and "diverged" in page and "dnnlab train" in page


def test_one_searched_value_needs_no_parallel_coordinates(tmp_path: Path) -> None:
    one = show_sweep(made_sweep(tmp_path, near, search=LR))
    assert [spec["kind"] for spec in specs(page_of(one))] == ["points", "points"]
    assert len(sweep_picture(one).axes) == 3


def test_the_picture_shows_each_value_on_its_scale(found: Findings, tmp_path: Path) -> None:
    figure = sweep_picture(found)
    by_label = {axes.get_xlabel(): axes for axes in figure.axes}
    assert by_label.keys() >= {"trial", "optimizer.lr", "activation", "optimizer.momentum"}
    assert (
        by_label["optimizer.lr"].get_xscale() == "log"
        and by_label["optimizer.momentum"].get_xscale() == "linear"
    )
    dots = np.concatenate(
        [line.get_xydata() for line in by_label["optimizer.lr"].lines if line.get_marker() == "o"]
    )
    assert {t.point["optimizer.lr"] for t in found.ranked} <= set(dots[:, 0])
    colours = {
        line.get_color()
        for line in by_label["trial"].lines
        if line.get_marker() == "o" and line.get_fillstyle() == "full"
    }
    assert len(colours) == 2, "one a stage"
    write_picture(found, tmp_path / "a.png")
    pixels = np.asarray(Image.open(tmp_path / "a.png").convert("L"))
    assert pixels.shape[1] > 1000 and (pixels < 128).mean() > 0.002


@pytest.mark.parametrize("kind", ["linear", "log"])
def test_the_ticks_of_a_narrow_axis_differ(kind: str) -> None:
    found = ticks(Axis("val_loss", kind, 237_668.0, 237_671.0))
    assert [float(words) for _, words in found] == pytest.approx([place for place, _ in found], rel=1e-8)
    assert len({words for _, words in found}) == 5


def test_the_picture_of_cases_is_of_their_curves(tmp_path: Path) -> None:
    cases = {"plain": {}, "tanh": {"activation": "tanh"}}
    found = show_sweep(
        made_sweep(tmp_path, lambda p, s: 0.9 + p["case"] / 20 + s / 100, cases=cases, seeds=3, runs=True)
    )
    (axes,) = sweep_picture(found).axes
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["tanh", "plain"]
    assert axes.lines[0].get_ydata()[-1] == pytest.approx(0.96)
    charts = specs(page_of(found))
    assert [chart["y"] for chart in charts] == ["val_accuracy", "val_loss", "train_loss"]
    assert [series["name"] for series in charts[0]["series"]] == ["tanh", "plain"]
    assert charts[0]["series"][0]["y"] == pytest.approx([0.48, 0.768, 0.96])
