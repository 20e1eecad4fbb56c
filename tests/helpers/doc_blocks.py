"""The code blocks of the README and the documentation, and how each is tested.

A comment before every block says what a test does with the block:

    <!-- run -->             a shell block: every command ends with exit code 0; a Python block: it runs
    <!-- run: exit 2 -->     the last command of the block ends with this code
    <!-- file: mine.yaml --> the block is written to this file, which a later block uses
    <!-- check -->           a config, or a piece of one: `dnnlab check --static` accepts it
    <!-- check: {data: iris} -->  the same, as a child of this config
    <!-- sweep -->           a sweep file: it can be read, and its base too
    <!-- shown: dnnlab show elu -->  this command prints the block; tests/commands/show copies it into a config
    <!-- patch -->          a change of the package: it can be applied to a copy; tests/docs/test_extending.py uses it
    <!-- output -->          these lines occur, in this order, in what the block before printed; numbers may differ
    <!-- output: half -->    at least half of the lines do: results near a limit differ between processors
    <!-- skip: reason -->    not run, and why
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
ACTIONS = {
    "run": {"bash", "python"},
    "file": {"yaml", "python", "csv"},
    "check": {"yaml"},
    "sweep": {"yaml"},
    "patch": {"diff"},
    "shown": {"yaml"},
    "output": {"text", "json"},
    "skip": None,
}
"""What a marker may say, and of which languages; None: of all."""
_MARKER = re.compile(r"\s*<!-- (\w+)(?:: (.*?))? -->\s*")
_FENCE = re.compile(r"(\s*)```(\w*)\s*$")


@dataclass(frozen=True)
class Block:
    """A fenced block of a page."""

    page: Path
    line: int
    language: str
    text: str
    action: str
    detail: str

    def __str__(self) -> str:
        return f"{self.page.relative_to(ROOT)}:{self.line}"


def pages() -> list[Path]:
    """The README, CONTRIBUTING and every page of the documentation."""
    return [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]


def blocks_of(page: Path) -> list[Block]:
    """The fenced blocks of a page, in order. A block without a marker has the action ""."""
    found = []
    lines = iter(enumerate(page.read_text(encoding="utf-8").split("\n"), start=1))
    before = ""
    for number, line in lines:
        fence = _FENCE.match(line)
        if fence is None:
            before = line if line.strip() else before
            continue
        inside = []
        for _, row in lines:
            if row.strip() == "```":
                break
            inside.append(row.removeprefix(fence[1]))
        marker = _MARKER.fullmatch(before)
        action, detail = (marker[1], marker[2] or "") if marker else ("", "")
        found.append(Block(page, number, fence[2], "\n".join(inside) + "\n", action, detail))
        before = ""
    return found


def commands_of(text: str) -> list[str]:
    """The commands of a shell block: lines that end with a backslash go on in the next one."""
    joined = text.replace("\\\n", " ")
    return [line for line in joined.split("\n") if line.strip() and not line.lstrip().startswith("#")]


def shape_of(line: str) -> list[str]:
    """The words of a line without what differs from run to run: numbers, names of runs, dates.

    >>> shape_of(" 12 passed, 2 skipped in 4.7 s; run 7f3a1c")
    ['passed,', 'skipped', 'in', 's;', 'run']
    """
    return [word for word in line.split() if not re.search(r"\d", word) and re.search(r"\w", word)]
