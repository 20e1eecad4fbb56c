"""The page of a sweep in a real browser: no complaint, no request, no sideways scrolling, words that can be read, charts that answer."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from helpers.browser import COMMAND, CONTRAST, Browser
from helpers.fake_sweeps import SEVERAL, made_sweep

from dnnlab.commands.sweep.results.findings import best_config, show_sweep
from dnnlab.commands.sweep.results.page import write_page

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        COMMAND is None, reason="no Chromium (apt install chromium-headless-shell; PATH or DNNLAB_CHROMIUM)"
    ),
]
HOSTILE = "<script>document.title='run'</script><img src=x onerror=\"document.title='run'\">"
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


@pytest.mark.parametrize("width", [1280, 360])
@pytest.mark.parametrize("dark", [False, True])
def test_it_complains_of_nothing_and_asks_for_nothing(
    browser: Browser, page: Path, width: int, dark: bool
) -> None:
    browser.complaints.clear()
    browser.requests.clear()
    browser.open(page, width=width, dark=dark)
    assert browser.complaints == []
    assert [address for address in browser.requests if not address.startswith("data:")] == [
        page.absolute().as_uri()
    ]
    assert browser.run("document.title") != "run", "no text was run"


@pytest.mark.parametrize("width", [360, 768, 1280, 2000])
def test_nothing_is_wider_than_the_window(browser: Browser, page: Path, width: int) -> None:
    browser.open(page, width=width)
    assert browser.run("document.documentElement.scrollWidth") <= width
    assert browser.run(
        "[...document.querySelectorAll('.plot svg')].every((s) => s.getBoundingClientRect().right <= innerWidth)"
    )


@pytest.mark.parametrize("dark", [False, True])
def test_texts_can_be_told_from_the_ground(browser: Browser, page: Path, dark: bool) -> None:
    browser.open(page, dark=dark)
    browser.run("document.querySelectorAll('details').forEach((d) => { d.open = true; })")
    assert browser.run(CONTRAST) == []


@pytest.mark.parametrize("width", [360, 1280])
def test_no_word_of_a_chart_lies_on_another_or_outside(browser: Browser, page: Path, width: int) -> None:
    script = """
    [...document.querySelectorAll('.plot svg')].flatMap((svg) => {
      const edge = svg.getBoundingClientRect();
      const boxes = [...svg.querySelectorAll('text')].map((t) => [t.textContent, t.getBoundingClientRect()]);
      const outside = boxes.filter(([, p]) => p.left < edge.left - 1 || p.right > edge.right + 1).map(([a]) => `${a} is cut`);
      return outside.concat(boxes.flatMap(([a, p], i) => boxes.slice(i + 1).filter(([, q]) =>
        p.left < q.right - 1 && q.left < p.right - 1 && p.top < q.bottom - 3 && q.top < p.bottom - 3).map(([b]) => `${a} / ${b}`)));
    })
    """
    browser.open(page, width=width)
    assert browser.run(script) == []


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
        script = f"(() => {{ const e = {find}; e.scrollIntoView({{block: 'center'}}); const b = e.getBoundingClientRect(); "
        end = "b.left, b.top" if kind != "point" else "b.left + b.width / 2, b.top + b.height / 2"
        if kind != "point":
            script += "const s = e.getPointAtLength(0), o = e.ownerSVGElement.getBoundingClientRect(); return [o.left + s.x, o.top + s.y]; "
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
