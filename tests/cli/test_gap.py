"""The generalization gap is one number, wherever it is shown."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from dnnlab.report.figures import figure

Call = Callable[..., tuple[int, str, str]]


@pytest.mark.parametrize(
    ("changes", "measure", "evaluated"),
    [
        (["regularizers.dropout=0.3"], "accuracy", True),
        (["regularizers.dropout=0.3", "training.monitor=val_loss"], "accuracy", True),
        (["metrics=[]", "regularizers.dropout=0.3"], "loss", True),
        (["logging.train_eval=false", "regularizers.dropout=0.3"], "accuracy", False),
    ],
    ids=["accuracy", "loss is monitored", "no metric", "not in evaluation mode"],
)
def test_every_screen_shows_the_same(
    dnnlab: Call, runs: Path, config: Path, changes: list[str], measure: str, evaluated: bool
) -> None:
    code, screen, _ = dnnlab("train", config, "training.epochs=8", *changes)
    run = next(runs.iterdir())
    best = json.loads((run / "meta.json").read_text())["best"]
    training = best["metrics"][f"train_eval_{measure}" if evaluated else f"train_{measure}"]
    sign = 1 if measure == "accuracy" else -1
    gap = sign * (training - best["metrics"][f"val_{measure}"])
    assert code == 0 and abs(gap) > 0.005

    words = f"gap {gap:.2f}" + (f" (in evaluation mode: {training:.4f})" if evaluated else "")
    assert re.search(rf" {re.escape(words)}$", screen, re.M), screen
    assert dnnlab("report", "last", "--no-data")[0] == 0
    page = (run / "report.html").read_text()
    text = " ".join(re.sub(r"<[^>]+>", " ", page).split())
    how = "training, evaluation mode" if evaluated else "training"
    assert f"gap {figure(gap)} in {measure}; {how} {figure(training)}" in text
    epochs, values = _drawn(
        page, "training − validation" if measure == "accuracy" else "validation − training"
    )
    assert values[epochs.index(best["epoch"])] == pytest.approx(gap, rel=1e-3)


def _drawn(page: str, label: str) -> tuple[list[float], list[float]]:
    """The curve with this name in the last chart of the page that has one."""
    specs = map(json.loads, re.findall(r'<script type="application/json">(.*?)</script>', page, re.S))
    return [
        (spec["axes"][line["axis"]], line["y"])
        for spec in specs
        for line in spec.get("series", ())
        if line["name"] == label
    ][-1]
