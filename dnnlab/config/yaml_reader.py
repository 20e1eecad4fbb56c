"""YAML text to a tree with positions.

Duplicate keys, merge keys, tags, too many aliases and second documents are refused.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from yaml.composer import Composer
from yaml.parser import Parser
from yaml.reader import Reader, ReaderError
from yaml.scanner import Scanner

from ..errors import Problem
from ..registry import address, show
from ..surrogates import joined
from .tree import Node, Place, Step
from .yaml_errors import control_character, explain
from .yaml_scalars import scalar

LARGEST_TREE = 10_000
"""Values; an alias counts as often as it is used."""
_TEXT, _PLAIN = "text", "plain"
_STANDARD = "tag:yaml.org,2002:"
_RULES = {  # code -> expected, fix
    "yaml_documents": ("expected one document in a file", "put it into a file of its own"),
    "yaml_alias": ("expected a config", "write the values out, or share them with `base:`"),
    "yaml_merge": ("YAML 1.2 has no merge keys", "write the keys out, or share them with `base:`"),
    "yaml_duplicate": ("expected one value for a key", "remove one"),
    "yaml_tag": ("expected plain values", "remove the tag"),
    "yaml_key": ("expected `key: value`", "write a word as key"),
    "yaml_number": ("expected a number with fewer digits", ""),
    "yaml_surrogate": ("expected whole characters", "write the character itself in place of its escape"),
}


class _Loader(Reader, Scanner, Parser, Composer):
    """PyYAML's parser without the scalars of YAML 1.1: the tag only says whether a scalar was quoted."""

    def __init__(self, text: str) -> None:
        Reader.__init__(self, text)
        Scanner.__init__(self)
        Parser.__init__(self)
        Composer.__init__(self)

    def resolve(self, kind: type, value: Any, implicit: Any) -> str:
        return _PLAIN if kind is yaml.ScalarNode and implicit[0] else _TEXT

    def descend_resolver(self, *_: Any) -> None:
        """Do nothing: the path does not change the meaning of a scalar."""

    def ascend_resolver(self) -> None:
        """Do nothing, see `descend_resolver`."""


def read_yaml(
    text: str, file: str | None = None, folder: Path | None = None
) -> tuple[Node | None, list[Problem]]:
    """The tree of a YAML text and its problems; no tree if the text cannot be read.

    file: the name for positions, None for a value from the command line. folder: that of its relative paths.
    """
    text = text.removeprefix("\ufeff")
    try:
        loader = _Loader(text)
        document = _only_document(loader)
    except ReaderError as error:
        return None, [control_character(error, text, file)]
    except yaml.MarkedYAMLError as error:
        return None, [explain(error, text, file)]
    except RecursionError:
        return None, [
            Problem(
                "values are nested too deeply", "expected a config of a few levels", file=file, code="yaml"
            )
        ]
    if isinstance(document, Problem):
        return None, [document.at(file, document.line, document.column)]
    if document is None:
        return Node(None, Place(file, None, None, folder)), []
    reading = _Reading(file, folder)
    try:
        return reading.node(document, None, ()), reading.problems
    except _TooLargeError as error:
        return None, [*reading.problems, error.problem]


def _only_document(loader: Any) -> Any:  # the stubs of PyYAML leave its methods without types
    loader.get_event()  # the start of the stream
    if loader.check_event(yaml.StreamEndEvent):
        return None
    document = loader.compose_document()
    if not loader.check_event(yaml.StreamEndEvent):
        mark = loader.peek_event().start_mark
        problem = Problem("a second document starts here", *_RULES["yaml_documents"], code="yaml_documents")
        return problem.at(None, mark.line + 1, mark.column + 1)
    return document


class _TooLargeError(Exception):
    def __init__(self, problem: Problem) -> None:
        super().__init__(str(problem))
        self.problem = problem


