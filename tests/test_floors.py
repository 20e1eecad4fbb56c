"""Imports point downward, never up or across: the house of dnnlab, held floor by floor, imports inside
functions included.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "dnnlab"
FLOORS = {
    "errors": 0,
    "lazy_torch": 0,
    "special_files": 0,
    "surrogates": 0,
    "codes": 0,
    "version": 0,
    "steps": 0,
    "registry": 1,
    "nn": 1,
    "data": 2,
    "optim": 2,
    "config": 2,
    "rundir": 2,
    "weights": 2,
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


def imported_modules(path: Path, root: Path) -> Iterator[list[str]]:
    """Every name that a file of the package at `root` imports, also inside functions, but not for type
    checking alone.
    """
    inside = path.relative_to(root.parent).with_suffix("").parts
    waiting: list[ast.AST] = [ast.parse(path.read_text())]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            waiting += node.orelse
            continue
        waiting += ast.iter_child_nodes(node)
        if isinstance(node, ast.ImportFrom):
            base = list(inside[: len(inside) - node.level]) if node.level else []
            base += node.module.split(".") if node.module else []
            yield from ([*base, alias.name] for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from (alias.name.split(".") for alias in node.names)


def import_graph(root: Path) -> dict[str, set[str]]:
    """Module -> the modules of the same package that it imports."""
    files = {}
    for path in root.rglob("*.py"):
        files[".".join(path.relative_to(root.parent).with_suffix("").parts).removesuffix(".__init__")] = path
    graph = {}
    for module, path in files.items():
        # `from a.b import c` imports the module a.b.c if there is one, else something that a.b holds.
        found = imported_modules(path, root)
        named = ({".".join(name), ".".join(name[:-1])} & files.keys() for name in found)
        graph[module] = {max(both, key=len) for both in named if both} - {module}
    return graph


def modules_in_circles(graph: dict[str, set[str]]) -> list[str]:
    """What is left when modules that import none of the rest, or that none of the rest imports, are taken
    away.
    """
    left = set(graph)
    while True:
        imported = set().union(*(graph[module] for module in left))
        kept = {module for module in left & imported if graph[module] & left}
        if kept == left:
            return sorted(left)
        left = kept


def test_no_module_imports_itself_by_way_of_others() -> None:
    assert modules_in_circles(import_graph(PACKAGE)) == []


def test_the_checker_finds_a_circle_through_a_function(tmp_path: Path) -> None:
    package = tmp_path / "house"
    texts = {
        "__init__": "from .roof import tiles\n",
        "roof": "from . import wall\ntiles = 1\n",
        "wall": "def f():\n    from .room import door\n    return door\n",
        "room/__init__": "from .door import door\n",
        "room/door": "import house.wall\ndoor = 1\n",
        "cellar": "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from .stairs import Steps\n",
        "stairs": "from .cellar import bottle\n",
    }
    for name, text in texts.items():
        path = package / f"{name}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    assert modules_in_circles(import_graph(package)) == ["house.room.door", "house.wall"]
    (package / "wall.py").write_text("")
    assert modules_in_circles(import_graph(package)) == []
