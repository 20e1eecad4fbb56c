"""Rows: appended whole, non-finite numbers named, cut back on resume."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from dnnlab.errors import StorageError
from dnnlab.rundir import RunFolder, read_run, reopen


def lines(folder: RunFolder, file: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder.path / file).read_text().splitlines()]


def test_a_row_is_on_the_file_when_append_returns(folder: RunFolder) -> None:
    folder.append("metrics.jsonl", {"epoch": 1, "train_loss": 0.1 + 0.2})
    assert (
        folder.path / "metrics.jsonl"
    ).read_bytes() == b'{"epoch": 1, "train_loss": 0.30000000000000004}\n'


def test_non_finite_numbers_become_null_and_are_named(folder: RunFolder) -> None:
    row = {
        "loss": float("nan"),
        "lr": 0.1,
        "ratios": {"hidden1.weight": float("inf"), "b": 1.0},
        "list": [1.0, float("-inf")],
    }
    folder.append("steps.jsonl", row)
    assert lines(folder, "steps.jsonl") == [
        {
            "loss": None,
            "lr": 0.1,
            "ratios": {"hidden1.weight": None, "b": 1.0},
            "list": [1.0, None],
            "nonfinite": ["loss", "ratios.hidden1.weight", "list.1"],
        }
    ]


def test_numbers_of_numpy_and_torch_are_numbers(folder: RunFolder) -> None:
    row = {
        "a": np.float32(0.5),
        "b": np.int64(3),
        "c": torch.tensor(float("nan")),
        "d": np.array([1.0, np.inf]),
        "e": np.float64("nan"),
    }
    folder.append("steps.jsonl", row)
    assert lines(folder, "steps.jsonl") == [
        {"a": 0.5, "b": 3, "c": None, "d": [1.0, None], "e": None, "nonfinite": ["c", "d.1", "e"]}
    ]


def test_names_already_given_as_non_finite_stay(folder: RunFolder) -> None:
    folder.append("steps.jsonl", {"a": None, "b": float("nan"), "nonfinite": ["a"]})
    assert lines(folder, "steps.jsonl")[0]["nonfinite"] == ["a", "b"]


def test_a_row_that_is_no_json_is_refused_with_its_address_and_leaves_nothing(folder: RunFolder) -> None:
    folder.append("steps.jsonl", {"step": 1})
    with pytest.raises(TypeError, match=r"a\.b is a set"):
        folder.append("steps.jsonl", {"a": {"b": {1}}})
    assert lines(folder, "steps.jsonl") == [{"step": 1}]


def test_a_name_that_is_no_utf8_stays_readable(folder: RunFolder) -> None:
    folder.append("steps.jsonl", {"file": "a\udcff.csv", "word": "Größe"})
    assert read_run(folder.path).rows("steps.jsonl") == [{"file": "a\udcff.csv", "word": "Größe"}]


def test_truncate_cuts_to_the_lengths_and_empties_what_is_not_named(folder: RunFolder) -> None:
    folder.append("metrics.jsonl", {"epoch": 1})
    folder.log("first")
    then = folder.lengths()
    assert then == {"metrics.jsonl": 13, "log.txt": 27}
    folder.append("metrics.jsonl", {"epoch": 2})
    folder.append("steps.jsonl", {"step": 1})
    folder.log("second")
    folder.truncate(then)
    assert folder.lengths() == {**then, "steps.jsonl": 0}
    folder.append("metrics.jsonl", {"epoch": 3})
    assert lines(folder, "metrics.jsonl") == [{"epoch": 1}, {"epoch": 3}]
    assert folder.notes == []


def test_truncate_to_nothing_keeps_a_log_that_is_not_named(folder: RunFolder) -> None:
    folder.append("metrics.jsonl", {"epoch": 1})
    folder.log("kept")
    folder.truncate({})
    assert folder.lengths()["metrics.jsonl"] == 0
    assert (folder.path / "log.txt").read_text().endswith("  kept\n")


def test_truncate_never_lengthens_a_file_and_never_leaves_the_folder(
    folder: RunFolder, tmp_path: Path
) -> None:
    (tmp_path / "victim.jsonl").write_text("1234567890")
    folder.append("metrics.jsonl", {"epoch": 1})
    folder.truncate({"metrics.jsonl": 99, "../victim.jsonl": 3})
    assert folder.lengths() == {"metrics.jsonl": 13}
    assert (tmp_path / "victim.jsonl").read_text() == "1234567890"
    assert folder.notes[0] == "metrics.jsonl has lost its end: 13 of 99 bytes are there"


@pytest.mark.parametrize("torn", [b'{"epoch": 2, "los', b"x" * 200_000])
def test_a_torn_last_line_is_cut_before_the_next_row(folder: RunFolder, torn: bytes) -> None:
    folder.append("metrics.jsonl", {"epoch": 1})
    folder.close()
    with (folder.path / "metrics.jsonl").open("ab") as file:
        file.write(torn)
    with reopen(folder.path) as again:
        again.append("metrics.jsonl", {"epoch": 2})
    assert lines(folder, "metrics.jsonl") == [{"epoch": 1}, {"epoch": 2}]


def test_a_file_of_one_torn_line_is_emptied(folder: RunFolder) -> None:
    (folder.path / "metrics.jsonl").write_bytes(b'{"epo')
    folder.append("metrics.jsonl", {"epoch": 1})
    assert lines(folder, "metrics.jsonl") == [{"epoch": 1}]


def test_log_stamps_the_first_line_and_indents_the_others(folder: RunFolder) -> None:
    folder.log("one\ntwo")
    first, second = (folder.path / "log.txt").read_text().splitlines()
    assert first[4] == "-" and first[13] == ":" and first[21:] == "one"
    assert second == " " * 21 + "two"


def test_a_file_that_cannot_be_opened_is_a_storage_error(folder: RunFolder) -> None:
    (folder.path / "steps.jsonl").mkdir()
    with pytest.raises(StorageError, match=r"steps\.jsonl: cannot write: Is a directory"):
        folder.append("steps.jsonl", {"step": 1})
