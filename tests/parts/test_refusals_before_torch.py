"""What a part refuses, it refuses before it loads torch: a static check calls parts and never gets further
than that.
"""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import dnnlab

PARTS = Path(dnnlab.__file__).parent / "parts"
WITHOUT_TORCH = {"data", "schedule"}  # what these import is free of it
NOT_CALLED = {"gradient_clipping"}  # it needs the table of a net that is built


@pytest.mark.parametrize(
    "path",
    sorted(path for path in PARTS.rglob("*.py") if path.parent.name not in WITHOUT_TORCH | NOT_CALLED),
    ids=lambda path: f"{path.parent.name}/{path.stem}",
)
def test_refusals_stand_before_imports(path: Path) -> None:
    for function in ast.walk(ast.parse(path.read_text())):
        if not isinstance(function, ast.FunctionDef):
            continue
        imports = [
            node.lineno for node in ast.walk(function) if isinstance(node, ast.Import | ast.ImportFrom)
        ]
        raises = [node.lineno for node in ast.walk(function) if isinstance(node, ast.Raise)]
        if imports and raises:
            assert max(raises) < min(imports), (
                f"{path.name}:{max(raises)}: {function.name} refuses behind the import in line {min(imports)}"
            )
