"""Thinned curves, common histogram bins, figures and pictures of pages, against numpy and Pillow."""

from __future__ import annotations

import base64
import doctest
import io
import json
import math
import re
from typing import Any

import numpy as np
import pytest
from PIL import Image

from dnnlab.report import charts, figures
from dnnlab.report.histograms import common_bins
from dnnlab.report.pictures import contact_sheet, image_uri, weight_pixels
from dnnlab.report.sweep_charts import Axis, Dot, Points, points_html

RNG = np.random.default_rng(0)


@pytest.mark.parametrize("module", [figures, charts], ids=lambda module: module.__name__)
def test_examples_of_the_docstrings(module):
    result = doctest.testmod(module)
    assert result.attempted and not result.failed


def test_a_thinned_curve_keeps_its_ends_peaks_and_dips():
    y = RNG.normal(size=5000).tolist()
    y[1234], y[4000] = 50.0, -60.0
    x, kept = charts.thin(range(5000), y, 600)
    assert len(x) <= 600 and x == sorted(set(x)) and (x[0], x[-1]) == (0, 4999)
    assert [y[i] for i in x] == kept
    assert (1234, 50.0) in zip(x, kept, strict=True) and (4000, -60.0) in zip(x, kept, strict=True)


def test_every_stretch_keeps_its_lowest_and_highest():
    y = RNG.normal(size=3000).tolist()
    x, _ = charts.thin(range(3000), y, 202)
    for start in range(0, 3000, 30):
        inside = range(start, start + 30)
        assert {min(inside, key=y.__getitem__), max(inside, key=y.__getitem__)} <= set(x)


def test_a_gap_stays_a_gap():
    y: list[float | None] = [1.0] * 1000
    y[500:600] = [None] * 100
    x, kept = charts.thin(range(1000), y, 100)
    assert any(v is None for i, v in zip(x, kept, strict=True) if 500 <= i < 600)
    assert not any(v is None for i, v in zip(x, kept, strict=True) if not 500 <= i < 600)


def test_common_bins_count_what_numpy_counts():
    samples = [RNG.normal(0, 1 + i, size=20_000) for i in range(3)]
    found = [np.histogram(sample, 64) for sample in samples]
    low, high, rows = common_bins(np.stack([c for c, _ in found]), np.stack([e for _, e in found]))
    for sample, row in zip(samples, rows, strict=True):
        expected = np.histogram(sample, len(row), (low, high))[0]
        # A count is spread over its own bin, which is as wide as a few common ones: sums over several bins
        # agree.
        np.testing.assert_allclose(
            row.reshape(8, -1).sum(axis=1), expected.reshape(8, -1).sum(axis=1), atol=0.02 * len(sample)
        )
        assert row.sum() == pytest.approx(np.sum((sample >= low) & (sample <= high)), rel=0.02)


def test_far_values_do_not_press_the_rest_into_one_line():
    values = np.concatenate([RNG.normal(size=10_000), [1e6]])
    counts, edges = np.histogram(values[:-1], 64)
    counts, edges = np.append(counts, 1), np.append(edges, 1e6)
    low, high, _ = common_bins(counts[None], edges[None])
    assert -4 < low < -1 and 1 < high < 10


@pytest.mark.parametrize("counts", [np.zeros((2, 4)), np.full((2, 4), np.nan)])
def test_nothing_counted_is_no_chart(counts):
    assert common_bins(counts, np.tile(np.arange(5.0), (2, 1))) is None


def test_a_constant_is_a_range_too():
    low, high, rows = common_bins(np.array([[0.0, 7.0]]), np.array([[2.0, 2.0, 2.0]]))
    assert low < 2 < high and rows.sum() == pytest.approx(7)


def decoded(uri):
    assert uri.startswith("data:image/png;base64,")
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(uri.partition(",")[2]))))


