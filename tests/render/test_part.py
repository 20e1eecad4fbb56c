"""The screens of parts: 80 columns, YAML that loads, hostile texts as texts."""

from __future__ import annotations

import pytest

from dnnlab.commands.show.catalogue import catalogue
from dnnlab.commands.show.keys import form_of
from dnnlab.commands.show.show import part_details
from dnnlab.config import load
from dnnlab.registry import KINDS, Part, entries, find, load_plugin, register
from dnnlab.render.screens.list import catalogue_csv, catalogue_lines, catalogue_markdown
from dnnlab.render.screens.show_part import definition_lines, part_lines, type_words
from dnnlab.render.terminal.text import columns
from dnnlab.render.terminal.yaml import yaml_lines

HOSTILE = '''
from dnnlab.registry import part

@part("activation", source="\\x1b[31mred", name="evil\\x1b[2J", conversions={"torch": "a\\x1b]0;b\\x07"})
def evil(width: int, *, key: str = "\\x1b[1m"):
    """Bad \\x1b[31mnews.

        \\x1b[32mtable
    """
'''


def samples(face):
    """The two YAML texts on the screen of a part."""
    lines = part_lines(face, ["dnnlab list"], 80)
    start, end = lines.index(" yaml") + 1, next(i for i, line in enumerate(lines) if line.startswith(" next"))
    return "\n".join(lines[start:end]).split("# with every key")


def test_the_long_form_writes_every_key():
    for kind in ("optimizer", "schedule", "data", "regularizers"):
        for entry in entries(kind):
            last = samples(part_details(entry))[-1]
            assert [key for key in entry.fields if f"{key}:" not in last] == []


@pytest.mark.parametrize("kind", list(KINDS))
def test_screens_fit_80_columns_and_end_with_the_next_command(kind):
    for entry in entries(kind):
        lines = part_lines(part_details(entry), [f"dnnlab list {kind}"], 80)
        assert max(map(columns, lines)) <= 80, max(lines, key=columns)
        assert lines[-1] == f" next     dnnlab list {kind}"
        assert lines[0].startswith(f" {kind}.{entry.name}")


def test_a_part_in_full():
    lines = part_lines(part_details(find("schedule", "exponential")), [], 80)
    assert " keys     decay_rate  0.1       number > 0 and < 1" in lines
    assert "          over        required  duration" in lines
    assert " common   warmup  none  duration or none" in lines
    assert any(line.startswith(" torch    ExponentialLR(gamma)") for line in lines)
    assert "  over: 2 epochs" in lines


def test_tables_in_docstrings_keep_their_lines():
    lines = definition_lines(find("schedule", "one_cycle").doc, 80)
    assert "     step      0     1     9     10    18    19" in lines


def test_foreign_keys_are_answered():
    lines = part_lines(part_details(find("optimizer", "adam")), [], 80)
    assert " foreign  learning_rate: write optimizer: {name: adam, lr: 1e-3}" in lines
    assert "          momentum: x is betas: [x, 0.999]" in lines


def test_forms_within_a_list_are_explained_and_no_sign_loses_its_number():
    lines = part_lines(part_details(find("optimizer", "adam")), [], 80)
    assert any(line.startswith("          ramp: A number that changes linearly") for line in lines)
    assert not any(line.endswith(("<", "<=", ">", ">=")) for line in lines)


@pytest.mark.parametrize(
    ("summary", "line"),
    [
        ("max(0, z).", "max(0, z)"),
        (
            (
                "Blocks block1, block2, ... with an activation behind each sum, and a long rest that "
                "has no room."
            ),
            "Blocks block1, block2",
        ),
        (
            "All weights of the layers: those of (this, and of all others that do not fit here)",
            "All weights of the layers",
        ),
        (
            "No stop far and wide in a line that is so much too long",
            "No stop far and wide in a line that ...",
        ),
    ],
)
def test_a_line_of_the_list_ends_where_a_clause_does(summary, line):
    face = {"kind": "loss", "name": "mine", "summary": summary, "aliases": []}
    assert catalogue_lines([face], 50, whole=False)[1] == f"   mine  {line}"


@pytest.mark.parametrize(
    ("annotation", "words"),
    [
        (bool, "true or false"),
        (int | None, "whole number or none"),
        (tuple[int, int], "list of 2, each whole number"),
        (tuple[int, str], "[whole number, text]"),
        (list[list[int]], "list, each list, each whole number"),
        (list[Part["layer"]], "parts of the kind layer"),
        (dict[str, float], "mapping to number"),
    ],
)
def test_types_in_words(annotation, words):
    assert type_words(form_of(annotation)) == words


def test_the_list_has_a_line_a_part():
    lines = catalogue_lines(catalogue(), 80, whole=False)
    assert max(map(columns, lines)) <= 80
    for kind in KINDS:
        assert f" {kind}" in lines
    assert sum(line.startswith("   ") for line in lines) == len(catalogue())
    assert lines[-1].startswith(" next     dnnlab show optimizer.adam")


def test_one_kind_is_told_in_full():
    text = " ".join(" ".join(catalogue_lines(catalogue("optimizer"), 80, whole=True)).split())
    assert all(face["summary"] in text for face in catalogue("optimizer"))


def test_csv_and_markdown():
    faces = catalogue("metrics")
    assert catalogue_csv(faces)[0] == "kind,name,aliases,summary,keys,source"
    assert len(catalogue_csv(faces)) == len(faces) + 1
    table = catalogue_markdown(faces)
    assert table[1] == "| --- | --- | --- | --- | --- | --- |"
    assert "\\|output - target\\|" in next(line for line in table if "| mae |" in line)


def test_hostile_plugins_are_shown_as_text(tmp_path):
    file = tmp_path / "evil.py"
    file.write_text(HOSTILE)
    load_plugin(file)
    try:
        face = part_details(find("activation", "evil\x1b[2J"))
        faces = [face for face in catalogue("activation") if face["name"].startswith("evil")]
        screens = [
            part_lines(face, [], 80),
            catalogue_lines(faces, 80, True),
            catalogue_csv(faces),
            catalogue_markdown(faces),
        ]
        for lines in screens:
            assert all(line.isprintable() for line in lines)
            assert "\\x1b" in "".join(lines)
    finally:
        register.forget(str(file.resolve()))


@pytest.mark.parametrize("width", [20, 40, 76, 200])
def test_yaml_of_every_width_reads_back(width, tmp_path):
    data = {
        "data": {"name": "digits", "augment": [{"name": "shift", "fraction": 0.25}]},
        "note": "a: b # c",
        "tags": [],
        "architecture": {"name": "cnn", "blocks": [[16, 16], [32, 32]]},
        "optimizer": {"name": "adam", "lr": 1e-05},
        "per_layer": {"hidden.*": {"frozen": True}},
    }
    file = tmp_path / "x.yaml"
    file.write_text("\n".join(yaml_lines(data, width)))
    from dnnlab.config import load_mapping

    assert load(file).resolved() == load_mapping(data, name="x").resolved()
