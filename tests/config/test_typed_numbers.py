"""Numbers stand in messages as they were typed."""

from __future__ import annotations

from pathlib import Path

import pytest

from dnnlab.config import load
from dnnlab.errors import ConfigError


@pytest.mark.parametrize(
    ("key", "typed"),
    [
        ("optimizer.lr", "-1E2"),
        ("optimizer.lr", "-0.10"),
        ("optimizer.lr", "1e+500"),
        ("optimizer.lr", ".INF"),
        ("training.batch_size", "032.50"),
        ("training.batch_size", "-007"),
        ("optimizer.betas", "[0.9, 1.50]"),
        ("optimizer.lr", "'-1E2'"),
    ],
)
@pytest.mark.parametrize("where", ["override", "file"])
def test_a_number_is_echoed_as_typed(tmp_path: Path, key: str, typed: str, where: str) -> None:
    path = tmp_path / "x.yaml"
    section, name = key.split(".")
    path.write_text("data: digits\n" + (f"{section}: {{{name}: {typed}}}\n" if where == "file" else ""))
    with pytest.raises(ConfigError) as caught:
        load(path, [] if where == "file" else [f"{key}={typed}"])
    shown = typed.partition(", ")[2].removesuffix("]") or typed.replace("'", '"')
    assert [problem.received for problem in caught.value.problems] == [f"received {shown}"]
