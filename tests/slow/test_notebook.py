"""The notebook of the documentation runs, and shows what it should."""

from __future__ import annotations

import json
import runpy
from typing import Any

import pytest
from helpers.doc_blocks import ROOT

pytestmark = pytest.mark.slow


def test_the_notebook_runs_from_the_first_cell_to_the_last(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DNNLAB_RUNS", raising=False)
    runner = runpy.run_path(str(ROOT / "docs" / "site" / "run_notebook.py"))
    kept: dict[str, Any] = json.loads(runner["NOTEBOOK"].read_text(encoding="utf-8"))
    done = runner["run_notebook"](kept)
    for before, after in zip(kept["cells"], done["cells"], strict=True):
        shown = [sorted(output.get("data", ["text"])) for output in after.get("outputs", [])]
        assert shown == [sorted(output.get("data", ["text"])) for output in before.get("outputs", [])]
    texts = json.dumps(done, ensure_ascii=False)
    assert "95 % interval" in texts and "did you mean relu?" in texts
