"""Very many rows are kept as columns; whoever reads them sees what the lines say."""

from __future__ import annotations

import json
import math
import random
from pathlib import Path
from typing import Any

import pytest

from dnnlab.rundir import jsonl, live_view, rows
from dnnlab.rundir.json_values import number, read_object
from dnnlab.rundir.live_view import Tail

KINDS: list[Any] = [
    lambda draw: draw.random(),
    lambda draw: draw.choice([None, draw.random(), -0.0, 1e-320]),
    lambda draw: draw.randrange(-(2**40), 2**40),
    lambda draw: draw.choice([True, False]),
    lambda draw: draw.choice([True, 1, 0.5, None, "text", {"a": [{"b": 1}, {}]}, 10**30]),
    lambda draw: "1e999",
]


def lines_of(draw: random.Random) -> list[bytes]:
    """Lines of a record file, whose keys change now and then; some files have a damaged line."""
    lines: list[bytes] = []
    for _ in range(draw.randint(1, 4)):
        kinds = {name: draw.choice(KINDS) for name in draw.sample("abcdef", draw.randint(0, 4))}
        for _ in range(draw.randint(0, 12)):
            row = {name: kind(draw) for name, kind in kinds.items()}
            lines.append(json.dumps(row).replace('"1e999"', "1e999").encode())
    if lines and draw.random() < 0.3:
        at = draw.randrange(len(lines))
        lines[at] = draw.choice([lines[at][:-1], b"", b"NaN", b'{"a": NaN}', b'{"a": 1}, {"a": 1}', b"[1]"])
    return lines


def expected(lines: list[bytes]) -> tuple[list[dict[str, Any]], str | None]:
    """Line by line."""
    found: list[dict[str, Any]] = []
    for line in lines:
        try:
            found.append(read_object(line))
        except ValueError:
            left = len(lines) - len(found) - 1
            used = f"{len(found)} rows before it are used, {left} after it are not"
            return found, f"line {len(found) + 1} is damaged; {used}"
    return found, None


@pytest.mark.parametrize("seed", range(300))
def test_rows_are_those_of_the_lines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
    draw = random.Random(seed)
    monkeypatch.setattr(rows, "BLOCK", draw.choice([1, 2, 5]))
    for module in (jsonl, live_view):
        monkeypatch.setattr(module, "PIECE", draw.choice([1, 10, 1 << 20]))
    lines = lines_of(draw)
    path = tmp_path / "steps.jsonl"
    path.write_bytes(b"".join(line + b"\n" for line in lines))
    wanted, problem = expected(lines)
    found, said = jsonl.read_rows(path)
    assert said == problem
    tail = Tail(path)
    tail.read()
    for read in (found, tail.rows):
        assert len(read) == len(wanted)
        assert repr(list(read)) == repr(wanted), "also types, signs and the order of keys"
        assert repr([read[i] for i in range(len(wanted))]) == repr(wanted)
        assert repr(list(read[1:7:2])) == repr(wanted[1:7:2]) and repr(list(read[-1:])) == repr(wanted[-1:])
        if isinstance(read, rows.Rows):
            for name in "abcdefg":
                assert repr(read.values(name)) == repr([row.get(name) for row in wanted])
                assert repr(read.numbers(name)) == repr([number(row.get(name)) for row in wanted])


def test_a_file_that_grows_is_read_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rows, "BLOCK", 3)
    path = tmp_path / "steps.jsonl"
    tail, written = Tail(path), []
    for i in range(20):
        written += [{"step": 2 * i, "loss": i / 7}, {"step": 2 * i + 1, "loss": None}]
        with path.open("ab") as file:
            file.write("".join(json.dumps(row) + "\n" for row in written[-2:]).encode())
        assert tail.read() and list(tail.rows) == written


def test_a_row_out_of_range_is_an_error_as_in_a_list(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rows, "BLOCK", 2)
    many = rows.Rows()
    many.extend([{"a": float(i)} for i in range(5)])
    assert many[-1] == {"a": 4.0} and math.isclose(many[-5]["a"], 0.0)
    for index in (5, -6):
        with pytest.raises(IndexError):
            many[index]
