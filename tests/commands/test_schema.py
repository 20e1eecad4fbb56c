"""The schema as a text and as the file that the shipped configs name in their first line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from dnnlab.commands.schema import is_schema, schema_text, write_schema
from dnnlab.config.json_schema import json_schema
from dnnlab.errors import UsageError

CONFIGS = Path(__file__).parents[2] / "configs"


def test_the_text_is_the_schema_with_one_definition_a_line() -> None:
    text = schema_text()
    assert json.loads(text) == json_schema()
    assert sum(line.startswith('  "activation.elu": {') for line in text.splitlines()) == 1


def test_the_shipped_schema_is_up_to_date() -> None:
    fix = "write it again: dnnlab schema --out configs/schema.json"
    assert (CONFIGS / "schema.json").read_text(encoding="utf-8") == schema_text(), fix


@pytest.mark.parametrize("path", sorted(CONFIGS.glob("*.yaml")), ids=lambda path: path.stem)
def test_shipped_configs_name_it_in_their_first_line(path: Path) -> None:
    assert path.read_text(encoding="utf-8").splitlines()[0] == "# yaml-language-server: $schema=./schema.json"


def test_parts_of_a_plugin_are_in_it(tmp_path: Path) -> None:
    plugin = tmp_path / "mine.py"
    plugin.write_text(
        "from dnnlab.registry import Positive, part\n\n"
        "@part('activation', source='mine')\n"
        "def bump_of_mine(width, *, height: Positive = 2.0):\n"
        "    '''A bump.\n\n    height: of the bump.\n    '''\n"
    )
    found = json.loads(schema_text([plugin]))["definitions"]["activation.bump_of_mine"]["properties"][
        "height"
    ]
    assert found == {"type": "number", "exclusiveMinimum": 0, "description": "of the bump.", "default": 2.0}


def test_an_older_schema_is_replaced_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "schema.json"
    write_schema(path, '{"title": "dnnlab config"}')
    assert is_schema(path)
    write_schema(path, schema_text())
    path.write_text('{"title": "somebody else\'s"}')
    with pytest.raises(
        UsageError,
        match=r"schema\.json is there and is no schema of dnnlab; expected a new name, or an older schema",
    ):
        write_schema(path, schema_text())
    with pytest.raises(UsageError, match="is a folder"):
        write_schema(tmp_path, schema_text())
    assert path.read_text() == '{"title": "somebody else\'s"}'
