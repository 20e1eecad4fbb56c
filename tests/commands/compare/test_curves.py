"""Curves: mean and band against NumPy, unequal lengths, and pictures that are what their suffix says."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from helpers.fake_runs import make_run, seeds
from matplotlib.figure import Figure

from dnnlab.commands.api import Run
from dnnlab.commands.compare.compare import compare
from dnnlab.commands.compare.curves import Series, legible, points, run_curves, save
from dnnlab.commands.output_file import PICTURES, checked_out
from dnnlab.errors import DnnlabError, UsageError
from dnnlab.rundir.summary import summarize


def texts(figure: Figure) -> list[str]:
    axes = figure.axes[0]
    return [text.get_text() for text in axes.get_legend().get_texts()]


def test_mean_and_band_over_curves_of_unequal_length() -> None:
    runs = [[0.1, 0.4, 0.5, 0.6], [0.3, 0.2], [0.2, 0.6, 0.1]]
    series = Series("a", tuple({i + 1: value for i, value in enumerate(run)} for run in runs))
    table = np.array([run + [np.nan] * (4 - len(run)) for run in runs])
    assert list(series.mean().values()) == pytest.approx(np.nanmean(table, axis=0))
    low, high = np.nanmin(table, axis=0), np.nanmax(table, axis=0)
    assert series.band() == {epoch: (low[epoch - 1], high[epoch - 1]) for epoch in (1, 2, 3)}
    assert series.common_end() == 2


def test_epochs_without_a_value_are_left_out() -> None:
    rows = [
        {"epoch": 1, "x": 1.0},
        {"epoch": 2, "x": None},
        {"epoch": 3},
        {"epoch": "4", "x": 1.0},
        {"epoch": 5, "x": 2},
    ]
    assert points(rows, "x") == {1: 1.0, 5: 2.0}


def test_a_comparison_has_one_line_a_group_and_names_it(tmp_path: Path) -> None:
    seeds(tmp_path, [0.9, 0.8])
    seeds(tmp_path, [0.7, 0.6], {"activation": "elu"}, first=10)
    make_run(tmp_path, (0.1,), {"activation": "tanh"}, number=20, status="running")
    figure = compare([], tmp_path).plot()
    axes = figure.axes[0]
    assert texts(figure) == ["relu (n = 2)", "elu (n = 2)", "tanh (killed)"]
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("epoch", "val_accuracy")
    assert axes.get_legend().get_title().get_text() == "activation"
    assert "band: lowest to highest" in axes.get_title(loc="left")
    assert len(axes.collections) == 2
    assert list(axes.lines[0].get_ydata()) == pytest.approx([0.425, 0.85, 0.765])
    assert compare([], tmp_path).plot("val_loss").axes[0].get_ylabel() == "val_loss"


def test_many_groups_are_counted_in_the_legend(tmp_path: Path) -> None:
    for i in range(15):
        make_run(tmp_path, config={"optimizer.lr": 0.1 + i}, number=i)
    named = texts(compare([], tmp_path).plot())
    assert len(named) == 13 and named[-1] == "3 more"


def test_a_run_shows_training_and_validation_and_marks_the_best_epoch(tmp_path: Path) -> None:
    path = make_run(tmp_path, (0.5, 0.9, 0.7), more={"train_accuracy": [0.6, 0.95, 0.99]})
    figure = Run(path).plot()
    assert texts(figure) == ["train_accuracy", "val_accuracy", "best: epoch 2"]
    assert texts(Run(path).plot("val_loss")) == ["train_loss", "val_loss"]
    assert figure._repr_png_().startswith(b"\x89PNG")


def test_what_was_never_measured_is_an_error(tmp_path: Path) -> None:
    path = make_run(tmp_path)
    with pytest.raises(
        UsageError, match=r"no run has measured val_acc; expected one of .*; did you mean val_accuracy?"
    ):
        Run(path).plot("val_acc")
    with pytest.raises(UsageError, match="nothing to draw"):
        Run(make_run(tmp_path, (), number=1, status="running")).plot()
    (path / "meta.json").write_text("{")
    with pytest.raises(DnnlabError, match="nothing to draw"):
        Run(path).plot()


@pytest.mark.parametrize(("name", "begin"), [("a.png", b"\x89PNG"), ("a.svg", b"<?xml"), ("A.PDF", b"%PDF")])
def test_a_picture_is_what_its_suffix_says(tmp_path: Path, name: str, begin: bytes) -> None:
    figure = run_curves(summarize(make_run(tmp_path)))
    checked_out(tmp_path / name, PICTURES, "--plot")
    save(figure, tmp_path / name)
    assert (tmp_path / name).read_bytes().startswith(begin)


def test_a_file_that_cannot_be_is_refused_first(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"expected a file that ends in \.png, \.svg, \.pdf"):
        checked_out(tmp_path / "curves.gif", PICTURES, "--plot")
    with pytest.raises(UsageError, match="there is no folder"):
        checked_out(tmp_path / "nowhere" / "curves.png", PICTURES, "--plot")
    (tmp_path / "taken.png").mkdir()
    with pytest.raises(DnnlabError, match="could not be written") as error:
        save(run_curves(summarize(make_run(tmp_path))), tmp_path / "taken.png")
    assert error.value.exit_code == 5


@pytest.mark.parametrize("text", ["$x^{$", "a\nb", "\x1b[31m", "名前😀", "x" * 500, "_hidden", "", r"\frac"])
def test_hostile_texts_are_shown_as_text(tmp_path: Path, text: str, recwarn: Callable[..., object]) -> None:
    make_run(tmp_path, config={"data.path": text}, number=1)
    make_run(tmp_path, config={"data.path": "plain"}, number=2)
    figure = compare([], tmp_path).plot()
    save(figure, tmp_path / "a.png")
    assert all(label.isprintable() and len(label) <= 100 for label in texts(figure))
    assert legible(text)