def test_a_picture_holds_the_pixels():
    pixels = RNG.random((9, 7, 3))
    np.testing.assert_array_equal(decoded(image_uri(pixels)), (pixels * 255).round().astype(np.uint8))
    assert decoded(image_uri(np.array([[2.0, -1.0], [np.nan, 0.5]]))).tolist() == [[255, 0], [0, 128]]


def test_weights_are_blue_below_zero_and_red_above():
    low, zero, high = weight_pixels(np.array([[[-2.0, 0.0, 2.0]]]))[0]
    assert low[2] > low[0] and high[0] > high[2] and np.ptp(zero) < 0.02
    assert weight_pixels(np.zeros((1, 2, 2))).shape == (2, 2, 3)
    np.testing.assert_allclose(weight_pixels(np.array([[[1.0]], [[0.0]], [[-1.0]]]))[0, 0], [1, 0.5, 0])


def test_a_contact_sheet_has_each_picture_in_its_place():
    sheet = contact_sheet([np.full((2, 2, 3), i / 10) for i in range(5)], 3)
    assert sheet.shape == (5, 8, 3)
    assert [sheet[3 * (i // 3), 3 * (i % 3), 0] for i in range(5)] == [0, 0.1, 0.2, 0.3, 0.4]
    assert (sheet[2] == 1).all() and (sheet[3:, 6:] == 1).all()


def embedded(series: list[charts.Series]) -> dict[str, Any]:
    """The numbers of a chart as its page holds them."""
    html = charts.chart_html(charts.Chart("loss", "epoch", "loss", series))
    return json.loads(re.search(r'<script type="application/json">(.*?)</script>', html, re.S)[1])


@pytest.mark.parametrize("offset", [0.0, 1.0, -1.0, 0.9765, 237_671.0, -3.0e8, 1e12, 1e-9])
@pytest.mark.parametrize("span", [1e-9, 1e-4, 1.0, 3.0, 1e5])
def test_a_curve_lies_where_its_rows_say(offset: float, span: float) -> None:
    y = (offset + span * RNG.random(200)).tolist()
    span = max(y) - min(y)
    shown = embedded([charts.Series("loss", range(200), y)])["series"][0]["y"]
    # A chart is 230 pixels high: a 2,000th of the range is a ninth of one.
    np.testing.assert_allclose(shown, y, rtol=1e-14, atol=span / 2000)


def test_constant_curves_that_lie_close_are_told_apart() -> None:
    found = embedded([charts.Series(str(y), range(3), [y] * 3) for y in (237_671.25, 237_668.5)])["series"]
    assert [s["y"] for s in found] == [[237_671.25] * 3, [237_668.5] * 3]


@pytest.mark.parametrize("y", [[1.7e308, -1.7e308], [5e-324, 0.0], [None, math.nan, math.inf], []])
def test_ends_of_the_numbers_are_no_error(y: list[float | None]) -> None:
    shown = embedded([charts.Series("loss", range(len(y)), y)])["series"][0]["y"]
    finite = [None if v is None or not math.isfinite(v) else v for v in y]
    assert [v is None for v in shown] == [v is None for v in finite]
    assert [v for v in shown if v is not None] == pytest.approx(
        [v for v in finite if v is not None], rel=1e-3
    )


def test_trials_lie_where_their_results_say() -> None:
    values = [237_668.0 + i / 7 for i in range(20)]
    rates = [0.1 + i * 1e-9 for i in range(20)]
    chart = Points(
        "lr",
        Axis("lr", "linear", rates[0], rates[-1]),
        "val_loss",
        [Dot(i, x, y) for i, (x, y) in enumerate(zip(rates, values, strict=True))],
        ["all"],
        line=[(rates[0], values[0])],
    )
    spec = json.loads(
        re.search(r'<script type="application/json">(.*?)</script>', points_html(chart), re.S)[1]
    )
    np.testing.assert_allclose([p[0] for p in spec["points"]], rates, rtol=0, atol=1e-11)
    np.testing.assert_allclose([p[1] for p in spec["points"]], values, rtol=0, atol=1.5e-3)
    assert spec["line"][0] == pytest.approx([rates[0], values[0]], rel=1e-9)
