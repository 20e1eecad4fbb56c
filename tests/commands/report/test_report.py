"""`dnnlab report`: the page of real and of hand-made runs, whole, damaged, hostile, without data."""

from __future__ import annotations

import html
import json
import re
from pathlib import Path

import numpy as np
import pytest
import torch
from helpers.fake_runs import change_meta, contents
from helpers.full_records import LAYERS, recorded_run, write
from helpers.trainings import trained
from sklearn.metrics import confusion_matrix

import dnnlab
from dnnlab.commands.inference.evaluate import evaluate
from dnnlab.commands.report.curves import activation_chart, gap_chart, measure_chart, measures, ratio_chart
from dnnlab.commands.report.outcomes import kept_confusion, validation_outcome
from dnnlab.commands.report.page import make_page
from dnnlab.commands.report.records import read_records
from dnnlab.commands.report.report import report
from dnnlab.commands.report.weights import first_weights
from dnnlab.errors import RunError, UsageError
from dnnlab.rundir import read_run
from dnnlab.rundir.record_files import RECORD_FILES
from dnnlab.rundir.run_record import read_record

RNG = np.random.default_rng(0)
X = RNG.normal(size=(200, 4)).astype(np.float32)
HOSTILE = "<script>alert(1)</script>"
SECTIONS = [
    "verdicts",
    "learning",
    "updates",
    "activations",
    "histograms",
    "weights",
    "predictions",
    "confusion",
    "examples",
]


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A small run of digits with everything that is recorded by default."""
    return trained(tmp_path_factory.mktemp("run"), logging={"update_ratio_every": "5 steps"})


def words(made: str) -> str:
    """What a reader sees of a page: no tags, scripts or styles."""
    text = re.sub(r"(?s)<(style|script).*?</\1>", " ", made)
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", text)))


def anchors(made: str) -> list[str]:
    return re.findall(r'<section id="(\w+)">', made)


def page_of(path: Path, **options: bool) -> str:
    return make_page(read_records(path), "abcdef", **options).html


def test_the_page_of_a_real_run(run):
    before = contents(run)
    found = report(run.name, run.parent)
    assert found.path == run / "report.html" and found.size == found.path.stat().st_size < 2_000_000
    assert (found.left_out, found.problems) == ((), ())
    text = found.path.read_text()
    assert anchors(text) == [*SECTIONS, "config", "environment"]
    assert "On the validation part" in words(text) and text.count('class="example"') == 12
    assert len(re.findall(r'<img src="data:image/png[^>]*unit \d+', text)) == 16, (
        "each unit of the first layer has a picture"
    )
    after = contents(run)
    assert {path for path in after if after[path] != before.get(path)} == {
        str(run),
        str(run / "report.html"),
    }, "nothing else changes"


def test_a_second_report_replaces_the_first(run):
    first, second = report(run.name, run.parent), report(run.name, run.parent)
    assert first.path == second.path


def test_a_report_elsewhere_and_where_it_cannot_be(run, tmp_path):
    assert report(run.name, run.parent, tmp_path / "x.HTML", no_data=True).path == tmp_path / "x.HTML"
    with pytest.raises(UsageError, match=r"--out .*config\.yaml; expected a file that ends in \.html, \.htm"):
        report(run.name, run.parent, run / "config.yaml")
    with pytest.raises(UsageError, match="there is no folder"):
        report(run.name, run.parent, tmp_path / "nowhere" / "x.html")
    with pytest.raises(RunError):
        report("nothing", run.parent)


def test_without_data_the_rest_is_there(run):
    text = words(page_of(run, no_data=True))
    assert "Not shown: --no-data was given" in text and "Update ratio" in text and "unit" in text


def test_data_that_are_gone_cost_a_section_and_no_more(tmp_path):
    (tmp_path / "data.csv").write_text("a,b,y\n" + "".join(f"{i},{i % 7},{i % 2}\n" for i in range(60)))
    run = trained(
        tmp_path,
        data={"name": "csv", "path": "data.csv", "target": "y", "limit": "none"},
        training={"epochs": 1},
    )
    assert "taken for" in words(page_of(run))
    (tmp_path / "data.csv").unlink()
    made = make_page(read_records(run), "abcdef")
    assert made.left_out and "data.csv" in made.left_out[0]
    assert "Not known" in words(made.html) and "Accuracy" in words(made.html)


def test_arrays_from_python_are_in_no_folder(tmp_path):
    run = dnnlab.train(
        {"training": {"epochs": 1}}, runs_dir=tmp_path, data=(X, (X[:, 0] > 0).astype(np.int64))
    )
    assert "was trained on arrays from Python, which no folder holds" in words(page_of(run.path))


def test_confusion_and_worst_rows_are_those_of_the_validation_part(run):
    records = read_records(run)
    found = validation_outcome(records)
    evaluated = json.loads(evaluate(run.name, run.parent, split="validation").path.read_text())
    assert found.confusion.counts == evaluated["confusion"]
    assert np.trace(found.confusion.counts) / found.rows == pytest.approx(evaluated["metrics"]["accuracy"])
    assert sum(map(sum, found.confusion.counts)) == found.rows
    losses = [wrong.loss for wrong in found.worst]
    assert losses == sorted(losses, reverse=True) and losses[0] > evaluated["metrics"]["cross_entropy"]


def test_the_worst_rows_against_torch(run):
    from dnnlab.commands.inference.evaluate import data_of, part_of
    from dnnlab.commands.inference.model import load_model

    view = read_record(run)
    model = load_model(view)
    data = data_of(view, model, None)
    part = part_of(view, model, data, "validation")
    with torch.no_grad():
        logits = model.net(part.inputs)
    losses = torch.nn.functional.cross_entropy(logits, part.targets, reduction="none")
    order = losses.argsort(descending=True)[:12]
    found = validation_outcome(read_records(run))
    assert [wrong.loss for wrong in found.worst] == pytest.approx(losses[order].tolist(), abs=1e-5)
    assert [wrong.row for wrong in found.worst] == data.split["validation"][order.numpy()].tolist()
    assert [int(wrong.true) for wrong in found.worst] == part.targets[order].tolist()
    assert [wrong.sure for wrong in found.worst] == pytest.approx(
        logits.softmax(1).max(1).values[order].tolist(), abs=1e-5
    )
    table = confusion_matrix(part.targets.numpy(), logits.argmax(1).numpy(), labels=range(10))
    assert found.confusion.counts == table.tolist()
    assert all(
        wrong.pixels.shape == (8, 8) and 0 <= wrong.pixels.min() <= wrong.pixels.max() <= 1
        for wrong in found.worst
    )


def test_the_newest_evaluation_is_shown_instead(tmp_path):
    run = trained(tmp_path, training={"epochs": 1})
    assert kept_confusion(read_records(run)) is None
    evaluate(run.name, run.parent, split="train")
    assert kept_confusion(read_records(run)) is None, "training rows are no measure of mistakes"
    evaluate(run.name, run.parent, split="test")
    assert kept_confusion(read_records(run)).source.startswith(
        "On the test part (359 rows), from `dnnlab evaluate` of "
    )
    (run / "evaluations" / "99991231-000000.000-test-best.json").write_text(
        '{"split": "test", "task": "classes", "names": ["a"], "confusion": [[1, 2]]}'
    )
    assert kept_confusion(read_records(run)).source.startswith("On the test part (359 rows)"), (
        "damage is passed over"
    )


def test_first_weights_are_those_of_the_best_epoch(run):
    found = first_weights(read_records(run))
    checkpoint = read_run(run).checkpoint().checkpoint
    best = checkpoint.model if checkpoint.best is None else checkpoint.best
    np.testing.assert_array_equal(found.units.reshape(16, 64), best["hidden1.weight"].numpy())
    assert (found.layer, found.count) == ("hidden1", 16)


def test_filters_of_a_convolution_are_pictures(tmp_path):
    run = trained(tmp_path, architecture={"name": "cnn"}, training={"epochs": 1})
    found = first_weights(read_records(run))
    assert found.units.ndim == 4 and found.units.shape[1] == 1 and found.units.shape[2] >= 3


@pytest.mark.parametrize(
    ("targets", "seen"),
    [
        (X[:, 0] * 2 - X[:, 1], ["Worst examples", "x0", "R2"]),
        ((X[:, :3] > 0).astype(np.int64), ["Worst examples", "x0", "Accuracy"]),
    ],
    ids=["numbers", "labels"],
)
def test_other_tasks_have_no_confusion_matrix(tmp_path, targets, seen):
    np.savez(tmp_path / "d.npz", x=X, y=targets)
    run = trained(
        tmp_path,
        data={"name": "npz", "path": "d.npz", "x": "x", "y": "y", "limit": "none"},
        training={"epochs": 1},
    )
    made = page_of(run)
    assert "confusion" not in anchors(made) and "weights" not in anchors(made)
    assert all(word in words(made) for word in seen)


def test_curves_hold_the_numbers_of_the_files(tmp_path):
    path = recorded_run(tmp_path)
    records = read_records(path)
    assert measures(records) == ["loss", "accuracy"]
    rows = [json.loads(line) for line in (path / "metrics.jsonl").read_text().splitlines()]
    chart = measure_chart(records, "accuracy")
    assert [s.label for s in chart.series] == [
        "training",
        "training, evaluation mode",
        "validation",
        "validation, ema",
    ]
    assert list(chart.series[2].y) == [row["val_accuracy"] for row in rows]
    assert chart.marks == [(6.0, "best: 6")]
    gap = gap_chart(records, "accuracy")
    assert gap.series[0].y == [row["train_eval_accuracy"] - row["val_accuracy"] for row in rows]
    ratios = ratio_chart(records)
    assert (
        [s.label for s in ratios.series] == list(LAYERS)
        and ratios.levels == [(1e-3, "1e-3")]
        and ratios.begins_log()
    )
    assert ratios.series[0].x[:3] == [0.1, 0.6, 1.1] and ratios.span == (0.0, 6.0)
    assert activation_chart(records, "saturated") is None, "no layer has flat ends"
    assert {s.place for s in activation_chart(records, "mean").series} == {0.0, 0.5, 1.0}


def test_a_metric_whose_name_begins_like_another_is_no_average(tmp_path):
    path = recorded_run(tmp_path)
    rows = [
        {
            "epoch": e,
            "step": e,
            "train_f1": 0.1,
            "train_f1_macro": 0.2,
            "val_f1": 0.3,
            "val_f1_macro": 0.4,
            "val_f1_ema": 0.5,
        }
        for e in (1, 2)
    ]
    write(path, "metrics.jsonl", rows)
    records = read_records(path)
    assert measures(records) == ["f1", "f1_macro"]
    assert [s.label for s in measure_chart(records, "f1").series] == [
        "training",
        "validation",
        "validation, ema",
    ]


@pytest.mark.parametrize(
    ("file", "key", "line"),
    [
        ("steps.jsonl", "steps_every", "steps_every=auto"),
        ("update_ratios.jsonl", "update_ratio_every", 'update_ratio_every="50 steps"'),
        ("gradients.jsonl", "gradient_norm_every", 'gradient_norm_every="50 steps"'),
        ("activations.jsonl", "activations_every", "activations_every=auto"),
        ("dead_units.jsonl", "dead_units_every", "dead_units_every=auto"),
        ("predictions.jsonl", "predictions_every", "predictions_every=auto"),
        ("histograms.safetensors", "histograms", "histograms=auto"),
    ],
)
def test_a_missing_record_names_the_key_that_turns_it_on(tmp_path, file, key, line):
    path = recorded_run(tmp_path, config={f"logging.{key}": "none"})
    (path / file).unlink()
    text = words(page_of(path, no_data=True))
    assert f"dnnlab train abcdef logging.{line}" in text
    assert text.count("turns that on") == 1


def test_the_lines_that_turn_records_on_are_read_by_training(tmp_path):
    off = {
        f"{key}_every": "none"
        for key in ("steps", "update_ratio", "gradient_norm", "activations", "dead_units", "predictions")
    }
    run = trained(tmp_path, logging={**off, "histograms": "none"}, training={"epochs": 1})
    lines = re.findall(
        r"dnnlab train abcdef (logging\.\w+)=(\"[^\"]*\"|\w+)", words(page_of(run, no_data=True))
    )
    assert len(lines) == 7
    on = trained(
        tmp_path,
        *(f"{key}={value.strip(chr(34))}" for key, value in lines),
        logging=off,
        training={"epochs": 1},
    )
    assert "turns that on" not in words(page_of(on, no_data=True))


@pytest.mark.parametrize("file", [record.file for record in RECORD_FILES.values()])
def test_a_file_that_is_cut_is_used_up_to_the_cut(tmp_path, file):
    path = recorded_run(tmp_path, status="running")
    with (path / file).open("a") as handle:
        handle.write('{"step": 61, "ep')
    text = words(page_of(path, no_data=True))
    assert f"{file}: the last line is cut" in text
    assert "Update ratio" in text and "0.9" in text


def test_hostile_names_are_texts(tmp_path):
    path = recorded_run(
        tmp_path,
        classes=(HOSTILE, "b"),
        layers=(HOSTILE, "output"),
        name=HOSTILE,
        folder="20261122-000000-x-abcdef",
    )
    change_meta(
        path, note=f"note {HOSTILE}", tags=[HOSTILE], command=HOSTILE, reason=HOSTILE, monitor="val_accuracy"
    )
    (path / "resolved.yaml").write_text(HOSTILE)
    made = page_of(path, no_data=True)
    assert "<script>alert" not in made
    assert words(made).count(HOSTILE) >= 8


@pytest.mark.parametrize("junk", [[], 3, "x", {"a": {"b": [1]}}, None])
def test_rows_of_other_types_break_nothing(tmp_path, junk):
    path = recorded_run(tmp_path)
    for file in [record.file for record in RECORD_FILES.values()]:
        keys = (
            "ratios",
            "norms",
            "layers",
            "units",
            "shares",
            "labels",
            "loss",
            "lr",
            "clipped",
            "gradient_norm",
            "val_loss",
            "epoch",
        )
        write(
            path,
            file,
            [
                {"step": 1, "epoch": 1, **dict.fromkeys(keys, junk)},
                {"step": junk, "epoch": junk},
                {"step": 5, "epoch": 1},
            ],
        )
    for file in ("data.json", "resolved.yaml"):
        (path / file).write_text(json.dumps({"in_shape": junk, "names": junk, "rows": junk}))
    assert "verdicts" in anchors(page_of(path, no_data=True))


@pytest.mark.parametrize(
    "file", ["meta.json", "data.json", "histograms.safetensors", "resolved.yaml", "metrics.jsonl"]
)
@pytest.mark.parametrize("text", [None, "", "\x00\xff{", '{"format": 1}'])
def test_damaged_files_are_said_and_break_nothing(tmp_path, file, text):
    path = recorded_run(tmp_path, folder="20261122-000000-x-abcdef")
    (path / file).unlink() if text is None else (path / file).write_text(text)
    made = page_of(path, no_data=True)
    assert anchors(made)[:2] == ["verdicts", "learning"]
    if text == "\x00\xff{" and file != "resolved.yaml":
        assert f"{file}" in words(made)


def test_a_run_without_an_epoch(tmp_path):
    path = recorded_run(tmp_path, epochs=0, status="running")
    text = words(page_of(path, no_data=True))
    assert "No epoch was finished." in text and "Not known" in text


def test_of_very_many_layers_some_histograms_are_shown(tmp_path):
    path = recorded_run(tmp_path, layers=[f"hidden{i}" for i in range(1, 31)])
    made = page_of(path, no_data=True)
    assert made.count('"kind": "ridges"') == 24 and "18 layers between these are left out" in words(made)
    assert len(made) < 2_000_000


def test_every_number_of_the_table_has_its_layer(tmp_path):
    cells = re.findall(r"<td>([^<]*)</td>", page_of(recorded_run(tmp_path), no_data=True))
    assert cells[:8] == ["hidden1", "0.0010", "1", "0.1000", "1", "50.0 %", "-", "3 of 16"]
    assert cells[16:24] == ["output", "3.3e-4", "0.0100", "0.1000", "1", "50.0 %", "-", "-"]
