"""The states that the screens of all commands can be in, and a folder in which each can be brought about.

`States.folder` is made by dnnlab itself: trainings that end in each way, sweeps with every kind of trial,
tables with faults. It is made once and copied for every look, so that the names of runs are the same in all
of them.
"""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass
from pathlib import Path

from helpers.fake_runs import make_run
from helpers.pseudo_terminal import ESCAPES, INTERRUPT, Keys, Seen, Terminals

SMALL = "data: {name: digits, limit: 200}\narchitecture: {hidden: [16]}\ntraining: {epochs: 3}\n"
PLUGIN = '''from __future__ import annotations

from typing import Any

from dnnlab.registry import part


@part("activation", source="a test", example={"mode": "fine"})
def sometimes(width: int, *, mode: str = "fine") -> Any:
    """The identity, or an error.

    mode: fine or fault.
    """
    from torch import nn

    class Sometimes(nn.Module):
        def forward(self, inputs: Any) -> Any:
            if mode == "fault":
                raise ValueError("no good")
            return inputs

    return Sometimes()
'''
FILES = {
    "small.yaml": SMALL,
    "wrong.yaml": (
        "data: digits\nactivation: relo\noptimizer: {name: sgd, learning_rate: 0.1, nesterow: true}\n"
    ),
    "misfit.yaml": (
        "data: digits\narchitecture: {name: sequential, layers: [max_pool, max_pool, max_pool, max_pool]}\n"
    ),
    "empty_cells.yaml": "data: {name: csv, path: holes.csv, target: price}\n",
    "holes.csv": "size,place,price\n1,north,10\n,south,20\n3,north,30\n" * 20,
    "table.csv": "size,place,price\n"
    + "".join(f"{i},{'north' if i % 3 else 'south'},{i * i}\n" for i in range(60)),
    "advice.yaml": (
        "data: {name: digits, limit: 200}\narchitecture: {hidden: {depth: 20, width: 16}}\nactivation: "
        "sigmoid\n"
    ),
    "no_progress.yaml": SMALL + "optimizer: {name: sgd, lr: 1.0e-7}\n",
    "diverging.yaml": SMALL + "optimizer: {name: sgd, lr: 1.0e+30}\n",
    "sometimes.py": PLUGIN,
    "priced.yaml": (
        "data: {name: csv, path: table.csv, target: price, categorical: [place], target_scale: standardize}\n"
        "architecture: {hidden: [8]}\ntraining: {epochs: 3}\n"
    ),
    "rows.csv": "size,place\n1,north\n2,south\n3,west\n",
    "many.yaml": "data: digits\n" + "".join(f"key{i}: {i}\n" for i in range(50)),
    "six_epochs.yaml": (
        "base: small.yaml\ntraining: {epochs: 6}\nplugins: [sometimes.py]\noptimizer: {name: sgd, lr: 0.1}\n"
    ),
    "trials.yaml": (
        "base: six_epochs.yaml\n"
        "search:\n"
        "  optimizer.lr: {choice: [0.1, 0.05, 0.02, 1.0e-4, 1.0e-5, 1.0e-6, 1.0e+30]}\n"
        "  activation: {choice: [relu, {name: sometimes, mode: fault}]}\n"
        "sampler: grid\npruner: median\nworkers: 1\n"
    ),
    "stages.yaml": (
        "base: small.yaml\n"
        "search: {optimizer.lr: {log_uniform: [1.0e-4, 1.0]}}\n"
        "sampler: random\nworkers: 1\n"
        "stages:\n- {trials: 6, epochs: 1}\n- {zoom: 3, trials: 3, epochs: 2}\n- {keep: 2, epochs: 4}\n"
    ),
}
AN_EPOCH = r"/(5000|150) |[\r\n] {1,5}\d+ +\d\.\d"
"""A bar, or a row of the table of epochs."""
NAMED = {
    "priced": ["priced.yaml"],
    "good": ["small.yaml", "training.epochs=12", "optimizer.lr=0.01"],
    "early": ["small.yaml", "training.epochs=60", "optimizer.lr=0.05", "regularizers.early_stopping=1"],
    "stuck": ["no_progress.yaml", "training.epochs=10"],
    "overfitted": ["small.yaml", "data.limit=40", "architecture.hidden=[200,200]", "training.epochs=120"],
    "steep": ["small.yaml", "training.epochs=8", "optimizer={name: sgd, lr: 50}"],
}


