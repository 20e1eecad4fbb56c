"""A plugin that only the sweep names: its results are shown, resumed and trained again without a question."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Call = Callable[..., tuple[int, str, str]]
Swept = Callable[..., Any]
SEARCH = {"activation": {"choice": ["relu", "trouble"]}}
WAYS: dict[str, dict[str, Any]] = {
    "set": {"set": {"plugins": ["trouble.py"]}, "search": SEARCH, "sampler": "grid"},
    "a case": {
        "cases": {"one": {"activation": "relu"}, "two": {"plugins": ["trouble.py"], "activation": "trouble"}}
    },
    "typed": {"search": SEARCH, "sampler": "grid"},
}


@pytest.mark.parametrize("way", WAYS)
def test_it_is_trusted_while_the_text_is_the_same(
    way: str,
    dnnlab: Call,
    swept: Swept,
    write: Any,
    plugin: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    code, left = swept(write(**WAYS[way], workers=1), *(["plugins=[trouble.py]"] if way == "typed" else []))
    assert code == 0 and left.ledger.counts()["done"] == 2
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    code, out, _ = dnnlab("show", left.path)
    assert code == 0 and "brings the plugin" not in out
    code, _, err = dnnlab("resume", left.path)
    assert code == 2 and f"{left.path.name} is done: 2 trials" in " ".join(err.split())
    code, _, err = dnnlab("train", left.path / "best.yaml", "training.epochs=1", "--quiet")
    assert code == 0, err
    (tmp_path / plugin).write_text((tmp_path / plugin).read_text() + "# another text\n")
    code, _, err = dnnlab("resume", left.path)
    assert code == 2 and "trouble.py" in err


def test_so_is_that_of_a_run(
    dnnlab: Call, plugin: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "small.yaml").write_text("data: {name: digits, limit: 200}\nschedule: constant\n")
    words = ("plugins=[trouble.py]", "activation=trouble", "training.epochs=1", "--quiet")
    code, out, err = dnnlab("train", "small.yaml", *words)
    assert code == 0, err
    code, _, err = dnnlab("resume", out.strip(), "--epochs", 2)
    assert code == 0, err
    inside = Path(out.strip()) / "sources"
    (tmp_path / plugin).write_text("raise RuntimeError('not this one')")
    code, _, err = dnnlab("resume", out.strip(), "--epochs", 3)
    assert code == 2 and "brings the plugin trouble.py" in " ".join(err.split()) and inside.is_dir()
