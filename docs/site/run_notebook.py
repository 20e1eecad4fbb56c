"""Run the cells of the notebook in a fresh folder, and keep what each of them shows.

    python docs/site/run_notebook.py          # writes the outputs into docs/notebooks/first_run.ipynb

A small runner in place of Jupyter: a cell is Python without magics, its last expression is its output.
"""

from __future__ import annotations

import ast
import base64
import contextlib
import io
import json
import os
import tempfile
from pathlib import Path
from typing import Any

NOTEBOOK = Path(__file__).parents[1] / "notebooks" / "first_run.ipynb"


def run_cell(source: str, names: dict[str, Any]) -> list[dict[str, Any]]:
    """The outputs of a cell: what it prints, then its last expression if that is not None."""
    body = ast.parse(source).body
    last = body.pop() if body and isinstance(body[-1], ast.Expr) else None
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        exec(compile(ast.Module(body, []), "<cell>", "exec"), names)
        value = None if last is None else eval(compile(ast.Expression(last.value), "<cell>", "eval"), names)
    outputs: list[dict[str, Any]] = []
    if printed.getvalue():
        outputs.append({"output_type": "stream", "name": "stdout", "text": lines(printed.getvalue())})
    if value is not None:
        outputs.append({"output_type": "display_data", "metadata": {}, "data": shown(value)})
    return outputs


def shown(value: Any) -> dict[str, Any]:
    """A value in the forms that a notebook asks for."""
    forms = {"text/html": "_repr_html_", "image/png": "_repr_png_"}
    found = {form: getattr(value, name)() for form, name in forms.items() if hasattr(value, name)}
    data: dict[str, Any] = {"text/plain": lines(repr(value))}
    if found.get("text/html") is not None:  # matplotlib's figures have the method, and answer None
        data["text/html"] = lines(found["text/html"])
    if found.get("image/png") is not None:
        data["image/png"] = base64.b64encode(found["image/png"]).decode()
    return data


def lines(text: str) -> list[str]:
    """A text as notebooks keep it."""
    return text.splitlines(keepends=True)


def run_notebook(notebook: dict[str, Any]) -> dict[str, Any]:
    """The notebook with new outputs, after all its cells ran in a folder that is thrown away."""
    names: dict[str, Any] = {"__name__": "__main__"}
    before = Path.cwd()
    cells = []
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        try:
            for cell in notebook["cells"]:
                if cell["cell_type"] == "code":
                    cell = {**cell, "outputs": run_cell("".join(cell["source"]), names)}
                cells.append(cell)
        finally:
            os.chdir(before)
    return {**notebook, "cells": cells}


if __name__ == "__main__":
    done = run_notebook(json.loads(NOTEBOOK.read_text(encoding="utf-8")))
    NOTEBOOK.write_text(json.dumps(done, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