@dataclass
class _Reading:
    """The conversion of one text from PyYAML's nodes to ours."""

    file: str | None
    """The name of the file in positions."""
    folder: Path | None
    """The folder of relative paths."""
    problems: list[Problem] = field(default_factory=list)
    """The problems found so far."""
    count: int = 0
    """The values so far."""
    open: set[int] = field(default_factory=set)
    """The nodes that are being converted; one of them inside itself is an endless alias."""

    def node(self, source: Any, key: Any, path: tuple[Step, ...]) -> Node:
        """Our node for one of PyYAML's; its position is that of `key`, if it has one."""
        self.count += 1
        place = self.place((key or source).start_mark)
        if self.count > LARGEST_TREE or id(source) in self.open:
            text = (
                "an alias inside its own anchor"
                if id(source) in self.open
                else f"more than {LARGEST_TREE:,} values"
            )
            raise _TooLargeError(
                self.problem(place, path, f"{text} (aliases count as often as they are used)", "yaml_alias")
            )
        self.open.add(id(source))
        value = self.value(source, path, place)
        self.open.discard(id(source))
        number = isinstance(value, int | float) and not isinstance(value, bool)
        return Node(value, place, typed=source.value if number else "")

    def value(self, source: Any, path: tuple[Step, ...], place: Place) -> Any:
        if isinstance(source, yaml.MappingNode):
            self.tag(source, ("map",), path)
            return self.mapping(source, path)
        if isinstance(source, yaml.SequenceNode):
            self.tag(source, ("seq",), path)
            return [self.node(item, None, (*path, i)) for i, item in enumerate(source.value)]
        self.tag(source, ("str",), path)
        if source.tag in (_TEXT, _STANDARD + "str"):
            return self.text(source.value, path, place)
        try:
            return scalar(source.value)
        except ValueError:
            self.problems.append(self.problem(place, path, f"received {show(source.value)}", "yaml_number"))
            return 0

    def text(self, value: str, path: tuple[Step, ...], place: Place) -> str:
        found = joined(value)
        if found is None:
            received = f"received {show(value)}, which holds half a character"
            self.problems.append(self.problem(place, path, received, "yaml_surrogate"))
        return found or ""

    def mapping(self, source: Any, path: tuple[Step, ...]) -> dict[str, Node]:
        found: dict[str, Node] = {}
        for key, value in source.value:
            place = self.place(key.start_mark)
            if not isinstance(key, yaml.ScalarNode) or (
                key.tag == _PLAIN and scalar_or_text(key.value) is None
            ):
                self.problems.append(self.problem(place, path, "a key that is not a word", "yaml_key"))
            elif key.tag == _PLAIN and key.value == "<<":
                self.problems.append(self.problem(place, path, "received a merge key `<<`", "yaml_merge"))
            elif key.value in found:
                first = found[key.value].place.line
                text = f"the key is written twice (first in line {first})"
                self.problems.append(self.problem(place, (*path, key.value), text, "yaml_duplicate"))
            else:
                name = self.text(key.value, path, place)
                found[name] = self.node(value, key, (*path, name))
        return found

    def tag(self, source: Any, known: tuple[str, ...], path: tuple[Step, ...]) -> None:
        if source.tag not in (_TEXT, _PLAIN, *(_STANDARD + word for word in known)):
            word = source.tag.replace(_STANDARD, "!!")
            place = self.place(source.start_mark)
            self.problems.append(self.problem(place, path, f"the tag {word} is unknown here", "yaml_tag"))

    def place(self, mark: Any) -> Place:
        return (
            Place(self.file, mark.line + 1, mark.column + 1, self.folder)
            if self.file
            else Place(folder=self.folder)
        )

    def problem(self, place: Place, path: tuple[Step, ...], received: str, code: str) -> Problem:
        expected, fix = _RULES[code]
        return place.locate(Problem(received, expected, fix, address(path), code=code))


def scalar_or_text(text: str) -> Any:
    """The value of a scalar; a number with too many digits stays a text."""
    try:
        return scalar(text)
    except ValueError:
        return text
