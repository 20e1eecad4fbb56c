"""Searched values from the command line, `--vary optimizer.lr=1e-5..1e-1:log`, in the form of the YAML."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from ..config.address import parse_address
from ..config.yaml_reader import read_yaml
from ..errors import ConfigError, Problem, UsageError
from ..registry import show

_NUMBER = r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?"
_RANGE = re.compile(rf"({_NUMBER})\.\.({_NUMBER})((?::[^:]+)*)")
WORDS = {"log": "log_uniform", "int": "int", "log_int": "log_int", "uniform": "uniform"}
_FORMS = (
    "write optimizer.lr=1e-5..1e-1:log, training.batch_size=16..256:log_int, "
    "regularizers.dropout=0..0.5:0.1 or activation=relu,elu"
)


def read_vary(texts: Sequence[str]) -> tuple[dict[str, Any], bool]:
    """(the mapping `search`, whether it holds only lists, which make a grid).

    Raises one `UsageError` with all problems.
    """
    search: dict[str, Any] = {}
    problems: list[Problem] = []
    for text in texts:
        try:
            address, value = _read(text)
        except UsageError as error:
            problems += error.problems
            continue
        if address in search:
            problems.append(
                _problem(
                    text,
                    f"{address} is varied twice",
                    "expected each address once",
                    "put its values into one list",
                )
            )
        search[address] = value
    UsageError.raise_if_any(problems)
    return search, all("choice" in value for value in search.values())


def _read(text: str) -> tuple[str, dict[str, Any]]:
    address, sign, written = _parts(text)
    if not sign or not written:
        raise UsageError(
            _problem(text, f"--vary {show(text)}", "expected ADDRESS=LOW..HIGH or ADDRESS=A,B,C", _FORMS)
        )
    try:
        parse_address(address)
    except ConfigError as error:
        raise UsageError(*error.problems) from None
    found = _RANGE.fullmatch(written)
    return address, _choice(text, written) if found is None else _range(text, found)


def _parts(text: str) -> tuple[str, str, str]:
    """The address, the sign and the text after it; a sign in quotes belongs to the address."""
    at = next((i for i, c in enumerate(text) if c == "=" and text[:i].count('"') % 2 == 0), len(text))
    return text[:at], text[at : at + 1], text[at + 1 :]


def _range(text: str, found: re.Match[str]) -> dict[str, Any]:
    low, high = (_number(end) for end in found.group(1, 2))
    word, more = "uniform", {}
    for extra in found[3].split(":")[1:]:
        key, _, number = extra.rpartition("=")
        if extra in WORDS:
            word = WORDS[extra]
        elif key in ("", "step", "points") and re.fullmatch(_NUMBER, number):
            more[key or "step"] = _number(number)
        else:
            expected = "expected :log, :int, :log_int, :step=S or :points=N"
            raise UsageError(
                _problem(text, f"--vary {show(text)}: {extra} says nothing about a range", expected, _FORMS)
            )
    return {word: [low, high], **more}


def _choice(text: str, written: str) -> dict[str, Any]:
    node, problems = read_yaml(f"[{written}]")
    if problems or node is None or not node.sequence or not node.value:
        why = f": {problems[0].received}" if problems else ""
        raise UsageError(
            _problem(text, f"--vary {show(text)}{why}", "expected values with commas between them", _FORMS)
        )
    if ".." in written and len(node.value) == 1:
        raise UsageError(
            _problem(text, f"--vary {show(text)}: this is no range of numbers", "expected LOW..HIGH", _FORMS)
        )
    return {"choice": node.plain()}


def _number(text: str) -> float | int:
    return int(text) if re.fullmatch(r"[-+]?\d+", text) else float(text)


def _problem(text: str, received: str, expected: str, fix: str) -> Problem:
    return Problem(received, expected, fix, code="vary")
