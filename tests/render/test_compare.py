"""The screen of `compare`, of `runs` and of `remove`; the notebook's face."""

from __future__ import annotations

import html.parser
import json
from pathlib import Path
from typing import Any

import pytest
from helpers.fake_runs import make_run, seeds

import dnnlab
from dnnlab.commands.compare.compare import compare
from dnnlab.commands.runs.filters import Filters
from dnnlab.commands.runs.list import runs
from dnnlab.commands.runs.remove import plan
from dnnlab.render.screens.compare import compare_lines, p_words, spread
from dnnlab.render.screens.remove import plan_lines, size
from dnnlab.render.screens.runs import age, runs_lines
from dnnlab.rundir.lock import acquire

HOSTILE = [
    "[bold]x[/bold]",
    "\x1b[2J\x1b[31mred",
    "two\nlines",
    "<script>alert(1)</script>",
    "x" * 4000,
    "名" * 60,
    "\u202eabc",
    "a|b",
]


def screen(folder: Path, width: int = 80, **options: Any) -> list[str]:
    return compare_lines(compare([], folder, **options), width, 80)


@pytest.fixture
def six(tmp_path: Path) -> Path:
    """The runs of the example in the design: two groups of three and a damaged one."""
    folder = tmp_path / "runs"
    seeds(folder, [0.90, 0.91, 0.95], first=0)
    seeds(folder, [0.92, 0.94, 0.96], {"activation": "elu", "activation.alpha": 1.0}, first=10)
    (make_run(folder, number=0xBC02) / "metrics.jsonl").write_text('{"epoch": 1}\n{"ep\n')
    return folder


def test_the_whole_screen(six: Path) -> None:
    assert screen(six) == [
        " 7 runs, 2 groups over seed; best epoch by val_accuracy; 1,000 parameters; test",
        " not shown (--test)",
        " #  n  activation  val_accuracy     val_loss         epoch  s/epoch  status",
        " 1  3  elu         0.9400 ± 0.0200  1.0000 ± 0.0000  2 ± 0      2.0  done",
        " 2  3  relu        0.9200 ± 0.0265  1.0000 ± 0.0000  2 ± 0      2.0  done",
        " !  1  -           -                -                    -        -  damaged",
        " with their parts go: activation.alpha",
        " elu against relu: 0.0200 apart in val_accuracy, p = 0.36 (Welch, n = 3 and 3):",
        "   inside the noise; about 23 seeds each would be needed to tell.",
        " damaged: …-00bc02 metrics.jsonl: line 2 is damaged; left out",
        " next     dnnlab train 00000c seed=3 --seeds 20",
        "          dnnlab train 000002 seed=3 --seeds 20",
    ]


def test_single_runs_are_named_and_their_seed_is_shown(tmp_path: Path) -> None:
    make_run(tmp_path, (0.9,), {"seed": 1}, number=1)
    make_run(tmp_path, (0.8,), {"seed": 2, "activation": "elu"}, number=2)
    lines = screen(tmp_path)
    assert lines[1] == " #  run     seed  activation  val_accuracy  val_loss  epoch  s/epoch  status"
    assert lines[2] == " 1  000001  1     relu        0.9000        2.0000        1      2.0  done"
    assert lines[-2:] == [
        " next     dnnlab train 000001 seed=2 --seeds 2",
        "          dnnlab train 000002 seed=3 --seeds 2",
    ]


def test_differing_keys_come_first_and_the_rest_is_named(tmp_path: Path) -> None:
    keys = {f"section{i}.a_long_key_{i}": i for i in range(8)}
    make_run(tmp_path, config=keys, number=1)
    make_run(tmp_path, config={key: value + 1 for key, value in keys.items()}, number=2)
    lines = screen(tmp_path)
    assert all(len(line) <= 80 for line in lines)
    assert "a_long_key_0  a_long_key_1  a_long_key_2" in lines[1] and "val_loss" not in lines[1]
    rest = " ".join(lines)
    assert "no room for: section3.a_long_key_3" in rest and "val_loss" in rest and "--format csv" in rest
    assert "a_long_key_7" in screen(tmp_path, width=200)[1] and "val_loss" in screen(tmp_path, width=200)[1]


