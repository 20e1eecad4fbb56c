"""The shell of pages: texts stay texts, nothing is asked of a network, and what charts say of themselves."""

from __future__ import annotations

import base64
import hashlib
import html
import json
import re
from typing import Any

import pytest
from markupsafe import Markup

from dnnlab.report import sections
from dnnlab.report.charts import Chart, Ridges, Series, chart_html
from dnnlab.report.sections import Example, Fact, Missing, Share, Tile
from dnnlab.report.shell import SCRIPTS, START, TEMPLATES, Section, fragment, page
from dnnlab.rundir import RunStatus

HOSTILE = "</script><script>alert(1)</script><img src=x onerror=alert(1)> {{ 7 * 7 }} & \" '"


def spec_of(markup: str) -> dict:
    return json.loads(re.search(r'<script type="application/json">(.*?)</script>', markup, re.DOTALL)[1])


def verdict_of(name: str, severity: str, since: int | None = None, **more: Any) -> dict[str, Any]:
    """A verdict in the form of verdicts.json."""
    texts = {"evidence": [], "why": "", "source": "", "advice": []}
    return {"name": name, "severity": severity, "since_epoch": since, **texts, **more}


def everything(text: str) -> str:
    """A page on which every text that comes from outside is this one."""
    advice = {"do": text, "command": text, "yaml": text}
    verdict = verdict_of(text, "critical", 3, evidence=[text], why=text, source=text, advice=[advice])
    verdict["consequences"] = [verdict_of(text, "note", evidence=[text])]
    chart = Chart(
        text,
        text,
        text,
        [Series(text, [1, 2], [1.0, 2.0])],
        levels=[(1.0, text)],
        marks=[(1.0, text)],
        note=text,
    )
    ridges = Ridges(text, text, [1.0], 0.0, 1.0, [[1.0, 2.0]])
    found = [
        sections.verdicts([verdict], [text], {text: text}, [Missing(text, text, text, text)]),
        sections.curves(
            "a",
            text,
            [chart, ridges],
            lead=text,
            beside=sections.classes(text, [Share(text, 0.5, 0.5)], text),
        ),
        Section(
            "b", text, sections.table([text], [[text]], text) + sections.tiles([Tile("data:,", text)], text)
        ),
        Section(
            "c",
            text,
            sections.confusion(
                [text, text], [[1, 1], [0, 2]], [{"true": text, "predicted": text, "rows": 1}]
            ),
        ),
        Section(
            "d", text, sections.examples([Example(text, text, text, 1.0, 0.5, "", [(text, text)])], text)
        ),
        sections.config(text, [text]),
        sections.pairs("e", text, [(text, text)]),
    ]
    return page(
        text,
        sections.head(text, text, RunStatus.DONE, [text], [Fact(text, text, text)], text, [text]),
        found,
        text,
    )


def test_every_text_is_shown_as_text():
    made = everything(HOSTILE)
    assert "alert(1)" in made and "<script>alert" not in made and "<img src=x" not in made
    assert "49" not in re.sub(r"(?s)<(style|script).*?</\1>|#[0-9a-f]+|sha256-[^']+", "", made), (
        "a text was run as a template"
    )
    scripts = re.findall(r"<script[^>]*>", made)
    assert scripts == ['<script type="application/json">'] * 2 + ["<script>"]
    assert spec_of(made)["series"][0]["name"] == HOSTILE
    outside = re.sub(r"(?s)<(style|script).*?</\1>|<[^>]*>", " ", made)
    assert html.unescape(outside).count(HOSTILE.partition("<img")[0][9:20]) >= 20


def test_what_could_hide_or_turn_a_text_round_is_written_out():
    made = everything("a\u202eb\x00c\x1b[31m\ud800")
    assert "\\u202eb\\x00c\\x1b[31m\\ud800" in made
    assert not set("\u202e\x00\x1b\ud800") & set(made)
    made.encode()


def test_a_page_admits_its_own_script_alone():
    made = everything("x")
    script = re.search(r"<script>(.*?)</script>", made, re.DOTALL)[1]
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', made)[1]
    assert (
        f"script-src 'sha256-{digest}'" in policy
        and "default-src 'none'" in policy
        and "img-src data:" in policy
    )
    assert script == "\n".join((TEMPLATES / name).read_text() for name in (*SCRIPTS, START))


