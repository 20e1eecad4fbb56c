"""`dnnlab check` on the screen, in JSON, and what it leaves alone."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

Call = Callable[..., tuple[int, str, str]]
SICK = "data: digits\narchitecture: {hidden: [16]}\noptimizer: {lr: 1e-6}\nregularizers: {l2: 1e-3}\n"


@pytest.fixture
def sick(tmp_path: Path) -> Path:
    """A config whose rate is too low."""
    path = tmp_path / "sick.yaml"
    path.write_text(SICK)
    return path


def test_a_config_that_fails_one_check(
    dnnlab: Call, sick: Path, monkeypatch: pytest.MonkeyPatch, runs: Path
) -> None:
    monkeypatch.chdir(sick.parent)
    code, out, err = dnnlab("check", "sick.yaml")
    assert (code, err) == (1, "")
    lines = out.splitlines()
    assert [line.split()[1] for line in lines if line[1:5] in ("pass", "FAIL", "skip")][3:7] == [
        "lint",
        "initial_loss",
        "penalty_raises_loss",
        "overfit_tiny_subset",
    ]
    where = next(
        i for i, line in enumerate(lines) if line.startswith(" FAIL  overfit_tiny_subset    20 rows: ")
    )
    assert "expected 100 %, loss near 0" in " ".join(lines[where : where + 2])
    assert any(line.startswith("       raise optimizer.lr (1e-6 moves weights by ") for line in lines)
    assert lines[-2].startswith(" 13 passed, 1 failed, 1 skipped in ")
    assert lines[-2].endswith("exit 1") and "; nothing was written " in lines[-2]
    assert lines[-1] == " next     dnnlab check sick.yaml"
    assert max(map(len, lines)) <= 80
    assert not runs.exists()


def test_the_advised_rate_passes(dnnlab: Call, sick: Path) -> None:
    face = json.loads(dnnlab("check", sick, "--json")[1])
    advice = next(check["advice"] for check in face["checks"] if check["passed"] is False)
    change = next(word for word in advice.split() if word.startswith("optimizer.lr="))
    code, out, _ = dnnlab("check", sick, change, "--quiet")
    assert (code, out) == (0, "")


def test_json_has_the_promised_keys(dnnlab: Call, sick: Path) -> None:
    code, out, err = dnnlab("check", sick, "--json", "--static")
    face = json.loads(out)
    assert (code, err, face["passed"]) == (0, "", True)
    assert [check["name"] for check in face["checks"]] == ["config", "data", "shapes", "lint"]
    assert all(
        {"name", "passed", "measured", "expected", "advice"} <= check.keys() for check in face["checks"]
    )


def test_what_is_left_out_stands_in_one_line(dnnlab: Call, sick: Path) -> None:
    code, out, _ = dnnlab("check", sick, "data=iris", "loss=mse")
    assert code == 1
    assert " skip  11 others: not looked at: the shapes come first" in out.splitlines()
    assert out.splitlines()[-2].startswith(" 3 passed, 1 failed, 11 skipped in ")


def test_a_narrow_terminal(dnnlab: Call, config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "44")
    code, out, _ = dnnlab("check", config)
    assert code == 0
    assert (
        max(
            len(line)
            for line in out.splitlines()
            if "dnnlab" not in line and "nothing was written" not in line
        )
        <= 44
    )
