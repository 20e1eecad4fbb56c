"""Every command and every state of its screen, as a person sees it: in real terminals of three widths, with
colours and
without, in a dumb one, and in a pipe."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from helpers.pseudo_terminal import COLOURS, Seen, Terminals
from helpers.screen_states import STATES, State, States, told

pytest.importorskip("pty")
CORE = {"welcome", "list kind", "show config", "check wrong", "train", "train wrong", "no such option"}
"""The states that the fast tests see; they need no runs."""
LOOKS: dict[str, tuple[int, dict[str, str]]] = {
    "colours 60": (60, {}),
    "colours 80": (80, {}),
    "colours 120": (120, {}),
    "dumb": (80, {"TERM": "dumb"}),
    "NO_COLOR": (80, {"NO_COLOR": "1"}),
}


@pytest.fixture(scope="module")
def terminals() -> Iterator[Terminals]:
    with Terminals() as server:
        yield server


@pytest.fixture(scope="module")
def plain(terminals: Terminals, tmp_path_factory: pytest.TempPathFactory) -> States:
    """The folder without runs."""
    return States(terminals, tmp_path_factory.mktemp("plain") / "work")


@pytest.fixture(scope="module")
def filled(terminals: Terminals, tmp_path_factory: pytest.TempPathFactory) -> States:
    """The folder with runs and sweeps."""
    states = States(terminals, tmp_path_factory.mktemp("filled") / "work")
    states.fill()
    return states


def check_one(seen: Seen, state: State, piped: Seen, name: str) -> None:
    """What holds for every screen."""
    where = f"{name}, dnnlab {state.words}\n{seen.text}"
    assert seen.code == state.code, where
    assert "Traceback" not in seen.text and "this is a bug" not in seen.text, where
    assert state.has in " ".join(" ".join(seen.screen).split()), where
    assert state.export or not seen.wide, f"wider than {seen.columns}: {seen.wide}\n{where}"
    if not name.startswith("colours"):
        assert not COLOURS.search(seen.text), where
    if name == "dumb":
        assert "\x1b" not in seen.text and "\r" not in seen.text, where
    if state.same and (state.coloured_alike or not name.startswith("colours")):
        assert told(seen, state) == told(piped, state), f"not as in a pipe:\n{piped.text}\n{where}"


def check(states: States, state: State, widths: tuple[int, ...] = (60, 80, 120)) -> None:
    """Look at a state in every way, at these widths."""
    for columns in widths:
        piped = states.look(state, columns, piped=True)
        wanted = state.code if state.piped_code is None else state.piped_code
        if wanted >= 0:
            assert piped.code == wanted, piped.text
        assert "\x1b" not in piped.text and "\r" not in piped.text and "Traceback" not in piped.text, (
            piped.text
        )
        for name, (width, environment) in LOOKS.items():
            if width == columns:
                check_one(states.look(state, columns, **environment), state, piped, name)


@pytest.mark.parametrize("name", sorted(CORE))
def test_narrow_screens_that_need_no_runs(plain: States, name: str) -> None:
    check(plain, STATES[name], widths=(60,))


@pytest.mark.slow
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("name", sorted(STATES))
def test_every_screen(request: pytest.FixtureRequest, name: str) -> None:
    state = STATES[name]
    check(request.getfixturevalue("filled" if state.needs_runs else "plain"), state)
