"""Every problem that the source can raise has a code, and every code stands in one list."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from dnnlab.codes import CODES
from dnnlab.config import CODES as ADVICE
from dnnlab.errors import Problem

PACKAGE = Path(__file__).parent.parent / "dnnlab"
FILES = sorted(path for path in PACKAGE.rglob("*.py") if path.name != "codes.py")
FIELDS = list(Problem.__dataclass_fields__)
# Made without a code because it gets one, or another problem's, on the way.
CARRIED = {"Problem('')", "Problem(p)", "Problem(**problem)"}


def places_of_code(tree: ast.AST) -> dict[str, int]:
    """Functions of a file with a parameter `code`: name -> its place among the arguments."""
    found = {"Problem": FIELDS.index("code")}
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            names = [a.arg for a in node.args.args if a.arg != "self"]
            if "code" in names and not node.name.startswith("__"):
                found[node.name] = names.index("code")
    return found


def codes_in(path: Path) -> Iterator[tuple[int, ast.expr | None, str]]:
    """(line, expression of the code or None, text) of every call that makes a problem."""
    tree = ast.parse(path.read_text())
    places = places_of_code(tree)
    for node in ast.walk(tree):
        name = getattr(node.func, "id", getattr(node.func, "attr", "")) if isinstance(node, ast.Call) else ""
        if isinstance(node, ast.Call) and name in places:
            written = [k.value for k in node.keywords if k.arg == "code"] + list(
                node.args[places[name] : places[name] + 1]
            )
            yield node.lineno, next(iter(written), None), ast.unparse(node)


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_every_problem_has_a_listed_code(path: Path) -> None:
    for line, code, text in codes_in(path):
        if code is None:
            assert text in CARRIED, f"{path}:{line}: {text} has no code"
        elif isinstance(code, ast.Constant):
            assert code.value in CODES, (
                f"{path}:{line}: write {code.value!r} and what it means into dnnlab/codes.py"
            )


def test_no_code_is_listed_in_vain() -> None:
    used = {
        node.value
        for path in FILES
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Constant)
    }
    assert [code for code in CODES if code not in used] == []


def test_advice_and_problems_share_no_word() -> None:
    assert not set(ADVICE) & set(CODES)
    assert all(CODES.values())
