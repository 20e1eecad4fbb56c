"""`dnnlab list` as data: the form that DESIGN fixes, keys with types and ranges, no torch."""

from __future__ import annotations

import subprocess
import sys
from typing import Annotated, Literal

import pytest
from annotated_types import Ge, Lt

from dnnlab.commands.show.catalogue import catalogue, checked_kind
from dnnlab.commands.show.keys import form_of
from dnnlab.errors import ConfigError, UsageError
from dnnlab.registry import KINDS, Duration, Part, entries

PLUGIN = '''
from dnnlab.registry import part

@part("activation", source="a test", aliases=("squashed",))
def squash(width: int, *, power: int = 2):
    """z^power."""
'''


def test_every_part_is_listed_in_the_form_of_design():
    faces = catalogue()
    assert [(face["kind"], face["name"]) for face in faces] == [
        (kind, entry.name) for kind in KINDS for entry in entries(kind)
    ]
    for face in faces:
        assert list(face) == ["kind", "name", "aliases", "summary", "keys", "source"]
        assert face["summary"] and "\n" not in face["summary"] and face["source"]
        for name, key in face["keys"].items():
            assert key["type"], name
            assert ("default" in key) != ("required" in key), name


def test_a_key_tells_type_range_default_and_text():
    keys = next(face for face in catalogue("optimizer") if face["name"] == "adam")["keys"]
    text = keys["lr"].pop("description")
    assert text.startswith("learning rate")
    assert keys["lr"] == {"type": "number", "exclusiveMinimum": 0, "default": 0.001}
    number = {"type": "number", "minimum": 0, "exclusiveMaximum": 1}
    first, second = keys["betas"]["items"]
    assert (first["type"], first["anyOf"][0], second) == ("number or ramp", number, number)


def test_keys_of_the_kind_stand_behind_the_part_s_own():
    keys = next(face for face in catalogue("schedule") if face["name"] == "exponential")["keys"]
    assert list(keys) == ["decay_rate", "over", "staircase", "warmup"]
    assert keys["over"]["required"] and keys["over"]["type"] == "duration"
    assert keys["warmup"]["optional"] and keys["warmup"]["default"] == "none"


@pytest.mark.parametrize(
    ("annotation", "form"),
    [
        (bool, {"type": "boolean"}),
        (int | None, {"type": "integer", "optional": True}),
        (Annotated[float, Ge(0), Lt(1)], {"type": "number", "minimum": 0, "exclusiveMaximum": 1}),
        (Literal["a", "b"], {"type": "string", "enum": ["a", "b"]}),
        (Literal["auto", 3], {"type": "string or integer", "enum": ["auto", 3]}),
        (list[str], {"type": "list", "items": {"type": "string"}}),
        (dict[str, int], {"type": "mapping", "values": {"type": "integer"}}),
        (Part["layer"], {"type": "part", "kind": "layer"}),
        (list[Part["layer"]], {"type": "parts", "kind": "layer"}),
        (Part["normalization"] | None, {"type": "part", "kind": "normalization", "optional": True}),
        (
            int | Literal["full"],
            {
                "type": "integer or string",
                "anyOf": [{"type": "integer"}, {"type": "string", "enum": ["full"]}],
            },
        ),
    ],
)
def test_forms_of_annotations(annotation, form):
    assert form_of(annotation) == form


def test_a_value_of_dnnlab_s_own_says_how_it_is_written():
    assert form_of(Duration)["type"] == "duration"
    assert "`5 epochs`" in form_of(Duration)["form"]


def test_a_wrong_kind_is_told_the_nearest():
    with pytest.raises(
        UsageError,
        match=r'no kind of parts is called "optimiser"; known: activation, .*; did you mean optimizer\?',
    ):
        checked_kind("optimiser")


def test_a_part_instead_of_a_kind_is_told_its_kind():
    with pytest.raises(
        UsageError, match=r"received adam, which is a part; .*`dnnlab show optimizer\.adam` shows it"
    ):
        catalogue("adam")


def test_parts_of_a_plugin_are_listed(tmp_path):
    file = tmp_path / "mine.py"
    file.write_text(PLUGIN)
    face = next(face for face in catalogue("activation", file) if face["name"] == "squash")
    assert face["aliases"] == ["squashed"]
    assert face["keys"]["power"] == {"type": "integer", "default": 2}


def test_a_plugin_that_fails_is_told(tmp_path):
    file = tmp_path / "mine.py"
    file.write_text("1 / 0\n")
    with pytest.raises(ConfigError, match=r"mine.py:1 plugins: the plugin failed: ZeroDivisionError"):
        catalogue(None, file)


def test_listing_and_showing_a_part_need_no_torch():
    code = (
        "import sys; from dnnlab.cli.main import run\n"
        "for words in (['list'], ['list', '--json'], ['show', 'adam'], ['show', 'loss', '--template']):\n"
        "    try: run(words)\n"
        "    except SystemExit as end: assert end.code == 0, words\n"
        "print([name for name in ('torch', 'matplotlib', 'sklearn') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


@pytest.mark.slow
def test_the_list_comes_in_half_a_second():
    import resource

    def seconds() -> float:
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        return used.ru_utime + used.ru_stime

    took = []
    for _ in range(3):
        before = seconds()
        subprocess.run([sys.executable, "-m", "dnnlab", "list"], capture_output=True, check=True)
        took.append(seconds() - before)
    assert min(took) < 0.5
