"""Their names to ours, by patterns."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from ..errors import Problem, UsageError


def renamed(names: Iterable[str], patterns: Mapping[str, str]) -> dict[str, str]:
    r"""Name in the file -> our name: `{"d_(.*)": "hidden\1"}` makes `hidden2.weight` of `d_2.weight`.

    A pattern has to fit the whole name of the layer, which is all before the last dot; the first that fits
    holds. Raises `UsageError` for a pattern or replacement that is none, for a pattern that fits no layer,
    and for two arrays that get one name.
    """
    compiled = [(text, _compiled(text), replacement) for text, replacement in patterns.items()]
    idle, found, taken = dict.fromkeys(patterns), dict[str, str](), dict[str, str]()
    for name in names:
        layer, dot, kind = name.rpartition(".")
        for text, pattern, replacement in compiled:
            match = pattern.fullmatch(layer)
            if match is not None:
                layer = _expanded(match, replacement, text)
                idle.pop(text, None)
                break
        ours = layer + dot + kind
        if ours in taken:
            raise _refused(f"{taken[ours]} and {name} would both become {ours}", "expected a name for each")
        taken[ours], found[name] = name, ours
    if idle:
        layers = ", ".join(dict.fromkeys(name.rpartition(".")[0] for name in found))
        raise _refused(
            f'the pattern "{next(iter(idle))}" fits no layer', f"expected one that fits one of {layers}"
        )
    return found


def _compiled(text: str) -> re.Pattern[str]:
    try:
        return re.compile(text)
    except re.error as error:
        raise _refused(f'"{text}" is no pattern ({error})', "expected a regular expression") from None


def _expanded(match: re.Match[str], replacement: str, text: str) -> str:
    try:
        return match.expand(replacement)
    except (re.error, IndexError) as error:
        received = f'"{replacement}" is no replacement for "{text}" ({error})'
        raise _refused(received, "expected groups of the pattern") from None


def _refused(received: str, expected: str) -> UsageError:
    fix = r"--map 'dense_(.*)=hidden\1'"
    return UsageError(Problem(received, expected, fix, "--map", code="pattern"))
