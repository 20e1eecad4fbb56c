"""Checks that hold for every page that dnnlab writes, in a browser."""

from __future__ import annotations

from pathlib import Path

import pytest

from helpers.browser import COMMAND, CONTRAST, Browser

MARKS = [
    pytest.mark.slow,
    pytest.mark.skipif(
        COMMAND is None, reason="no Chromium (apt install chromium-headless-shell; PATH or DNNLAB_CHROMIUM)"
    ),
]
HOSTILE = "<script>document.title='run'</script><img src=x onerror=\"document.title='run'\">"
"""A text that would like to be run."""


class PageTests:
    """The tests of a page; a subclass in a test module that has the fixtures `browser` and `page`
    runs them.
    """

    @pytest.mark.parametrize("width", [1280, 360])
    @pytest.mark.parametrize("dark", [False, True])
    def test_it_complains_of_nothing_and_asks_for_nothing(
        self, browser: Browser, page: Path, width: int, dark: bool
    ) -> None:
        browser.complaints.clear()
        browser.requests.clear()
        browser.open(page, width=width, dark=dark)
        assert browser.complaints == []
        assert {address.partition(":")[0] for address in browser.requests} <= {"file", "data"}
        assert [address for address in browser.requests if address.startswith("file:")] == [
            page.absolute().as_uri()
        ]
        assert browser.run("document.title") != "run", "no text was run"

    @pytest.mark.parametrize("width", [360, 768, 1280, 2000])
    def test_nothing_is_wider_than_the_window(self, browser: Browser, page: Path, width: int) -> None:
        browser.open(page, width=width)
        assert browser.run("document.documentElement.scrollWidth") <= width
        assert browser.run(
            "[...document.querySelectorAll('.plot svg')].every((s) => "
            "s.getBoundingClientRect().right <= innerWidth)"
        )

    @pytest.mark.parametrize("dark", [False, True])
    def test_texts_and_curves_can_be_told_from_the_ground(
        self, browser: Browser, page: Path, dark: bool
    ) -> None:
        browser.open(page, dark=dark)
        browser.run("document.querySelectorAll('details').forEach((d) => { d.open = true; })")
        assert browser.run(CONTRAST) == []

    @pytest.mark.parametrize("width", [360, 1280])
    def test_no_word_of_a_chart_lies_on_another_or_outside(
        self, browser: Browser, page: Path, width: int
    ) -> None:
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
