"""The page of a run in a real browser: no complaint, no request, switches that work, phones, dark mode,
paper.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from helpers.browser import Browser
from helpers.in_browser import HOSTILE, MARKS, PageTests
from helpers.trainings import trained
from markupsafe import Markup

from dnnlab.commands.report.report import report
from dnnlab.report import sections, shell
from dnnlab.report.charts import Chart, Series

pytestmark = MARKS
PLACES = (
    "document.querySelector('.curve').getAttribute('d').split(/[ML]/).slice(1).map((p) => p.split(' ')[1])"
)
"""The heights of the points of the first curve, in pixels from above."""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with Browser() as browser:
        yield browser


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run with many layers, verdicts and a name that would like to be run."""
    folder = tmp_path_factory.mktemp("page")
    sick = {
        "architecture": {"name": "mlp", "hidden": {"depth": 9, "width": 16}},
        "activation": "sigmoid",
        "optimizer": {"name": "sgd", "lr": 0.01},
    }
    run = trained(folder, name=HOSTILE, note=HOSTILE, tags=[HOSTILE], **sick)
    return report(run.name, run.parent).path


class TestPage(PageTests):
    """A run's page."""


def test_hostile_texts_are_shown(browser: Browser, page: Path) -> None:
    browser.open(page)
    assert browser.run("document.title").startswith(HOSTILE), "no text was run"
    assert browser.run("document.querySelector('h1').textContent").strip().startswith(HOSTILE)


def test_dark_mode_is_dark_and_paper_is_white(browser: Browser, page: Path) -> None:
    grounds = []
    for options in ({}, {"dark": True}, {"dark": True, "media": "print"}):
        browser.open(page, **options)
        grounds.append(browser.run("getComputedStyle(document.body).backgroundColor"))
    assert grounds[0] == grounds[2] == "rgb(255, 255, 255)" and grounds[1] == "rgb(19, 21, 24)"
    assert browser.run("getComputedStyle(document.querySelector('.contents')).display") == "none"


def test_every_chart_is_drawn_and_has_words_on_its_axes(browser: Browser, page: Path) -> None:
    browser.open(page)
    charts = browser.run("document.querySelectorAll('figure.chart').length")
    assert charts > 20
    count = "f.querySelectorAll('.curve, .dot, .ridge').length, f.querySelectorAll('.title').length"
    drawn = f"[...document.querySelectorAll('figure.chart')].map((f) => [{count}])"
    assert all(curves >= 1 and titles == 2 for curves, titles in browser.run(drawn))


def test_the_switch_for_a_logarithmic_axis(browser: Browser, page: Path) -> None:
    browser.open(page)
    labels = (
        "[...document.querySelector('figure.chart svg').querySelectorAll('text')].map((t) => "
        "t.textContent).join()"
    )
    path = "document.querySelector('figure.chart .curve').getAttribute('d')"
    pressed = "document.querySelector('figure.chart [data-log]').getAttribute('aria-pressed')"
    before = [browser.run(s) for s in (labels, path, pressed)]
    browser.click("figure.chart [data-log]")
    after = [browser.run(s) for s in (labels, path, pressed)]
    assert before[1] != after[1] and {before[2], after[2]} == {"true", "false"}
    browser.click("figure.chart [data-log]")
    assert [browser.run(s) for s in (labels, path, pressed)] == before


def test_a_curve_can_be_hidden(browser: Browser, page: Path) -> None:
    browser.open(page)
    curves = "document.querySelector('figure.chart').querySelectorAll('.curve').length"
    before = browser.run(curves)
    browser.click("figure.chart .legend button")
    assert browser.run(curves) == before - 1
    browser.click("figure.chart .legend button")
    assert browser.run(curves) == before


