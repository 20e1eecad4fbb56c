"""`--where` and its siblings: what they mean, and that a typo is an error and not an empty list."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from helpers.fake_runs import make_run

from dnnlab.commands.runs.filters import Filters, chosen, earliest
from dnnlab.errors import UsageError
from dnnlab.rundir.summary import Summary, summarize

NOW = datetime.fromisoformat("2026-11-22T12:00:00+00:00").timestamp()


@pytest.fixture
def three(tmp_path: Path) -> list[Summary]:
    """a: relu; b: elu with a quoted key, tags; c: interrupted, with dropout."""
    a = make_run(tmp_path, (0.5, 0.9), {"seed": 1, "training.compile": True}, number=60, name="a")
    quoted = {
        "activation": "elu",
        'per_layer."hidden.*".dropout': 0.5,
        "optimizer.lr": 0.1,
        "tags": ["ch11", "best"],
        "training.compile": False,
    }
    b = make_run(tmp_path, (0.5, 0.8), {"seed": 2, **quoted}, number=600, name="b")
    dropout = {
        "seed": 3,
        "regularizers.dropout.rate": 0.2,
        "tags": ["ch11"],
        "architecture.hidden": [300, 100],
    }
    c = make_run(tmp_path, (0.7, 0.6), dropout, number=700, name="c", status="interrupted")
    return [summarize(path) for path in (a, b, c)]


def names(runs: list[Summary], **filters: Any) -> str:
    return "".join(run.name for run in chosen(runs, Filters(**filters), NOW))


def refusal(runs: list[Summary], **filters: Any) -> str:
    with pytest.raises(UsageError) as error:
        chosen(runs, Filters(**filters), NOW)
    assert error.value.exit_code == 2
    return str(error.value)


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("activation=relu", "ac"),
        ("activation==relu", "ac"),
        ("activation != relu", "b"),
        ("optimizer.lr=1e-3", "ac"),
        ("optimizer.lr<0.01", "ac"),
        ("optimizer.lr>=0.1", "b"),
        ("val_accuracy>0.75", "ab"),
        ("val_accuracy<=0.7", "c"),
        ("epoch=1", "c"),
        ("status=done", "ab"),
        ("seed>1", "bc"),
        ("name=a", "a"),
        ("name~[ab]", "ab"),
        ("run~-c-", "c"),
        ("optimizer.lr~^0\\.0", "ac"),
        ("architecture.hidden=[300, 100]", "c"),
        ("training.compile=true", "a"),
        ("training.compile=1", ""),
        ('per_layer."hidden.*".dropout=0.5', "b"),
        ("regularizers.dropout.rate=none", "ab"),
        ("regularizers.dropout.rate!=none", "c"),
        ("regularizers.dropout.rate>0", "c"),
        ("parameters=1000", "abc"),
    ],
)
def test_conditions(three: list[Summary], condition: str, expected: str) -> None:
    assert names(three, where=(condition,)) == expected


def test_several_conditions_must_all_hold(three: list[Summary]) -> None:
    assert names(three, where=("activation=relu", "seed=1")) == "a"
    assert names(three, where=("activation=relu",), status=("interrupted",)) == "c"


@pytest.mark.parametrize(
    ("condition", "words"),
    [
        (
            "optimzer.lr=0.1",
            "none of these runs has such a key; expected a key that a run has; nearest: optimizer.lr",
        ),
        ("lr=0.1", "nearest: optimizer.lr"),
        ("val_acuracy>0.9", "nearest: val_accuracy"),
        ("statsu=done", "nearest: status"),
        ("optimizer.lr", "expected ADDRESS OP VALUE with = != < <= > >= ~"),
        ("=3", "expected ADDRESS OP VALUE"),
        ("seed=", "expected ADDRESS OP VALUE"),
        ("seed<many", "expected a number after <"),
        ("activation<3", "activation is no number (relu)"),
        ("name~(", "expected a regular expression"),
        ("a..b=1", "expected an address"),
        ("test_accuracy>0.9", "the test part never ranks or chooses runs; use val_accuracy"),
    ],
)
def test_a_condition_with_a_mistake_is_an_error(three: list[Summary], condition: str, words: str) -> None:
    assert words in refusal(three, where=(condition,))


def test_status_and_tags(three: list[Summary]) -> None:
    assert names(three, status=("done",)) == "ab"
    assert names(three, status=("done", "interrupted")) == "abc"
    assert names(three, status=("killed",)) == ""
    assert names(three, tags=("ch11",)) == "bc"
    assert names(three, tags=("ch11", "best")) == "b"
    assert "did you mean done?" in refusal(three, status=("don",))
    assert "did you mean ch11?" in refusal(three, tags=("ch1",))


@pytest.mark.parametrize(
    ("since", "expected"),
    [("30min", "c"), ("2.5h", "bc"), ("1d", "abc"), ("1w", "abc"), ("2026-11-22T09:00+00:00", "bc")],
)
def test_since(three: list[Summary], since: str, expected: str) -> None:
    assert names(three, since=since) == expected


@pytest.mark.parametrize("since", ["7", "7x", "yesterday", "", "9" * 400 + "-01-01"])
def test_since_with_a_mistake(three: list[Summary], since: str) -> None:
    assert "expected a time such as 7d, 12h, 30min or 2w, or a date such as 2026-11-22" in refusal(
        three, since=since
    )


def test_a_date_is_local_time() -> None:
    assert earliest("2026-11-22", NOW) == datetime(2026, 11, 22).timestamp()


@pytest.mark.parametrize(
    ("sort", "expected"),
    [
        ("val_accuracy", "abc"),
        ("-val_accuracy", "cba"),
        ("val_loss", "abc"),
        ("created", "cba"),
        ("-created", "abc"),
        ("seed", "abc"),
        ("optimizer.lr", "acb"),
        ("regularizers.dropout.rate", "cab"),
        ("activation", "bac"),
    ],
)
def test_sorting(three: list[Summary], sort: str, expected: str) -> None:
    assert names(three, sort=sort) == expected


def test_sorting_with_a_mistake(three: list[Summary]) -> None:
    assert "--sort" in refusal(three, sort="seeed") and "nearest: seed" in refusal(three, sort="seeed")
    assert "never ranks" in refusal(three, sort="test_accuracy")


def test_the_limit_cuts_after_sorting(three: list[Summary]) -> None:
    assert names(three, sort="-created", limit=1) == "a"


def test_no_runs_at_all_is_no_mistake() -> None:
    assert names([], where=("anything=1",), tags=("x",), sort="y") == ""