def test_running_killed_and_diverged_are_rows_with_their_status(tmp_path: Path) -> None:
    seeds(tmp_path, [0.9, 0.8])
    alive = make_run(tmp_path, config={"seed": 5}, number=5, status="running")
    make_run(tmp_path, config={"seed": 6}, number=6, status="running")
    make_run(tmp_path, config={"seed": 7}, number=7, status="diverged")
    held = acquire(alive)
    lines = screen(tmp_path)
    held.release()
    statuses = sorted(line.split()[-1] for line in lines if line[1:2].isdigit() and " runs" not in line)
    assert statuses == ["diverged", "done", "killed", "running"]


def test_too_few_seeds(tmp_path: Path) -> None:
    seeds(tmp_path, [0.9, 0.8])
    make_run(tmp_path, (0.7,), {"activation": "elu"}, number=9)
    lines = screen(tmp_path)
    assert " relu against elu: 0.1500 apart in val_accuracy (n = 2 and 1):" in lines
    assert "   too few seeds to say (3 each at least)." in lines
    assert " next     dnnlab train 000001 seed=2 --seeds 1" in lines


def test_reach_is_a_column(six: Path) -> None:
    lines = screen(six, reach="val_accuracy=0.93")
    titles, elu, relu = (
        next(line for line in lines if word in line) for word in (" #  n", " elu  ", " relu  ")
    )
    assert "val_accuracy >= 0.93" in titles
    assert "epoch 2.0, 4.0 s (2 of 3)" in elu and "epoch 2.0, 4.0 s (1 of 3)" in relu
    assert "not reached" in screen(six, reach="val_accuracy=0.99")[3]


def test_the_test_part_shows_what_validation_shows_and_names_the_others(six: Path) -> None:
    for run in six.iterdir():
        (run / "evaluations").mkdir()
        metrics = {**{f"metric_number_{i}": 0.5 for i in range(9)}, "accuracy": 0.925}
        whole = {"split": "test", "weights": "best", "metrics": metrics}
        (run / "evaluations" / "20261122-100000.000-test-best.json").write_text(json.dumps(whole))
    lines = screen(six, test=True)
    assert all(len(line) <= 80 for line in lines)
    assert (
        "test_accuracy" in lines[1]
        and "0.9250 ± 0.0000" in lines[2]
        and "also measured: test_metric_number_0," in " ".join(lines[4:])
    )
    assert "test_metric" not in lines[1] and "test_metric_number_8 (--format csv)" in " ".join(
        " ".join(lines[4:]).split()
    )
    assert "test" not in " ".join(screen(six)[2:])


def test_many_damaged_runs_are_counted(tmp_path: Path) -> None:
    make_run(tmp_path)
    for i in range(1, 15):
        (make_run(tmp_path, number=i) / "meta.json").write_text("")
    lines = screen(tmp_path)
    assert sum(line.startswith(" damaged: ") for line in lines) == 10
    assert " and 4 more damaged runs (--format csv has all)" in lines


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_texts_are_shown_as_text(tmp_path: Path, text: str) -> None:
    make_run(tmp_path, config={"data.path": text, "tags": [text], text: 1}, number=1, meta_note=text)
    other = make_run(
        tmp_path, config={"data.path": "plain", "name": text}, number=2, monitor="val_" + text[:50]
    )
    (make_run(tmp_path, number=3, folder="own [red] \x1b[31m name\n") / "meta.json").write_text(text)
    found = dnnlab.compare(tmp_path)
    for lines in (
        screen(tmp_path),
        runs_lines(*runs(tmp_path), "runs", 80, 80),
        plan_lines(plan([str(other)], tmp_path), 80),
    ):
        assert all(line.isprintable() for line in lines)
    for page in (found._repr_html_(), dnnlab.load_run(other)._repr_html_()):
        assert "<script>" not in page and all(sign.isprintable() for sign in page)
        assert well_formed(page)


