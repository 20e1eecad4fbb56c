"""The pages as a whole: what is generated is fresh, links lead somewhere, the README is short."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml
from helpers.doc_blocks import ROOT, blocks_of, commands_of, pages

SITE = ROOT / "docs" / "site"
_LINK = re.compile(r"(?<!`)\]\(([^)#\s]+)(?:#[^)]*)?\)")


def test_the_reference_is_what_the_code_says_now() -> None:
    # A process of its own: other tests register plugins.
    command = [sys.executable, str(SITE / "make_reference.py"), "--check"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, capture_output=True, text=True, env=environment)
    fix = "write them again: python docs/site/make_reference.py"
    assert (done.returncode, done.stdout) == (0, ""), f"{fix}\n{done.stdout}{done.stderr}"


@pytest.mark.parametrize("page", pages(), ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_to_files(page: Path) -> None:
    broken = [
        link
        for link in _LINK.findall(page.read_text(encoding="utf-8"))
        if "://" not in link and not (page.parent / link).exists()
    ]
    assert broken == []


def test_every_page_is_in_the_navigation() -> None:
    def files(item: object) -> list[str]:
        if isinstance(item, str):
            return [item]
        inner = item if isinstance(item, list) else list(item.values())  # type: ignore[attr-defined]
        return [file for one in inner for file in files(one)]

    named = files(yaml.safe_load((SITE / "mkdocs.yml").read_text())["nav"])
    assert sorted(named) == sorted(
        str(page.relative_to(ROOT / "docs")) for page in pages() if page.is_relative_to(ROOT / "docs")
    )


def test_the_readme_is_short_and_shows_the_commands_of_the_ci() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert text.count("\n") <= 150
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    commands = [
        command.split("#")[0].strip()
        for block in re.findall(r"```bash\n(.*?)```", text, re.DOTALL)
        for command in commands_of(block)
    ]
    for command in ("pip install .", "dnnlab train configs/digits.yaml"):
        assert command in commands and command in script
    assert "`pip install '.[dev]' && pytest`" in text and "pip install '.[dev]' && pytest" in script


def test_the_readme_shows_the_config_that_it_names() -> None:
    shown = next(block for block in blocks_of(ROOT / "README.md") if block.language == "yaml")
    kept = (ROOT / "configs" / "digits.yaml").read_text(encoding="utf-8")
    assert yaml.safe_load(shown.text) == yaml.safe_load(kept)


def test_the_readme_asks_for_the_torch_that_dnnlab_takes() -> None:
    needed = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["dependencies"]
    torch = next(line for line in needed if line.startswith("torch"))
    for page in ("README.md", "CONTRIBUTING.md", "docs/first-steps.md"):
        assert f"pip install '{torch}'" in (ROOT / page).read_text(encoding="utf-8"), page


WRITTEN = [page for page in pages() if "reference/parts" not in str(page)]


@pytest.mark.parametrize("page", WRITTEN, ids=lambda page: str(page.relative_to(ROOT)))
def test_files_that_a_page_names_are_there(page: Path) -> None:
    text = re.sub(r"```diff\n.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    named = set(re.findall(r"(?:dnnlab|tests|benchmarks|configs|docs)/[\w./-]*\w", text))
    named |= {f"dnnlab/{path}" for path in re.findall(r"`((?:assembly|engine|data|rundir)/[\w./]*\w)`", text)}
    assert [name for name in sorted(named) if "NAME" not in name and not (ROOT / name).exists()] == []


def test_the_architecture_shows_the_floors_that_hold() -> None:
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (\d) \| (`.*?) \|", text, re.MULTILINE)
    shown = {room: int(floor) for floor, rooms in rows for room in re.findall(r"`(\w+)`", rooms)}
    tree = ast.parse((ROOT / "tests" / "test_floors.py").read_text(encoding="utf-8"))
    held = next(
        ast.literal_eval(node.value)
        for node in tree.body
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "FLOORS"
    )
    folders = {room: floor for room, floor in held.items() if (ROOT / "dnnlab" / room).is_dir()}
    assert {room: floor for room, floor in shown.items() if room in folders} == folders


def test_pictures_are_small() -> None:
    pictures = list((ROOT / "docs" / "images").iterdir())
    assert pictures and all(picture.stat().st_size < 300_000 for picture in pictures)


def test_every_environment_variable_is_documented() -> None:
    sources = (path.read_text(encoding="utf-8") for path in (ROOT / "dnnlab").rglob("*.py"))
    used = {name for source in sources for name in re.findall(r"DNNLAB_[A-Z]+", source)}
    text = (ROOT / "docs" / "reference" / "commands.md").read_text(encoding="utf-8")
    assert used == set(re.findall(r"DNNLAB_[A-Z]+", text))