def test_the_pointer_is_told_the_numbers(browser: Browser, page: Path) -> None:
    browser.open(page)
    rows = [json.loads(line) for line in (page.parent / "metrics.jsonl").read_text().splitlines()]
    curve = (
        "const c = document.querySelector('.plot .curve'); c.scrollIntoView({block: 'center'}); const "
        "b = c.getBoundingClientRect();"
    )
    box = browser.run(f"(() => {{ {curve} return [b.left, b.top, b.right]; }})()")
    browser.move(box[2] - 1, box[1] + 5)
    told = browser.run("document.querySelector('.tip').innerText")
    last = rows[-1]
    shown = f"{last['val_loss']:.4g}"
    assert f"epoch {last['epoch']}" in told and f"{float(shown):g}" in told
    browser.move(2, 2)
    assert browser.run("document.querySelector('.tip').hidden")


def test_a_command_can_be_copied(browser: Browser, page: Path) -> None:
    browser.open(page)
    browser.click("[data-copy]")
    said = (
        "new Promise((done) => setTimeout(() => "
        "done(document.querySelector('[data-copy]').textContent), 100))"
    )
    assert browser.run(said) in ("Copied", "Marked")


def test_charts_follow_the_window(browser: Browser, page: Path) -> None:
    browser.open(page, width=1280)
    width = "document.querySelector('.plot svg').viewBox.baseVal.width"
    before = browser.run(width)
    browser.ask(
        "Emulation.setDeviceMetricsOverride", width=400, height=800, deviceScaleFactor=1, mobile=False
    )
    after = browser.run(f"new Promise((done) => setTimeout(() => done({width}), 200))")
    assert after < 400 < before


def test_on_paper_folded_parts_are_open(browser: Browser, page: Path) -> None:
    browser.open(page)
    browser.run("dispatchEvent(new Event('beforeprint'))")
    assert browser.run("[...document.querySelectorAll('details')].every((d) => d.open)")
    browser.run("dispatchEvent(new Event('afterprint'))")
    assert not browser.run("[...document.querySelectorAll('details')].some((d) => d.open)")
    assert len(browser.ask("Page.printToPDF", printBackground=True)["data"]) > 10_000


def test_a_text_that_became_markup_would_stay_dead(browser: Browser, tmp_path: Path) -> None:
    """The policy of the page holds even where escaping would not."""
    from markupsafe import Markup

    from dnnlab.report.shell import Section
    from dnnlab.report.shell import page as made

    attack = Markup(f"{HOSTILE}<script>document.title='run'</script>")
    file = tmp_path / "x.html"
    file.write_text(made("calm", attack, [Section("a", "A", attack)]))
    browser.open(file)
    assert browser.run("document.title") == "calm"


@pytest.mark.parametrize("log", [False, True])
@pytest.mark.parametrize("scale", [(237_668.0, 3.0), (0.9765, 1e-4), (1e12, 100.0), (1e-7, 1e-11)])
def test_small_changes_of_large_numbers_can_be_read(
    browser: Browser, tmp_path: Path, scale: tuple[float, float], log: bool
) -> None:
    low, span = scale
    y = [low + span * 0.8**i for i in range(12)]
    chart = Chart("Loss", "epoch", "loss", [Series("validation", range(1, 13), y, "main")], log=log)
    file = tmp_path / "page.html"
    file.write_text(shell.page("x", Markup(""), [sections.curves("learning", "Learning", [chart])], ""))
    browser.open(file)
    places = [float(n) for n in browser.run(PLACES)]
    assert len(places) == 12 and places == sorted(places) and places[0] < 30 and places[-1] > 150, "no stairs"
    heights = [(v - y[-1]) / (y[0] - y[-1]) for v in y]
    drawn = [(places[-1] - at) / (places[-1] - places[0]) for at in places]
    assert drawn == pytest.approx(heights, abs=0.005)
    labels = browser.run("[...document.querySelectorAll('.grid + text')].map((t) => t.textContent)")
    ticks = [float(label.replace(",", "")) for label in labels]
    assert len(ticks) >= 3 and len(set(ticks)) == len(ticks), labels
    assert all(low - span <= tick <= low + 2 * span for tick in ticks), labels
    steps = [b - a for a, b in pairwise(ticks)]
    assert steps == pytest.approx([steps[0]] * len(steps), rel=0.01), labels
    assert browser.run("document.documentElement.scrollWidth") <= 1280