def well_formed(page: str) -> bool:
    """Whether every tag is one of a table and closed in order."""
    open_tags: list[str] = []

    class Reader(html.parser.HTMLParser):
        def handle_starttag(self, tag: str, attributes: Any) -> None:
            assert tag in ("div", "table", "caption", "thead", "tbody", "tr", "th", "td", "p")
            open_tags.append(tag)

        def handle_endtag(self, tag: str) -> None:
            assert open_tags.pop() == tag

    Reader().feed(page)
    return not open_tags


def test_the_list_of_runs(six: Path) -> None:
    make_run(
        six,
        config={"tags": ["ch11"]},
        number=30,
        status="interrupted",
        name="other",
        last={"epoch": 2, "metrics": {}},
    )
    found, total = runs(six, Filters(limit=3, sort="-created"))
    lines = runs_lines(found, total, "runs", 80, 80)
    assert lines[0] == " 3 of 8 runs in runs"
    assert lines[1].split() == ["run", "name", "status", "epochs", "val_accuracy", "age"]
    assert lines[2].split()[:5] == ["000000", "digits", "done", "3", "0.9000"]
    whole = runs_lines(*runs(six), "runs", 80, 80)
    cut = next(line for line in whole if "interrupted" in line)
    assert (
        cut.split()[:5] == ["00001e", "other", "interrupted", "2/3", "0.7000"] and cut.split()[-1] == "ch11"
    )
    assert whole[-1] == " next     dnnlab resume 00001e        dnnlab compare 00bc02"


def test_an_empty_list_says_what_to_do() -> None:
    assert runs_lines([], 0, "runs", 80, 80)[0] == " there are no runs in runs yet"
    assert "dnnlab train" in " ".join(runs_lines([], 0, "runs", 80, 80))
    assert runs_lines([], 5, "runs", 80, 80) == [" none of 5 runs in runs meets the filters"]


def test_the_notebook_face(six: Path) -> None:
    found = dnnlab.compare(six, reach="val_accuracy=0.93")
    assert repr(found).splitlines()[-1].startswith(" damaged: ")
    assert "0.9400 ± 0.0200" in found._repr_html_() and "inside the noise" in found._repr_html_()
    assert found.differs == ("activation",) and len(found.groups) == 2 and len(found.rows) == 7
    assert found.rows[0]["activation"] == "elu" and found.rows[-1]["problem"] is not None
    two = dnnlab.compare([dnnlab.load_run("last~1", six), six / found.runs[2].path.name], group=False)
    assert len(two.rows) == 2
    assert len(dnnlab.compare(runs_dir=six, where="activation=elu").runs) == 3


def test_reading_python_faces_of_a_run(tmp_path: Path) -> None:
    run = dnnlab.load_run(make_run(tmp_path))
    page = run._repr_html_()
    assert "best by val_accuracy" in page and "0.7000" in page and "last" in page
    (run.path / "meta.json").write_text("{")
    assert "damaged" in run._repr_html_()
    for read in ("config", "best", "last"):
        with pytest.raises(dnnlab.DnnlabError, match=r"is damaged: meta.json is damaged"):
            getattr(run, read)


def test_small_words() -> None:
    assert [age(seconds) for seconds in (-5, 3, 61, 7300, 200_000)] == ["0 s", "3 s", "1 min", "2 h", "2 d"]
    assert [size(count) for count in (0, 999, 1000, 999_600, 12_345_678, 10**13)] == [
        "0 B",
        "999 B",
        "1.0 kB",
        "1.0 MB",
        "12 MB",
        "10 TB",
    ]
    assert [p_words(p) for p in (0.4, 0.049, 0.0012, 1e-9)] == ["0.40", "0.049", "0.0012", "< 0.0001"]
    assert [spread(0.5, None), spread(None, None), spread(0.5, 0.01)] == ["0.5000", "-", "0.5000 ± 0.0100"]