RUN_WORDS = {*NAMED, "two", "interrupted", "running", "damaged", "trials", "stages", "runs", "compare"}


@dataclass(frozen=True)
class State:
    """A command line and what is to be seen of it."""

    words: str
    """The arguments, separated by blanks."""
    code: int = 0
    """The exit code."""
    keys: Keys = ()
    """What is typed, and after which text."""
    changes: bool = False
    """Whether it makes or changes files: then every look has a copy of the folder, and numbers may differ."""
    since: str = ""
    """A pattern: only the lines from the first match on are the same in a pipe."""
    has: str = ""
    """A text that must be there."""
    piped_code: int | None = None
    """The exit code in a pipe, if it is another one."""
    same: bool = True
    """Whether a pipe shows the same text."""
    coloured_alike: bool = True
    """Whether the text is the same in colours; a word that a colour replaces is not."""
    export: bool = False
    """Whether programs read it: then its lines have any width."""

    @property
    def needs_runs(self) -> bool:
        """Whether it shows or changes runs that are there already."""
        return bool(set(self.words.split()) & RUN_WORDS)


STATES = {
    "welcome": State("", has="dnnlab new first.yaml"),
    "version": State("--version"),
    "help": State("--help", has="Usage", same=False),
    "help train": State("train --help", has="Usage", same=False),
    "no such command": State("trian", 2),
    "no such option": State("train small.yaml --sead 3", 2),
    "list": State("list"),
    "list kind": State("list activation"),
    "list markdown": State("list schedule --format markdown", export=True),
    "list unknown": State("list optimizers", 2),
    "show part": State("show adam"),
    "show part with a table": State("show one_cycle"),
    "show ambiguous": State("show dropout", 2),
    "show unknown": State("show adamm", 2),
    "show template": State("show activation --template", export=True, same=False),
    "show config": State("show small.yaml regularizers.dropout=0.2 normalization=batch"),
    "show advice": State("show advice.yaml"),
    "show run": State("show good"),
    "show sweep": State("show trials", has="diverged"),
    "show stages": State("show stages"),
    "runs": State("runs"),
    "runs none": State("runs --where val_accuracy>2", has="none of"),
    "runs csv": State("runs --format csv", export=True),
    "compare all": State("compare"),
    "compare two": State("compare good early"),
    "compare groups": State("compare --where name~two --no-group"),
    "compare welch": State("compare --where name~two"),
    "compare reach": State("compare --reach val_accuracy=0.5"),
    "compare tables": State("compare good priced", has="not comparable"),
    "compare unknown": State("compare nothing_of_this_name", 2),
    "doctor fine": State("doctor good"),
    "doctor all": State("doctor good --all"),
    "doctor critical": State("doctor stuck", has="CRITICAL"),
    "doctor warning": State("doctor overfitted", has="warning"),
    "doctor steep": State("doctor steep --all"),
    "doctor fail-on": State("doctor stuck --fail-on warning", 1),
    "doctor damaged": State("doctor damaged"),
    "doctor interrupted": State("doctor interrupted"),
    "watch over": State("watch good", coloured_alike=False),
    "watch interrupted": State("watch interrupted --once", coloured_alike=False),
    "watch live": State("watch running", keys=[("Ctrl-C leaves", INTERRUPT)], same=False, has="epoch"),
    "evaluate": State("evaluate good", changes=True, has="test"),
    "evaluate train": State("evaluate good --split train", changes=True),
    "predict": State("predict good rows.csv", 2),
    "evaluate numbers": State("evaluate priced", changes=True, has="rmse"),
    "predict numbers": State("predict priced rows.csv", changes=True, has="west"),
    "doctor installation": State("doctor", has="python"),
    "check static": State("check small.yaml --static", changes=True, has="passed"),
    "check wrong": State("check wrong.yaml --static", 1, changes=True, has="FAIL"),
    "check misfit": State("check misfit.yaml --static", 1, changes=True, has="FAIL"),
    "check advice": State("check advice.yaml --static", changes=True, has="warn"),
    "check strict": State("check advice.yaml --static --strict", 1, changes=True),
    "check": State("check small.yaml optimizer.lr=0.01", changes=True, has="skip"),
    "check fail": State("check small.yaml initializer=zeros", 1, changes=True, has="FAIL"),
    "lr-find": State("lr-find small.yaml --steps 200", changes=True, has="Geron"),
    "lr-find nothing": State((
        "lr-find small.yaml --from 1e-9 "
        "--to 1e-8 --steps 60"
    ), 1, changes=True, same=False),
    "new": State("new first.yaml", changes=True, has="wrote"),
    "new table": State("new mine.yaml --data table.csv --target price", changes=True),
    "new sweep": State("new lr.yaml --like learning_rate", changes=True, has="which it reads"),
    "new taken": State("new small.yaml", 2),
    "schema": State("schema --out schema.json", changes=True),
    "report": State("report good", changes=True, has="report.html"),
    "plot": State("plot good loss --out loss.png", changes=True),
    "plot part": State("plot schedule.cosine --out cosine.png", changes=True),
    "plot nothing": State("plot good", 2),
    "remove no": State("remove good", keys=[(r"\[y/N\]", "n\n")], same=False, has="nothing was removed", changes=True, piped_code=2),
    "remove yes": State("remove good early", keys=[(r"\[y/N\]", "y\n")], same=False, has="removed", changes=True, piped_code=2),
    "remove at once": State("remove good --yes", changes=True),
    "train": State("train small.yaml", changes=True, has="done after 3 epochs"),
    "train run": State("train good training.epochs=2", changes=True),
    "train advice": State("train advice.yaml training.epochs=2", changes=True, has="warning"),
    "train early": State((
        "train small.yaml training.epochs=60 "
        "optimizer.lr=0.05 regularizers.early_stopping=1"
    ), changes=True),
    "train quiet": State("train small.yaml --quiet", changes=True),
    "train json": State("train small.yaml --json", changes=True, same=False, has='"status"', export=True),
    "train diverged": State("train diverging.yaml", 3, changes=True, has="diverged"),
    "train seeds": State("train small.yaml --seeds 2", changes=True, since=r"^ 2 seeds", has="±"),
    "train interrupted": State(
        "train small.yaml training.epochs=5000", 130, keys=[(AN_EPOCH, INTERRUPT)], changes=True, same=False,
        has="dnnlab resume",
    ),
    "train wrong": State("train wrong.yaml", 2, has="3 problems"),
    "train many problems": State("train many.yaml", 2, has="and 30 more problems"),
    "train misfit": State("train misfit.yaml", 2),
    "train empty cells": State("train empty_cells.yaml", 2, has="missing: median"),
    "train no file": State("train nothing.yaml", 2),
    "train wrong override": State("train small.yaml optimizer.lr=fast", 2),
    "resume": State("resume interrupted", changes=True, since=r"^ done after 150 epochs", has="resumed"),
    "resume more": State("resume good --epochs 14", changes=True, has="done after 14 epochs"),
    "resume over": State("resume good", 2),
    "resume unknown": State("resume nothing_of_this_name", 2),
    "sweep": State(
        "sweep trials.yaml", changes=True, since=r"^ \S+: done; 14 trials", has="pruned",
    ),
    "sweep stages": State("sweep stages.yaml", changes=True, since=r"^ \S+: done; 11 trials"),
    "sweep vary": State(
        (
            "sweep small.yaml --vary "
            "optimizer.lr=0.1,0.01,1e-6 --workers 2"
        ), changes=True, since=r"^ \S+: done; 3 trials"
    ),
    "sweep none": State(
        (
            "sweep small.yaml plugins=[sometimes.py] activation=sometimes activation.mode=fault --vary "
            "optimizer.lr=0.1,0.01 --workers 1"
        ),
        1, changes=True, has="no good", since=r"^ \S+: (failed|done); ",
    ),
    "sweep wrong": State("sweep small.yaml --vary optimizer.learning=0.1,0.01", 2),
    "sweep over": State("resume trials", 2),
    "sweep failed again": State((
        "resume trials "
        "--retry-failed"
    ), 1, changes=True, since=r"^ 5 trials in a row"),
}  # fmt: skip


