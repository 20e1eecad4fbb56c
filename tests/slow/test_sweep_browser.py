"""The page of a sweep in a real browser: no complaint, no request, no sideways scrolling, words that can be
read, charts that answer.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from helpers.browser import Browser
from helpers.fake_sweeps import SEVERAL, made_sweep
from helpers.in_browser import HOSTILE, MARKS, PageTests

from dnnlab.commands.sweep.results.findings import best_config, show_sweep
from dnnlab.commands.sweep.results.page import write_page

pytestmark = MARKS
STAGES = [{"trials": 40, "epochs": 1}, {"zoom": 5, "trials": 10, "epochs": 2}, {"keep": 2, "epochs": 4}]


def outcome(point: Any, seed: int) -> Any:
    rate = point["optimizer.lr"]
    return ("failed", "diverged", HOSTILE) if rate > 0.3 else 1 - abs(math.log10(rate)) / 10


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with Browser() as browser:
        yield browser


@pytest.fixture(scope="module", params=["search", "cases"])
def page(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of a search in stages, and of cases with hostile names."""
    folder = tmp_path_factory.mktemp(request.param)
    if request.param == "search":
        search = {
            **SEVERAL,
            "regularizers.dropout.rate": {"uniform": [0, 0.6]},
            "training.batch_size": {"log_int": [16, 256]},
        }
        path = made_sweep(folder, outcome, search=search, stages=STAGES)
    else:
        cases = {
            HOSTILE: {},
            "a name that is much longer than a phone is wide, for a table": {"activation": "tanh"},
        }
        path = made_sweep(
            folder, lambda p, s: 0.9 + p["case"] / 20 + s / 100, cases=cases, seeds=3, runs=True
        )
    found = show_sweep(path)
    write_page(found, best_config(found), path / "sweep.html", "7f3a1c")
    return path / "sweep.html"


class TestPage(PageTests):
    """A sweep's page."""


def test_every_chart_is_drawn(browser: Browser, page: Path) -> None:
    browser.open(page)
    marks = "f.querySelectorAll('.curve, .point, .thread').length"
    drawn = browser.run(f"[...document.querySelectorAll('figure.chart')].map((f) => {marks})")
    assert len(drawn) >= 3 and all(drawn)


def test_the_pointer_is_told_the_trial(browser: Browser, page: Path) -> None:
    browser.open(page)
    for kind in ("point", "thread.best"):
        find = f"document.querySelector('.plot .{kind}')"
        if not browser.run(f"!!{find}"):
            continue
        script = (
            f"(() => {{ const e = {find}; e.scrollIntoView({{block: 'center'}}); const b = "
            "e.getBoundingClientRect(); "
        )
        end = "b.left, b.top" if kind != "point" else "b.left + b.width / 2, b.top + b.height / 2"
        if kind != "point":
            script += (
                "const s = e.getPointAtLength(0), o = e.ownerSVGElement.getBoundingClientRect(); "
                "return [o.left + s.x, o.top + s.y]; "
            )
        x, y = browser.run(script + f"return [{end}]; }})()")
        browser.move(x + 1, y)
        told = browser.run(f"{find}.closest('.plot').querySelector('.tip').innerText")
        assert told.startswith("trial ") and "val_accuracy" in told
        browser.move(2, 2)


def test_on_paper_folded_rows_are_open(browser: Browser, page: Path) -> None:
    browser.open(page)
    browser.run("dispatchEvent(new Event('beforeprint'))")
    assert browser.run("[...document.querySelectorAll('details')].every((d) => d.open)")
    assert len(browser.ask("Page.printToPDF", printBackground=True)["data"]) > 10_000
