"""Files with flipped, lost and added bytes are read or refused with one text; nothing else ever comes out."""

from __future__ import annotations

import random
from collections import Counter
from pathlib import Path

import pytest

from dnnlab import weights
from dnnlab.errors import DataError

GOLDEN = Path(__file__).parents[1] / "golden" / "weights"
FILES = sorted(path.name for path in GOLDEN.iterdir() if path.suffix != ".pt")  # a process each, too slow


def damaged(whole: bytes, draws: random.Random) -> bytes:
    """Some edits, many of them near the beginning, where the headers are."""
    found = bytearray(whole)
    for _ in range(draws.choice([1, 1, 2, 8])):
        place = draws.randrange(len(found) if draws.random() < 0.7 else min(len(found), 400))
        size = draws.choice([1, 1, 4, 8])
        edit = draws.choice(["flip", "flip", "lose", "cut", "add", "high"])
        if edit == "cut":
            del found[max(place, 20) :]
        elif edit == "lose":
            del found[place : place + size]
        elif edit == "high":
            found[place] = draws.choice([0, 127, 128, 255])
        else:
            new = draws.randbytes(size)
            found[place : place + (size if edit == "flip" else 0)] = new
        found = found or bytearray(b"x")
    return bytes(found)


@pytest.mark.slow
@pytest.mark.parametrize("name", FILES)
def test_edited_files(tmp_path: Path, name: str) -> None:
    whole, draws, outcomes = (GOLDEN / name).read_bytes(), random.Random(name), Counter[str]()
    path = tmp_path / name
    for _ in range(150):
        path.write_bytes(damaged(whole, draws))
        try:
            for array in weights.read(path).arrays.values():
                assert array.read().shape == array.shape
            outcomes["read"] += 1
        except DataError as error:
            (problem,) = error.problems
            assert "\n" not in str(problem) and problem.file == str(path)
            outcomes["refused"] += 1
    assert outcomes["refused"] > 0
