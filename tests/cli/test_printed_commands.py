"""Every command that a screen proposes can be typed as it stands there."""

from __future__ import annotations

import re
import shlex
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from helpers.pseudo_terminal import INTERRUPT, Terminals
from helpers.screen_states import STATES, States

pytest.importorskip("pty")
COMMAND = re.compile(r"`(dnnlab [^`]+)`|(?:^|\s{2,})(dnnlab [a-z].*?)(?=\s{3,}|$)", re.M)
"""In backticks, or alone in its columns."""
PLACEHOLDER = re.compile(r"\b(RUN|CONFIG|FILE|KEY|VALUE|OUT|KIND|NAME)\b|\.\.\.|…|<|>")
USUAL = {0, 1, 3}
"""A check may fail and a training may diverge; 2 would be a command that nobody can type."""
PROPOSING = sorted(
    {"train", "train diverged", "train early", "train interrupted", "train seeds", "show run", "show sweep"}
    | {"show part", "compare two", "compare tables", "doctor critical", "doctor warning", "doctor steep"}
    | {"doctor installation", "check advice", "check fail", "lr-find", "new", "new sweep", "new table"}
    | {"report", "runs", "evaluate"}
)
"""States whose screens propose something."""


@pytest.fixture(scope="module")
def states(tmp_path_factory: pytest.TempPathFactory) -> Iterator[States]:
    """The folder with runs and sweeps."""
    with Terminals() as terminals:
        found = States(terminals, tmp_path_factory.mktemp("filled") / "work")
        found.fill()
        yield found


def proposed(text: str) -> list[str]:
    """The commands on a screen, in their order; those with a word to be replaced are no whole commands."""
    found = (" ".join((one or other).split()) for one, other in COMMAND.findall(text))
    return [command for command in dict.fromkeys(found) if not PLACEHOLDER.search(command)]


def test_the_commands_of_a_screen() -> None:
    text = " next     dnnlab report 7f3a1c        dnnlab train 7f3a1c a=b\n          dnnlab runs\n run  x\n"
    text += " no such run; `dnnlab list activation` shows them; `dnnlab evaluate RUN`\n"
    assert proposed(text) == [
        "dnnlab report 7f3a1c",
        "dnnlab train 7f3a1c a=b",
        "dnnlab runs",
        "dnnlab list activation",
    ]


@pytest.mark.slow
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("name", PROPOSING)
def test_what_a_screen_proposes_can_be_typed(states: States, tmp_path: Path, name: str) -> None:
    state, folder = STATES[name], tmp_path / "work"
    shutil.copytree(states.folder, folder, symlinks=True)
    keys = [key for key in state.keys if key[1] == INTERRUPT]
    seen = states.terminals.see(state.words.split(), folder, piped=True, keys=keys)
    commands = proposed(seen.text)
    assert commands, seen.text
    for command in commands:
        done = states.terminals.see(shlex.split(command)[1:], folder, piped=True, timeout=300.0)
        where = f"{command}, proposed by `dnnlab {state.words}`:\n{done.text}"
        assert done.code in USUAL and "this is a bug" not in done.text, where
        assert "Traceback" not in done.text, where
