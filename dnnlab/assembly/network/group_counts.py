"""Group counts that do not divide a layer's channels.

The problem is raised when the whole net is known, with a count that suits every layer.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from ...errors import ConfigError, Problem, error_path
from ...registry import Bound
from .without_torch import tried


class NormalizationPlace(NamedTuple):
    """A normalization of one layer."""

    part: Bound
    channels: int
    spatial: int
    """Axes of images: 2; 0 for rows of numbers."""
    address: str
    """Where the normalization is written in the config."""


@dataclass
class Divisions:
    """The normalizations of a net, and the problems of those that could not be built."""

    places: list[NormalizationPlace] = field(default_factory=list)
    failed: list[tuple[NormalizationPlace, Problem]] = field(default_factory=list)

    @contextmanager
    def normalizing(self, layer: str, place: NormalizationPlace) -> Iterator[None]:
        """A context to build the normalization of a layer in.

        A count that does not divide is kept for `check`; other problems are raised.
        """
        self.places.append(place)
        try:
            with error_path(place.address, of=layer):
                yield
        except ConfigError as error:
            if any(problem.code != "indivisible" for problem in error.problems):
                raise
            self.failed += [(place, problem) for problem in error.problems]

    def check(self) -> None:
        """Raise `ConfigError` for the first count that does not divide.

        Its fix is a count that suits all layers which share the setting.
        """
        for place, problem in self.failed[:1]:
            sharing = [other for other in self.places if other.address == place.address]
            key = problem.path.rpartition(".")[2]
            number = common(sharing, key)
            for_all = ", which suits every layer" if len({other.channels for other in sharing}) > 1 else ""
            raise ConfigError(
                problem if number is None else replace(problem, fix=f"write {key}: {number}{for_all}")
            )


def common(sharing: list[NormalizationPlace], key: str) -> int | None:
    """The count, nearest to the written one, that suits all layers; None if there is none."""
    part = sharing[0].part
    numbers = range(1, min(place.channels for place in sharing) + 1)
    for number in sorted(numbers, key=lambda n: abs(n - part.keys[key])):
        try:
            for place in sharing:
                tried(replace(part, keys={**part.keys, key: number}), place.channels, place.spatial)
        except ConfigError:
            continue
        return number
    return None
