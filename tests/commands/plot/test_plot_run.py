"""What `dnnlab plot RUN WHAT` shows: the run's own numbers, and which key turns on what it lacks."""

from __future__ import annotations

import json

import numpy as np
import pytest
from helpers.full_records import LAYERS, recorded_run
from helpers.trainings import trained
from PIL import Image

from dnnlab.commands.compare.curves import save
from dnnlab.commands.plot.drawing import draw_picture
from dnnlab.commands.plot.picture import Charts, Grid, Matrix
from dnnlab.commands.plot.plot import WHAT, picture_of
from dnnlab.errors import RunError, UsageError


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return trained(tmp_path_factory.mktemp("run"), logging={"update_ratio_every": "5 steps"})


def picture(run, *words):
    return picture_of(run.name, words, run.parent)


@pytest.mark.parametrize("what", WHAT)
@pytest.mark.parametrize("suffix", [".png", ".svg"])
def test_everything_of_a_run_can_be_drawn(run, what, suffix, tmp_path):
    name, found = picture(run, what)
    assert name == f"{run.name}-{what}"
    file = tmp_path / f"x{suffix}"
    save(draw_picture(found), file)
    if suffix == ".svg":
        assert "</svg>" in file.read_text()
        return
    pixels = np.asarray(Image.open(file).convert("RGB"))
    assert min(pixels.shape[:2]) >= 400
    assert len(np.unique(pixels.reshape(-1, 3), axis=0)) > 20, "something is drawn"


def test_a_curve_is_the_file_s(run):
    rows = [json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()]
    chart = picture(run, "loss")[1]
    assert isinstance(chart, Charts)
    drawn = {series.label: list(series.y) for series in chart.charts[0].series}
    assert drawn["training"] == [row["train_loss"] for row in rows]
    assert drawn["validation"] == [row["val_loss"] for row in rows]


def test_the_drawn_lines_are_the_chart_s(run):
    found = picture(run, "ratios")[1]
    axes = draw_picture(found).axes[0]
    assert axes.get_yscale() == "log"
    for series, line in zip(found.charts[0].series, axes.lines, strict=False):
        np.testing.assert_array_equal(line.get_ydata(), list(series.y))
    assert axes.lines[-1].get_ydata() == [1e-3, 1e-3], "the level of healthy ratios"


def test_the_metric_that_is_monitored_comes_first(tmp_path):
    run = trained(
        tmp_path,
        data={"name": "diabetes"},
        metrics=["mae", "rmse", "r2"],
        training={"epochs": 1, "monitor": "val_rmse"},
    )
    assert [chart.y_label for chart in picture(run, "metric")[1].charts] == ["rmse", "mae", "r2"]


def test_weights_and_confusion(run):
    weights, matrix = picture(run, "weights")[1], picture(run, "confusion")[1]
    assert isinstance(weights, Grid) and weights.note.startswith("All 16 units of hidden1")
    assert isinstance(matrix, Matrix) and sum(map(sum, matrix.counts)) == 359
    written = {text.get_text() for text in draw_picture(matrix).axes[0].texts}
    assert {str(count) for row in matrix.counts for count in row if count} <= written


@pytest.mark.parametrize(
    ("what", "file", "key", "value"),
    [
        ("ratios", "update_ratios.jsonl", "update_ratio_every", '"50 steps"'),
        ("gradients", "gradients.jsonl", "gradient_norm_every", '"50 steps"'),
        ("activations", "activations.jsonl", "activations_every", "auto"),
        ("dead_units", "dead_units.jsonl", "dead_units_every", "auto"),
    ],
)
def test_a_run_without_the_records_says_which_key_turns_them_on(tmp_path, what, file, key, value):
    path = recorded_run(tmp_path, config={f"logging.{key}": "none"})
    (path / file).unlink()
    with pytest.raises(
        RunError, match=f"turn on logging.{key}: `dnnlab train 000000 logging.{key}={value}`"
    ) as caught:
        picture(path, what)
    assert caught.value.problems[0].code == "nothing_to_draw"


def test_what_was_turned_on_but_never_came_is_not_asked_for_again(tmp_path):
    path = recorded_run(tmp_path, layers=LAYERS, config={"logging.dead_units_every": "auto"})
    (path / "dead_units.jsonl").unlink()
    with pytest.raises(RunError, match="no activation of this net can die") as caught:
        picture(path, "dead_units")
    assert caught.value.problems[0].fix == ""


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (["los"], "did you mean loss"),
        (
            [],
            "expected one of activation, augment, initializer, schedule, loss, metric, lr, "
            ".*`dnnlab plot .* loss`",
        ),
        (["loss", "seed=3"], "received seed=3, but what .* recorded is as it is"),
        (["loss", "lr"], "expected one WHAT"),
    ],
)
def test_words_that_are_none(run, words, text):
    with pytest.raises(UsageError, match=text):
        picture(run, *words)


def test_what_a_config_does_is_still_drawn_of_a_run(run):
    assert picture(run, "schedule")[1].title == "constant in experiment"


def test_titles_are_texts_whatever_they_hold(tmp_path):
    path = recorded_run(
        tmp_path, layers=("$\\frac{1}{0}$\x1b[31m", "_b"), name="$x^2$<b>", folder="20261122-000000-x-abcdef"
    )
    figure = draw_picture(picture(path, "gradients")[1])
    figure.canvas.draw()
    assert "\\$" in figure.get_suptitle()
    assert [text.get_text() for text in figure.axes[0].get_legend().get_texts()] == [
        "\\$\\frac{1}{0}\\$\\x1b[31m",
        "b",
    ]
