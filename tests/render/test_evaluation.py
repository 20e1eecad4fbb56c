"""The screen of an evaluation: 80 columns, whatever the classes are called and however many there are."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from helpers.memory_terminal import shown

from dnnlab.commands.inference.evaluate import Evaluation
from dnnlab.commands.inference.predictions import Predictions
from dnnlab.commands.inference.scores import Scores, class_scores, label_scores, number_scores
from dnnlab.render.screens.confusion import matrix_lines
from dnnlab.render.screens.evaluation import evaluation_lines
from dnnlab.render.screens.predictions import show_text, summary_lines
from dnnlab.render.terminal.streams import Stream
from dnnlab.render.terminal.text import columns

RUN = Path("runs/20261122-041833-digits-7f3a1c")
RNG = np.random.default_rng(0)


def evaluation(
    scores: Scores, names: list[str], rows: int, earlier: int = 0, notes: tuple[str, ...] = (), **changes: Any
) -> Evaluation:
    begun = {
        "run": RUN.name,
        "split": "test",
        "weights": "best",
        "epoch": 12,
        "step": None,
        "rows": rows,
        "task": "classes",
    }
    result = {**begun, "names": names, **scores.json(), **changes}
    return Evaluation(
        RUN / "evaluations" / "20261122-052000.123-test-best.json", result, earlier, True, notes
    )


def classes(names: list[str], rows: int = 400, wrong: float = 0.1) -> Evaluation:
    targets = np.arange(rows) % len(names)
    answers = np.where(RNG.random(rows) < wrong, RNG.integers(0, len(names), rows), targets)
    return evaluation(class_scores(3 * np.eye(len(names))[answers], targets, names), names, rows)


def test_three_classes() -> None:
    targets, answers = np.array([0, 0, 0, 1, 1, 1, 2, 2, 2, 2]), np.array([0, 0, 1, 1, 1, 1, 2, 2, 0, 0])
    names = ["cat", "dog", "owl"]
    found = evaluation(
        class_scores(3 * np.eye(3)[answers], targets, names), names, 10, notes=("this run is killed",)
    )
    lines = evaluation_lines(found, 80)
    assert lines[:4] == [
        " test part of digits-7f3a1c: 10 rows, 3 classes; best weights (epoch 12)",
        " the test part was not looked at before",
        " note     this run is killed",
        "",
    ]
    assert [line for line in lines if line.startswith(" accuracy")] == [
        " accuracy       0.7000     0.3968  0.8922  7 of 10 rows"
    ]
    assert lines[lines.index(" true class below, predicted class to the right") + 1 :][:5] == [
        "     cat dog owl",
        " cat   2   1   .",
        " dog   .   3   .",
        " owl   2   .   2",
        " mistakes owl taken for cat: 2 rows; cat taken for dog: 1 row",
    ]
    assert lines[-2:] == [
        " next     dnnlab compare 7f3a1c --test",
        " saved    runs/20261122-041833-digits-7f3a1c/evaluations/20261122-052000.123-test-best.json",
    ]


@pytest.mark.parametrize(
    "names",
    [
        [str(i) for i in range(10)],
        ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"],
        ["x" * 200, "\x1b[31mred", "猫" * 30],
        [f"class {i}" for i in range(40)],
        [str(i) for i in range(120)],
        ["yes", "no"],
    ],
    ids=["digits", "cifar10", "hostile", "forty", "many", "two"],
)
def test_no_line_is_wider_than_the_screen(names: list[str]) -> None:
    lines = evaluation_lines(classes(names), 80)
    assert all(columns(line) <= 80 for line in lines[:-1]) and all(line.isprintable() for line in lines)
    matrix = any(line.startswith(" true class below") for line in lines)
    assert matrix == (len(names) <= 10)
    assert any(line.startswith(" mistakes ") for line in lines)


def test_ten_classes_of_thousands_of_rows_fit() -> None:
    names = ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"]
    lines = matrix_lines(names, (np.eye(10) * 900 + 11).astype(int).tolist(), 80)
    assert len(lines) == 13 and max(columns(line) for line in lines) <= 80
    assert lines[3].split() == ["airplane", "911", *["11"] * 9]
    assert matrix_lines(names, (np.eye(10) * 10**7).astype(int).tolist(), 80) == []


def test_many_classes_show_the_worst() -> None:
    lines = evaluation_lines(classes([f"class {i}" for i in range(40)]), 80)
    assert " the 10 worst of 40; all are in the file" in lines
    assert len([line for line in lines if line.startswith(" class ")]) == 11


def test_two_classes_have_one_auc() -> None:
    lines = evaluation_lines(classes(["yes", "no"]), 80)
    assert [line.split() for line in lines if line.startswith(" class ")] == [
        ["class", "precision", "recall", "F1", "rows"]
    ]
    assert [line for line in lines if line.startswith(" AUC") and "rest" not in line]


def test_no_mistakes() -> None:
    assert " no mistakes" in evaluation_lines(classes(["a", "b"], wrong=0.0), 80)


def test_earlier_looks_are_said_plainly() -> None:
    names = ["a", "b"]
    scores = class_scores(np.eye(2)[[0, 1]], np.array([0, 1]), names)
    text = " ".join(line.strip() for line in evaluation_lines(evaluation(scores, names, 2, earlier=2), 80))
    assert (
        "the test part was looked at 2 times before: runs chosen by it look better than they are; "
        "choose by validation"
    ) in text
    validation = evaluation_lines(evaluation(scores, names, 2, earlier=2, split="validation"), 80)
    assert "looked" not in " ".join(validation) and " next     dnnlab evaluate 7f3a1c" in validation


def test_labels() -> None:
    truth = (RNG.random((50, 2)) < 0.4).astype(float)
    scores = label_scores(RNG.normal(size=(50, 2)) + truth, truth, ["ham", "spam"])
    lines = evaluation_lines(evaluation(scores, ["ham", "spam"], 50, task="labels"), 80)
    assert "50 rows, 2 labels" in lines[0]
    assert [line.split()[:3] for line in lines if line.startswith(" all labels")] == [
        ["all", "labels", "right"]
    ]
    assert [line.split() for line in lines if line.startswith(" label ")] == [
        ["label", "precision", "recall", "F1", "AUC", "accuracy", "rows"]
    ]


def test_numbers() -> None:
    truth = RNG.normal(150, 50, size=(88, 1))
    scores = number_scores(truth + RNG.normal(0, 20, truth.shape), truth, ["progression"])
    lines = evaluation_lines(evaluation(scores, ["progression"], 88, task="numbers"), 80)
    assert "88 rows, 1 target (progression)" in lines[0]
    assert [line.split()[0] for line in lines if line.startswith((" r2", " mae", " rmse", " max"))] == [
        "r2",
        "mae",
        "rmse",
        "max",
    ]
    both = number_scores(np.hstack([truth, truth]) + 1, np.hstack([truth, truth]), ["length", "width"])
    lines = evaluation_lines(evaluation(both, ["length", "width"], 88, task="numbers"), 80)
    assert [line.split()[0] for line in lines if line.startswith((" length", " width"))] == [
        "length",
        "width",
    ]


def test_predictions_on_a_terminal_are_harmless(terminal: Stream, pipe: Stream) -> None:
    show_text(terminal, "class\n\x1b[31mred\n")
    show_text(pipe, "class\n\x1b[31mred\n")
    assert shown(terminal) == "class\n\\x1b[31mred\n" and shown(pipe) == "class\n\x1b[31mred\n"


def test_predictions_in_short() -> None:
    found = Predictions(
        "classes",
        ("a", "b"),
        np.array([[0.2, 0.8], [0.1, 0.9]]),
        answer=np.array([1, 1]),
        run=str(RUN),
        epoch=3,
    )
    assert summary_lines(found, Path("out.csv"), 80) == [
        f" 2 rows, best weights (epoch 3) of {RUN.name}",
        "    rows",
        " b     2",
        " a     0",
        " saved    out.csv",
    ]
    numbers = Predictions("numbers", ("price",), np.array([[1.0], [3.0]]), run=str(RUN), epoch=3)
    assert summary_lines(numbers, Path("out.csv"), 80)[1:3] == [
        "          mean  lowest  highest",
        " price  2.0000  1.0000   3.0000",
    ]


@pytest.mark.parametrize("width", [50, 60])
def test_what_has_no_room_is_left_out_and_named(width: int) -> None:
    lines = evaluation_lines(classes([f"a class with a long name {i}" for i in range(3)]), width)
    tables = [line for line in lines if "dnnlab" not in line and "/" not in line]
    assert max(map(columns, tables)) <= width
    assert " no room for: remarks (a wider terminal)" in lines
    assert any(line.startswith(" no room for: ") and "AUC" in line for line in lines)
