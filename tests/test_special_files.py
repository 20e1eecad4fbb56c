"""Pipes, devices and sockets in the place of files are refused at once: reading them may never end."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest
from helpers.trainings import SMALL

from dnnlab.commands.load_config import load_source
from dnnlab.config import load, load_mapping
from dnnlab.data.locate import find_data
from dnnlab.errors import ConfigError, DataError
from dnnlab.special_files import special_kind


@pytest.fixture(params=["pipe", "device", "socket"])
def special(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Path, str]:
    """A special file and how it is called."""
    place = tmp_path / "special"
    if request.param == "device":
        return Path(os.devnull), "a device"
    if request.param == "pipe":
        os.mkfifo(place)
    else:
        server = socket.socket(socket.AF_UNIX)
        server.bind(str(place))
        server.close()
    return place, f"a {request.param}"


def test_kinds(special: tuple[Path, str], tmp_path: Path) -> None:
    path, kind = special
    assert special_kind(path) == kind
    link = tmp_path / "link"
    link.symlink_to(path)
    assert special_kind(link) == kind
    assert special_kind(tmp_path) is None
    assert special_kind(tmp_path / "missing") is None
    assert special_kind(Path("a\0b")) is None


def test_a_config_and_a_base(special: tuple[Path, str], tmp_path: Path) -> None:
    path, kind = special
    with pytest.raises(ConfigError) as caught:
        load_source(path, [], tmp_path)
    expected = f"{path} is {kind}; expected a YAML file; write its content into a file first"
    assert str(caught.value) == expected
    config = tmp_path / "x.yaml"
    config.write_text(f"data: digits\nbase: {path}\n")
    with pytest.raises(ConfigError) as caught:
        load(config)
    assert str(caught.value).endswith(f"x.yaml:2:1 base: {expected}")


def test_a_plugin(special: tuple[Path, str]) -> None:
    path, kind = special
    with pytest.raises(ConfigError) as caught:
        load_mapping({**SMALL, "plugins": [str(path)]})
    assert f"the plugin {path} is {kind}; expected a Python file" in str(caught.value)


def test_data(special: tuple[Path, str], tmp_path: Path) -> None:
    path, kind = special
    with pytest.raises(DataError) as caught:
        find_data(tmp_path, str(path), "path")
    assert (
        str(caught.value) == f"path: {path} is {kind}; expected a file; write its content into a file first"
    )
