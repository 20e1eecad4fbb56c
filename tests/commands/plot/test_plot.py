"""What the pictures of `dnnlab plot` show, number by number, and what cannot be drawn."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from helpers.trainings import small, trained, write

from dnnlab.assembly.session import build
from dnnlab.commands.plot.drawing import draw_picture
from dnnlab.commands.plot.picture import Chart, Grid, Histograms
from dnnlab.commands.plot.plot import check_out, picture_of
from dnnlab.config import load
from dnnlab.errors import ConfigError, UsageError
from dnnlab.registry import entries


def picture(folder, word, *more):
    return picture_of(str(word), more, folder / "runs")


def test_an_activation_and_its_derivative(tmp_path):
    name, chart = picture(tmp_path, "elu", "alpha=0.5")
    assert (name, chart.title) == ("elu", "elu, alpha 0.5")
    value, slope = chart.lines
    z = np.asarray(value.x)
    assert (z.min(), z.max()) == (-5, 5)
    np.testing.assert_allclose(value.y, np.where(z > 0, z, 0.5 * np.expm1(z)), atol=1e-6)
    np.testing.assert_allclose(slope.y, np.where(z > 0, 1, 0.5 * np.exp(z)), atol=1e-6)


@pytest.mark.parametrize("entry", entries("activation"), ids=lambda e: e.name)
def test_every_activation_of_one_number_has_a_picture(entry, tmp_path):
    if entry.flags["widens"] != 1:
        with pytest.raises(UsageError, match=f"{entry.name} takes several numbers for each unit"):
            picture(tmp_path, entry.name)
        return
    chart = picture(tmp_path, f"activation.{entry.name}")[1]
    assert np.isfinite([line.y for line in chart.lines]).all()


@pytest.mark.parametrize("entry", entries("schedule"), ids=lambda e: e.name)
def test_every_schedule_has_a_picture(entry, tmp_path):
    chart = picture(tmp_path, f"schedule.{entry.name}")[1]
    assert isinstance(chart, Chart) and min(chart.lines[0].y) > 0
    lr = 0.05 if entry.name == "triangular" else 1  # a tenth of the `max` that it rises to
    assert (
        chart.x_label == "epoch (100 steps each)" and chart.y_label == f"learning rate (optimizer.lr = {lr})"
    )


def test_one_cycle_moves_the_momentum_too(tmp_path):
    chart = picture(tmp_path, "one_cycle", "max_lr=0.5")[1]
    rate, momentum = chart.lines[0], chart.right[0]
    top = int(np.argmax(rate.y))
    assert rate.y[top] == 0.5 and rate.x[top] == 9.0 and rate.x[-1] == 19.99
    assert momentum.y[top] == min(momentum.y) == 0.85 and momentum.y[0] == 0.95
    assert chart.note == "2,000 steps; highest 0.5 at step 900, last 5e-05"


def test_a_schedule_that_watches_is_drawn_without_improvement(tmp_path):
    chart = picture(tmp_path, "performance", "patience=3", "factor=0.1")[1]
    by_epoch = dict(zip((int(x) for x in chart.lines[0].x), chart.lines[0].y, strict=True))
    assert [round(by_epoch[epoch], 9) for epoch in (0, 3, 4, 6, 7)] == [1, 1, 0.1, 0.1, 0.01]
    assert "never improved" in chart.note


def test_the_rate_of_a_config_is_that_of_its_training(tmp_path):
    file = write(
        tmp_path, small(schedule={"name": "one_cycle", "warmup": "1 epochs"}, training={"epochs": 4})
    )
    name, chart = picture(tmp_path, file, "schedule", "optimizer.lr=0.02")
    session = build(load(file, ["optimizer.lr=0.02"])).session
    expected = [session.rates(step) for step in range(4 * session.steps_per_epoch)]
    assert name == "experiment-schedule"
    assert chart.lines[0].y == [lr for lr, _ in expected]
    assert chart.right[0].y == [momentum for _, momentum in expected]
    assert chart.lines[0].x == [step / session.steps_per_epoch for step in range(len(expected))]


def test_long_trainings_are_sampled_at_the_ends_of_epochs(tmp_path):
    file = write(tmp_path, small(training={"epochs": 3000, "batch_size": 16}))
    x = picture(tmp_path, file, "schedule")[1].lines[0].x
    assert len(x) == 6000 and x[1] == 18 / 19 and x[2] == 1.0


def test_an_initializer_s_numbers(tmp_path):
    shown = picture(tmp_path, "he_normal", "100x50")[1]
    assert isinstance(shown, Histograms) and shown.note == "5,000 weights; fan_in 50, fan_out 100"
    panel = shown.panels[0]
    assert sum(panel.heights) == 5000 and len(panel.edges) == len(panel.heights) + 1
    low, high = (place for place, _ in panel.marks)
    assert (high - low) / 2 == pytest.approx(0.2, rel=0.05)


def test_the_initial_weights_of_a_config(tmp_path):
    file = write(tmp_path, small(architecture={"name": "mlp", "hidden": {"depth": 8, "width": 9}}))
    shown = picture(tmp_path, file, "initializer")[1]
    assert [panel.title.split(":")[0] for panel in shown.panels] == [
        *(f"hidden{i}" for i in range(1, 6)),
        "output",
    ]
    assert shown.note == "9 layers with weights; 3 layers between are left out"
    assert picture(tmp_path, file, "weights", "initializer=zeros")[1].panels[0].heights == [0, 64 * 9, 0]


def test_images_before_and_after_an_augmentation(tmp_path):
    shown = picture(tmp_path, "shift", "fraction=0.2")[1]
    assert isinstance(shown, Grid) and shown.note.startswith("training images of two photographs (3x64x64)")
    labels = [label for label, _ in shown.rows]
    assert labels == ["before", "after, draw 1", "after, draw 2", "after, draw 3"]
    before, *after = [np.stack(images) for _, images in shown.rows]
    assert before.shape == (8, 64, 64, 3) and before.min() < 0.01 and 0.99 < before.max() <= 1.0
    assert all(not np.array_equal(before, rows) for rows in after) and not np.array_equal(after[0], after[1])
    # Whole pixels: every value that comes out was there before (the edges repeat).
    assert set(after[0].flat) <= set(before.flat)


@pytest.mark.parametrize("entry", entries("augment"), ids=lambda e: e.name)
def test_every_augmentation_has_a_picture(entry, tmp_path):
    before, *after = [np.stack(images) for _, images in picture(tmp_path, f"augment.{entry.name}")[1].rows]
    assert all(rows.min() >= 0 and rows.max() <= 1 and not np.array_equal(before, rows) for rows in after)


def test_colours_are_drawn_from_black_to_white_not_stretched(tmp_path):
    before, after, *_ = [
        np.stack(images) for _, images in picture(tmp_path, "brightness", "fraction=0.9")[1].rows
    ]
    for image, changed in zip(before, after, strict=True):
        factor = (
            changed.sum() / image.sum()
            if changed.max() < 1
            else np.median((changed / np.maximum(image, 1e-3))[changed < 1])
        )
        np.testing.assert_allclose(changed, np.clip(image * factor, 0, 1), atol=2e-3)


def test_the_augmentations_of_a_config(tmp_path):
    file = write(
        tmp_path,
        small(data={"name": "digits", "scale": "none", "augment": [{"name": "shift", "fraction": 0.3}]}),
    )
    state = torch.get_rng_state()
    assert picture(tmp_path, file, "augment")[1].title == "shift, fraction 0.3"
    assert torch.equal(torch.get_rng_state(), state)
    with pytest.raises(
        UsageError, match=r"data\.augment is empty; expected an augmentation; add data\.augment=\[shift\]"
    ):
        picture(tmp_path, write(tmp_path, small()), "augment")


def test_the_activations_of_a_config_and_of_a_run(tmp_path):
    run = trained(
        tmp_path, activation="tanh", per_layer={"hidden1": {"activation": "elu"}}, training={"epochs": 1}
    )
    assert picture(tmp_path, tmp_path / "experiment.yaml", "activation")[1].title == "tanh, elu"
    assert picture(tmp_path, run.name, "activation", "activation=relu")[1].title == "relu, elu"


@pytest.mark.parametrize(
    ("words", "error", "text"),
    [
        (
            ["adam"],
            UsageError,
            r"there is no picture of optimizer\.adam; expected a part of the kinds activation, augment, "
            r"initializer, schedule",
        ),
        (["elu", "slope"], UsageError, r"received slope; expected keys of elu as KEY=VALUE; leave slope out"),
        (["elu", "alpha=-1"], ConfigError, r"activation\.alpha: received -1; expected a number > 0"),
        (["lsuv"], UsageError, r"lsuv looks at a whole net and its data; .*`dnnlab plot CONFIG initializer`"),
        (
            ["he_normal", "300"],
            UsageError,
            r"received 300; expected the shape of a weight: units x inputs; 300x784, or 16x3x5x5",
        ),
        (["he_normal", "0x5"], UsageError, r"received the shape 0x5"),
        (["he_normal", "99999x99999"], UsageError, r"of at most 50,000,000 numbers"),
        (
            ["experiment.yaml"],
            UsageError,
            r"what of .*experiment\.yaml is to be drawn\?; expected one of activation, .*schedule`",
        ),
        (["experiment.yaml", "schedul"], UsageError, r"received schedul; .*did you mean schedule\?"),
        (["experiment.yaml", "loss"], UsageError, r"loss is recorded while training: `dnnlab plot RUN loss`"),
        (["experiment.yaml", "a", "b"], UsageError, r"received a b; expected one WHAT; leave b out"),
    ],
)
def test_what_cannot_be_drawn(words, error, text, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write(tmp_path, small())
    with pytest.raises(error, match=text):
        picture(tmp_path, *words)


def test_where_the_picture_goes(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert str(check_out(None, "../a b/elu")) == "a-b-elu.png"
    (tmp_path / "elu.png").touch()
    assert str(check_out(None, "elu")) == "elu-2.png"  # an earlier picture stays
    assert check_out(tmp_path / "x.SVG", "elu") == tmp_path / "x.SVG"
    with pytest.raises(
        UsageError, match=r"--out x\.txt; expected a file that ends in \.png, \.svg, \.pdf; --out x\.txt\.png"
    ):
        check_out(tmp_path.__class__("x.txt"), "elu")
    with pytest.raises(UsageError, match="there is no folder"):
        check_out(tmp_path / "nowhere" / "x.png", "elu")


def test_titles_are_texts_whatever_they_hold(tmp_path):
    file = write(tmp_path, {**small(), "name": "$\\frac{1}{0}$\n\x1b[31m<b>"})
    figure = draw_picture(picture(tmp_path, file, "initializer")[1])
    figure.canvas.draw()
    assert "\x1b" not in figure.get_suptitle() and "\\$" in figure.get_suptitle()
