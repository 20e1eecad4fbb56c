"""Every command, config and Python block of the README and the documentation works as it is printed."""

from __future__ import annotations

import contextlib
import io
import os
import re
import shlex
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml
from helpers.doc_blocks import ACTIONS, ROOT, Block, blocks_of, commands_of, pages, shape_of
from helpers.example_files import write_downloads, write_examples

import dnnlab
from dnnlab.cli.main import run
from dnnlab.commands.sweep.load_spec import read_source

PAGES = [page for page in pages() if any(block.action != "skip" for block in blocks_of(page))]
_SHELL = re.compile(r"[|&;<>$`*]")


@pytest.mark.parametrize("page", pages(), ids=lambda page: str(page.relative_to(ROOT)))
def test_every_block_says_how_it_is_tested(page: Path) -> None:
    blocks = blocks_of(page)
    for number, block in enumerate(blocks):
        assert block.action in ACTIONS, (
            f"{block}: no marker before the block; see tests/helpers/doc_blocks.py"
        )
        languages = ACTIONS[block.action]
        assert languages is None or block.language in languages, f"{block}: {block.action} {block.language}"
        if block.action == "skip":
            assert block.detail, f"{block}: why is it skipped?"
        if block.action == "file":
            later = "".join(other.text for other in blocks[number + 1 :] if other.action != "skip")
            assert Path(block.detail).stem in later, f"{block}: nothing uses {block.detail}"


@dataclass
class Reader:
    """Someone who follows a page: types its commands, writes its files, runs its Python, in one folder."""

    folder: Path
    printed: str = ""
    names: dict[str, Any] = field(default_factory=lambda: {"dnnlab": dnnlab})

    def follow(self, block: Block) -> None:
        """Do what the block says."""
        if block.action == "run" and block.language == "python":
            with contextlib.redirect_stdout(io.StringIO()) as out:
                exec(compile(block.text, str(block), "exec"), self.names)
            self.printed = out.getvalue()
        elif block.action == "run":
            self.type_commands(block)
        elif block.action == "file":
            path = self.folder / block.detail
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(block.text)
        elif block.action in ("check", "sweep"):
            self.check(block)
        elif block.action == "shown":
            code, text = self.type(block.detail)
            assert code == 0 and block.text in text, f"{block}: it is not what {block.detail} prints"
        elif block.action == "output":
            self.compare(block)

    def type_commands(self, block: Block) -> None:
        """All commands of a block; its `exit` is that of the last one."""
        commands = commands_of(block.text)
        expected = int(block.detail.removeprefix("exit ")) if block.detail else 0
        texts = []
        for number, command in enumerate(commands):
            code, text = self.type(command)
            wanted = expected if number == len(commands) - 1 else 0
            assert code == wanted, f"{block}: {command}\nexit {code}, expected {wanted}\n{text}"
            texts.append(text)
        self.printed = "".join(texts)

    def type(self, command: str) -> tuple[int, str]:
        """The exit code of a command and all that it prints. dnnlab alone runs in this process, which is
        quick.
        """
        words = shlex.split(command, comments=True)
        bare = re.sub(r"'[^']*'|\"[^\"]*\"|#.*", "", command)
        if words[0] != "dnnlab" or _SHELL.search(bare):
            done = subprocess.run(["bash", "-ec", command], capture_output=True, text=True, cwd=self.folder)
            return done.returncode, done.stdout + done.stderr
        text = io.StringIO()
        with contextlib.redirect_stdout(text), contextlib.redirect_stderr(text):
            try:
                run(words[1:])
            except SystemExit as end:
                return int(end.code or 0), text.getvalue()
        raise AssertionError("the command line always ends with SystemExit")

    def check(self, block: Block) -> None:
        """`dnnlab check --static` of a config, on top of the one in the marker; a sweep is planned only."""
        (self.folder / "block.yaml").write_text(block.text)
        if block.action == "sweep":
            read_source("block.yaml", [], [], {}, self.folder / "runs")
            return
        context = yaml.safe_load(block.detail or "{}")
        if "data" not in yaml.safe_load(block.text):
            context = {"data": "digits", **context}
        if context and "base" not in yaml.safe_load(block.text):
            (self.folder / "context.yaml").write_text(yaml.safe_dump(context))
            (self.folder / "block.yaml").write_text(f"base: context.yaml\n{block.text}")
        code, text = self.type("dnnlab check block.yaml --static")
        assert code == 0, f"{block}\n{text}"

    def compare(self, block: Block) -> None:
        """The lines of the block, or half of them, occur in what was printed; `...` stands for any lines."""
        printed = [shape_of(line) for line in self.printed.split("\n")]
        missing, place = [], 0
        lines = [line for line in block.text.split("\n") if shape_of(line)]
        for line in lines:
            if shape_of(line) in printed[place:]:
                place = printed.index(shape_of(line), place) + 1
            else:
                missing.append(line)
        allowed = len(lines) // 2 if block.detail == "half" else 0
        assert len(missing) <= allowed, f"{block}: {missing} are not in\n{self.printed}"


@pytest.fixture
def reader(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Reader:
    """A reader with a checkout's configs, small data sets and `dnnlab` on the path."""
    folder = write_examples(tmp_path / "checkout")
    shutil.copytree(ROOT / "configs", folder / "configs")
    bin_folder = tmp_path / "bin"
    bin_folder.mkdir()
    for name, words in {"dnnlab": "-m dnnlab", "python": ""}.items():
        (bin_folder / name).write_text(f'#!/bin/sh\nexec "{sys.executable}" {words} "$@"\n')
        (bin_folder / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{bin_folder}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setenv("DNNLAB_DATA", str(write_downloads(tmp_path / "data")))
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.delenv("DNNLAB_RUNS", raising=False)
    monkeypatch.chdir(folder)
    return Reader(folder)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_a_reader_who_follows_the_page_gets_what_it_shows(page: Path, reader: Reader) -> None:
    for block in blocks_of(page):
        reader.follow(block)