def test_nothing_is_fetched():
    made = everything("x")
    addresses = re.findall(r"""(?:src|href|action|data)\s*=\s*["']([^"']*)|url\(([^)]*)\)|@import""", made)
    assert all(address.startswith(("#", "data:")) for pair in addresses for address in pair if address)
    assert not re.search(
        r"fetch\(|XMLHttpRequest|WebSocket|importScripts|https?://(?!www\.w3\.org/2000/svg)", made
    )


def test_empty_sections_are_left_out_with_their_entries():
    made = page(
        "t", Markup(""), [Section("full", "Full", Markup("<p>x</p>")), Section("empty", "Empty", Markup(""))]
    )
    assert (
        'id="full"' in made
        and 'href="#full"' in made
        and "mpty" not in re.sub(r"(?s)<(style|script).*?</\1>", "", made)
    )


def test_styles_and_scripts_of_one_kind_of_page():
    also = sorted(path.name for path in TEMPLATES.glob("*.js") if path.name not in (*SCRIPTS, START))
    made = page("t", Markup(""), [], also=also)
    assert all((TEMPLATES / name).read_text() in made for name in also)


def test_numbers_of_a_chart_have_four_figures_and_long_ones_are_thinned():
    y = [1 / (i + 1) for i in range(5000)]
    spec = spec_of(
        chart_html(
            Chart(
                "t", "epoch", "y", [Series("a", range(5000), y), Series("b", range(5000), [v + 1 for v in y])]
            )
        )
    )
    assert len(spec["axes"]) == 1, "curves with the same x share it"
    assert len(spec["series"][0]["y"]) <= 400 and spec["series"][0]["y"][0] == 1
    assert all(len(f"{v:g}") <= 9 for v in spec["series"][1]["y"])


def test_a_large_history_makes_a_small_page():
    layers = [
        Series(
            f"layer{i}", [x / 7 for x in range(5000)], [1 / (x + i + 1) for x in range(5000)], place=i / 39
        )
        for i in range(40)
    ]
    charts = [Chart("t", "epoch", "y", layers) for _ in range(6)]
    assert len(page("t", Markup(""), [sections.curves("a", "A", charts)])) < 2_000_000


@pytest.mark.parametrize(
    ("y", "options", "switch", "log"),
    [
        ([1.0, 2.0], {}, True, False),
        ([1.0, 2.0], {"log": True}, True, True),
        ([1.0, 100.0], {"log": None}, True, True),
        ([1.0, 2.0], {"log": None}, True, False),
        ([0.0, 2.0], {"log": None}, True, False),
        ([-1.0, 2.0], {}, False, False),
        ([0.0, 0.0], {"log": True}, False, False),
        ([0.5, 0.6], {"percent": True}, False, False),
        ([1.0, 2.0], {"levels": [(0.0, "")]}, False, False),
        ([None, float("inf")], {}, False, False),
    ],
)
def test_which_charts_have_a_logarithmic_axis(y, options, switch, log):
    made = chart_html(Chart("t", "epoch", "y", [Series("a", [1, 2], y)], **options))
    assert ("data-log" in made, spec_of(made)["log"]) == (switch, log)


def test_numbers_that_are_not_finite_are_gaps():
    assert spec_of(chart_html(Chart("t", "x", "y", [Series("a", [1, 2, 3], [1.0, float("nan"), 3.0])])))[
        "series"
    ][0]["y"] == [1, None, 3]


def test_a_spike_does_not_flatten_a_histogram():
    row = [1000.0, *[10.0] * 20]
    drawn = spec_of(chart_html(Ridges("t", "x", [1.0], 0.0, 1.0, [row])))["rows"][0]
    assert drawn[0] == 99 and drawn[1] == 33


def test_a_clean_bill_and_its_rules():
    made = sections.verdicts([], ["overfitting", "plateau"], {}).body
    assert "2 rules looked at this run" in made and "overfitting, plateau" in made


def test_a_consequence_stands_under_its_cause():
    cause = verdict_of("vanishing_gradients", "critical", 1)
    cause["consequences"] = [verdict_of("not_learning", "critical", 2)]
    made = sections.verdicts([cause], [], {}).body
    assert (
        made.index("Vanishing gradients")
        < made.index("1 consequence: Not learning")
        < made.index("since epoch 2")
    )


def test_a_wrong_key_in_a_template_is_an_error():
    with pytest.raises(Exception, match="undefined"):
        fragment("missing.html")