class States:
    """The folder, and the screens that commands leave in copies of it."""

    def __init__(self, terminals: Terminals, folder: Path) -> None:
        self.terminals, self.folder, self.copies = terminals, folder, 0
        folder.mkdir()
        for name, text in FILES.items():
            (folder / name).write_text(text)

    def fill(self) -> None:
        """Make the runs and sweeps."""
        for name, words in NAMED.items():
            self.made("train", *words, f"name={name}")
        for activation in ("relu", "elu"):
            self.made("train", "small.yaml", "name=two", f"activation={activation}", "--seeds", 2)
        longer = ["train", "small.yaml", "training.epochs=150", "name=interrupted"]
        self.terminals.see(longer, self.folder, keys=[(AN_EPOCH, INTERRUPT)])
        self.made("sweep", "trials.yaml")
        self.made("sweep", "stages.yaml")
        make_run(self.folder / "runs", name="running", status="running")
        damaged = make_run(self.folder / "runs", name="damaged", number=1)
        (damaged / "metrics.jsonl").write_text('{"epoch": 1, "step": 10, "train_lo')

    def made(self, *words: object) -> None:
        """Run a command that must succeed."""
        seen = self.terminals.see(words, self.folder, piped=True)
        assert seen.code == 0, f"{words}: exit {seen.code}\n{seen.text}"

    def look(self, state: State, columns: int = 80, *, piped: bool = False, **environment: str) -> Seen:
        """The screen of a state; of one that changes files in a copy of the folder, which is removed
        again.
        """
        folder = self.folder
        if state.changes:
            self.copies += 1
            folder = self.folder.with_name(f"copy{self.copies:03d}")
            shutil.copytree(self.folder, folder, symlinks=True)
        try:
            keys = [key for key in state.keys if not piped or key[1] == INTERRUPT]
            words = state.words.split(" ") if state.words else []
            seen = self.terminals.see(words, folder, columns, piped=piped, keys=keys, **environment)
        finally:
            if state.changes:
                shutil.rmtree(folder)
        return Seen(seen.code, seen.text.replace(str(folder), str(self.folder)), columns, piped)


def told(seen: Seen, state: State) -> str:
    """What a screen says, without blanks and line ends, rows of epochs and trials, and what differs from run
    to run.
    """
    lines = ESCAPES.sub("", "\n".join(seen.screen)).split("\n")
    names = set(re.findall(r"\d{8}-\d{6}-[\w-]*?-([0-9a-f]{6})", "".join("".join(lines).split())))
    if state.since:
        first = next((i for i, line in enumerate(lines) if re.match(state.since, line)), 0)
        lines = lines[first:]
    row = re.compile(r"( +epoch +(train_)?loss|epoch \d+/\d+|  +\d+ +[\d.]+ |  +\d+  +\d+ )")
    if state.words.startswith(("train", "resume")):
        lines = [line for line in lines if not row.match(line)]
    text = "".join("".join(lines).split())
    for name in names:
        text = text.replace(name, "DIGITS")
    text = re.sub(r"\d{8}-\d{6}", "TIME", text)
    return (
        re.sub(r"\d[\d.,]*(e[+-]\d+)?", "#", text)
        if state.changes
        else re.sub(r"\d+(s|min|h|d)\b", "#", text)
    )
