"""The way of a config is short: `assembly.session` calls three faces and knows few rooms."""

from __future__ import annotations

import ast
from pathlib import Path

import dnnlab.assembly.session as session

MOST_MODULES = 10
FACES = {
    "assembly.data": "prepare",
    "assembly.network.net": "build_network",
    "assembly.training.recipe": "make_recipe",
}


def imported(path: Path, package: tuple[str, ...]) -> dict[str, set[str]]:
    """Module of dnnlab -> the names that a file of `package` imports from it, wherever in the file."""
    found: dict[str, set[str]] = {}
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.level:
            module = ".".join((*package[: len(package) - node.level + 1], *(node.module or "").split(".")))
            found.setdefault(module.strip("."), set()).update(alias.name for alias in node.names)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) else [a.name for a in node.names]
            assert not any(name.split(".")[0] == "dnnlab" for name in names), "imports are relative here"
    return found


def test_the_session_imports_at_most_ten_modules_of_dnnlab() -> None:
    modules = imported(Path(session.__file__), ("assembly",))
    assert len(modules) <= MOST_MODULES, f"{len(modules)} modules, at most {MOST_MODULES}: {sorted(modules)}"


def test_the_session_calls_the_three_faces() -> None:
    modules = imported(Path(session.__file__), ("assembly",))
    assert {face for face, name in FACES.items() if name in modules[face]} == set(FACES)


def test_imports_inside_functions_are_counted(tmp_path: Path) -> None:
    file = tmp_path / "session.py"
    file.write_text(
        "from ..nn.seeds import mix\ndef f():\n    from .data import prepare\n    from . import network\n"
    )
    assert imported(file, ("assembly",)) == {
        "nn.seeds": {"mix"},
        "assembly.data": {"prepare"},
        "assembly": {"network"},
    }
