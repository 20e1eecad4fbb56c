"""Imports point downward, never up or across: the house of dnnlab, held floor by floor, imports inside functions included."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "dnnlab"
FLOORS = {
    "errors": 0,
    "special_files": 0,
    "codes": 0,
    "version": 0,
    "steps": 0,
    "registry": 1,
    "nn": 1,
    "data": 2,
    "optim": 2,
    "config": 2,
    "rundir": 2,
    "parts": 3,
    "engine": 3,
    "search": 3,
    "diagnose": 3,
    "report": 3,
    "assembly": 4,
    "commands": 5,
    "render": 6,
    "cli": 6,
    "__main__": 6,
}
# The command line calls the screens; otherwise no room imports another one of its own floor.
ALLOWED_ACROSS = {("cli", "render"), ("__main__", "cli")}
# The package's own __init__ hands the parts to the registry and the commands to Python; it stands beside the
# house.
OUTSIDE = {"__init__"}


def imports(path: Path) -> Iterator[tuple[int, str]]:
    """(line, room) of every import of a room of dnnlab."""
    inside = path.relative_to(PACKAGE).parts
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom):
            base = list(("dnnlab", *inside[:-1])[: len(inside) - node.level + 1]) if node.level else []
            target = [*base, *(node.module.split(".") if node.module else [])]
            names = [[*target, alias.name] for alias in node.names] if len(target) == 1 else [target]
        elif isinstance(node, ast.Import):
            names = [alias.name.split(".") for alias in node.names]
        else:
            continue
        for name in names:
            if name[0] == "dnnlab" and len(name) > 1:
                yield node.lineno, name[1]


def room_of(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("*.py")), ids=lambda p: str(p.relative_to(PACKAGE)))
def test_imports_point_downward(path: Path) -> None:
    mine = room_of(path)
    if mine in OUTSIDE:
        return
    assert mine in FLOORS, f"{mine} has no floor: write it into FLOORS"
    for line, theirs in imports(path):
        if theirs not in FLOORS:
            continue  # a name of the package itself, such as __version__
        assert FLOORS[theirs] <= FLOORS[mine], (
            f"{path}:{line}: {mine} imports {theirs}, which stands above it"
        )
        across = (
            FLOORS[theirs] == FLOORS[mine] > 0 and mine != theirs and (mine, theirs) not in ALLOWED_ACROSS
        )
        assert not across, f"{path}:{line}: {mine} imports {theirs}, which stands on the same floor"


def test_kinds_of_parts_do_not_import_each_other() -> None:
    for path in sorted((PACKAGE / "parts").rglob("*.py")):
        kind = path.relative_to(PACKAGE / "parts").parts[0]
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom) and node.level == 2:
                assert node.module is None or node.module.split(".")[0] == kind, (
                    f"{path}:{node.lineno} imports another kind"
                )


def test_the_checker_sees_an_import_that_points_up(tmp_path: Path) -> None:
    source = PACKAGE / "nn" / "imaginary.py"
    found = [
        room
        for _, room in _imports_of_text(
            source, "def f():\n    from ..commands import train\n    import dnnlab.render.x\n"
        )
    ]
    assert found == ["commands", "render"]


def _imports_of_text(path: Path, text: str) -> list[tuple[int, str]]:
    class Fake(type(path)):  # type: ignore[misc]
        def read_text(self, *_: object, **__: object) -> str:
            return text

    return list(imports(Fake(path)))
