"""Helpers of the config tests, and throw-away parts with nested parts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from dnnlab import config
from dnnlab.errors import ConfigError
from dnnlab.registry import Part, Positive, PositiveInt, catalog, part, register

ORIGIN = "throw-away parts of the config tests"


@pytest.fixture(autouse=True, scope="module")
def parts() -> Iterator[None]:
    """Parts whose names nobody else uses; gone afterwards."""
    catalog.load_parts()
    with register.registering(ORIGIN):

        @part(
            "activation",
            source="tests",
            aliases=("zz_swish",),
            hints={"slope": "beta: {value}", "shape": "leave it out"},
        )
        def zz_bent(width: int, *, beta: Positive = 1.0, inner: Part["activation"] = "relu") -> None:
            """An activation that holds another."""

        @part("activation", source="tests")
        def zz_keyless(width: int) -> None:
            """An activation without keys."""

        @part("architecture", source="tests")
        def zz_stack(
            in_shape: Any,
            outputs: int,
            make: Any,
            *,
            layers: list[Part["layer"]],
            bent: Part["activation"] | None = None,
        ) -> None:
            """An architecture of nested layers."""

        @part("layer", source="tests", aliases=("zz_dense",))
        def zz_wide(
            in_shape: Any, make: Any, *, units: PositiveInt, bend: Part["activation"] = "zz_bent"
        ) -> None:
            """A layer with an activation."""

        @part("regularizers", source="tests", effect="penalty")
        def zz_plain(table: Any) -> None:
            """A regularizer without keys."""

    yield
    register.forget(ORIGIN)


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """`write(text, "x.yaml")` -> the path."""

    def make(text: str | bytes, name: str = "x.yaml") -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return make


@pytest.fixture
def refused(write: Callable[..., Path]) -> Callable[..., list[str]]:
    """`refused(text, *overrides)` -> the lines of the error, each without the folder of the file."""

    def run(text: str | bytes, *overrides: str) -> list[str]:
        path = write(text)
        with pytest.raises(ConfigError) as caught:
            config.load(path, overrides)
        return [str(p).replace(str(path.parent) + "/", "") for p in caught.value.problems]

    return run


@pytest.fixture
def flat(write: Callable[..., Path]) -> Callable[..., dict[str, Any]]:
    """`flat(text, *overrides)` -> the flat config of `data: digits` with this text below it."""

    def run(text: str = "", *overrides: str) -> dict[str, Any]:
        return config.load(write("data: digits\n" + text), overrides).flat()

    return run
