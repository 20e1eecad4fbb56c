"""Take the weights of a source into a net, layer by layer: what fits is taken, what conflicts is refused."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING, Any

from ...config import Config
from ...config.sections import Reuse
from ...data.prepare.facts import DataFacts, facts_of
from ...errors import ConfigError, Problem, UsageError
from ...lazy_torch import torch
from ...weights.names import renamed
from ..network.conv_shapes import times
from ..network.per_layer import unmatched
from .source import WeightSource, read_source

if TYPE_CHECKING:
    from ...data.prepare.prepared_data import Prepared
    from ..network.net import Network

OUTPUT = "output"
Tensors = Mapping[str, "torch.Tensor"]


@dataclass(frozen=True)
class LayerFate:
    """What became of one layer of the new net, or of a layer that the source alone has."""

    layer: str
    numbers: int
    """Its parameters."""
    taken: bool = False
    why: str = ""
    """Why it was not taken."""
    frozen: bool = False
    """Whether it never learns."""
    stage: int = 0
    """The item of `unfreeze` (from 1) with which it begins to learn; 0: from the start, or never."""


@dataclass(frozen=True)
class Reused:
    """What a net took over."""

    source: WeightSource
    layers: tuple[LayerFate, ...]
    """The layers of the new net, in order."""
    left: tuple[LayerFate, ...]
    """The layers of the source that were not taken."""
    tensors: Tensors = field(repr=False)
    """The tensors that were taken, under the names of the new net."""

    def json(self) -> dict[str, Any]:
        """The content of reuse.json."""
        fates = self.layers
        sums = {
            "taken": sum(f.numbers for f in fates if f.taken),
            "new": sum(f.numbers for f in fates if not f.taken),
            "left": sum(f.numbers for f in self.left),
            "frozen": sum(f.numbers for f in fates if f.frozen),
            "learn_later": sum(f.numbers for f in fates if f.stage),
            "trained": sum(f.numbers for f in fates if not f.frozen),
        }
        return {
            "source": self.source.described,
            "layers": [asdict(fate) for fate in fates],
            "left": [{"layer": f.layer, "numbers": f.numbers, "why": f.why} for f in self.left],
            "numbers": sums,
            "lineage": [self.source.described, *self.source.lineage],
            "notes": list(self.source.notes),
        }


def reuse_weights(config: Config, network: Network, data: Prepared) -> Reused | None:
    """Take the weights at the config's source into a net; None if there is no source.

    Raises `ConfigError` as `read_source` and `take_over`.
    """
    source = read_source(config)
    return None if source is None else take_over(config, network, data, source)


def take_over(config: Config, network: Network, data: Prepared, source: WeightSource) -> Reused | None:
    """Load the layers of a source that `reuse` asks for into a net; None if it asks for nothing.

    Raises `ConfigError` for a pattern that finds no layer in one of the nets, for shapes and layouts that
    conflict, for inputs with another meaning, and if nothing would be taken.
    """
    reuse, facts = config.experiment.reuse, facts_of(data)
    if reuse is None:
        return None
    ours = by_layer(network.net.state_dict(), network)
    names = our_names(source, reuse)
    theirs = by_layer({names[name]: tensor for name, tensor in source.tensors.items()}, network)
    check_pattern(reuse, ours, theirs, source)
    parameters = {name for name, _ in network.net.named_parameters()}
    fates: list[LayerFate] = []
    taken: dict[str, torch.Tensor] = {}
    for layer, here in ours.items():
        why = _why_not(layer, here, theirs.get(layer), reuse, facts, source)
        if not why:
            taken |= _fitting(layer, here, theirs[layer], facts, source)
        numbers = sum(t.numel() for name, t in here.items() if name in parameters)
        choice = network.choices(layer)
        fates.append(LayerFate(layer, numbers, not why, why, choice.frozen, choice.stage))
    _check_taken(fates, source)
    _check_columns(fates, data.feature_names, source)
    network.net.load_state_dict(taken, strict=False)
    source = replace(source, notes=(*source.notes, *odd_settings(network, source, names)))
    return Reused(source, tuple(fates), tuple(_left(ours, theirs, fates)), taken)


def by_layer(tensors: Tensors, network: Network) -> dict[str, dict[str, torch.Tensor]]:
    """Layer -> its tensors by their whole names.

    A tensor belongs to the layer of the net whose name its own begins with; others to the module they name.
    """
    layers = dict.fromkeys(entry.layer for entry in network.table.entries.values())
    found: dict[str, dict[str, torch.Tensor]] = {}
    for name, tensor in tensors.items():
        pieces = name.split(".")
        stems = [".".join(pieces[:n]) for n in range(len(pieces), 0, -1)]
        layer = next((stem for stem in stems if stem in layers), ".".join(pieces[:-1]) or name)
        found.setdefault(layer, {})[name] = tensor
    return found


def our_names(source: WeightSource, reuse: Reuse) -> dict[str, str]:
    """Name of each tensor in the source -> its name here, by `map`. Raises `ConfigError`."""
    try:
        return renamed(source.tensors, {pattern.text: ours for pattern, ours in reuse.map.items()})
    except UsageError as error:
        fix = 'map: {"dense_(.*)": "hidden\\1"}'
        raise ConfigError(*(replace(p, path="reuse.map", fix=fix) for p in error.problems)) from None


def odd_settings(network: Network, source: WeightSource, names: Mapping[str, str]) -> Iterator[str]:
    """Notes on settings of normalizations that the file has otherwise than the net.

    names: of the tensors, there and here.
    """
    modules = dict(network.net.named_modules())
    layers = {there.rpartition(".")[0]: here.rpartition(".")[0] for there, here in names.items()}
    for layer, here in layers.items():
        eps, ours = source.facts.get(layer, {}).get("eps"), getattr(modules.get(here), "eps", None)
        if eps is not None and ours is not None and not math.isclose(eps, ours, rel_tol=1e-3):
            yield f"{here}: eps is {eps:g} in {source.name} and {ours:g} here; answers differ a little"


def check_pattern(
    reuse: Reuse, ours: Mapping[str, Any], theirs: Mapping[str, Any], source: WeightSource
) -> None:
    """Raise `ConfigError` if `reuse.layers` finds no layer in one of the nets."""
    if reuse.layers is None:
        return
    for layers, of in ((ours, ""), (theirs, f" of {source.name}")):
        if not any(reuse.layers.matches(layer) for layer in layers):
            raise ConfigError(unmatched(reuse.layers, list(layers), "reuse.layers", of))


def _why_not(
    layer: str,
    here: Tensors,
    there: Tensors | None,
    reuse: Reuse,
    facts: DataFacts,
    source: WeightSource,
) -> str:
    """Why a layer is not taken; "" if it is."""
    if reuse.layers is not None and not reuse.layers.matches(layer):
        return "not asked for"
    if there is None:
        return f"{source.name} has no such layer"
    return _other_outputs(here, there, facts, source) if layer == OUTPUT else ""


def _other_outputs(here: Tensors, there: Tensors, facts: DataFacts, source: WeightSource) -> str:
    """Why the output layer begins anew; "" if both nets answer the same question."""
    known = source.data
    if known is not None and known.names and facts.names:
        ours, theirs = facts.names, known.names
        word = "targets" if facts.target == "real" else "classes"
        if len(ours) != len(theirs):
            return f"{len(theirs)} {word} there, {len(ours)} here"
        if ours != theirs:
            first = next(name for name, other in zip(theirs, ours, strict=True) if name != other)
            return f"other {word} ({first} there)"
        if known.target != facts.target:
            return f"other {word}"
    odd = [name for name, t in here.items() if name in there and there[name].shape != t.shape]
    return f"{_shape(there[odd[0]])} there, {_shape(here[odd[0]])} here" if odd else ""


def _fitting(
    layer: str, here: Tensors, there: Tensors, facts: DataFacts, source: WeightSource
) -> dict[str, torch.Tensor]:
    """The tensors of a layer. Raises `ConfigError` if they do not fit."""
    counters = {name for name, tensor in here.items() if not tensor.is_floating_point()}
    odd = sorted((here.keys() ^ there.keys()) - counters)
    if odd:
        side = "this net" if odd[0] in here else source.name
        text = f"{layer}: only {side} has {odd[0]}"
        raise ConfigError(_conflict(text, "expected the same parts in both layers", layer))
    for name, tensor in here.items():
        if name in there and there[name].shape != tensor.shape:
            text = f"{name} is {_shape(there[name])} in {source.name} and {_shape(tensor)} here"
            raise ConfigError(_conflict(text + _inputs(facts, source), "expected equal shapes", layer))
        if name in there and not bool(there[name].isfinite().all()):
            text = f"{name} of {source.name} holds numbers that are not finite"
            raise ConfigError(Problem(text, "expected sound weights", "", "reuse.from", code="not_finite"))
    return {name: there[name] for name in here if name in there}


def _inputs(facts: DataFacts, source: WeightSource) -> str:
    """The inputs of both nets, if they differ."""
    shape = None if source.data is None else source.data.in_shape
    if shape is None or tuple(shape) == facts.in_shape:
        return ""
    return f"; its inputs were {times(shape)}, these are {times(facts.in_shape)}"


def _conflict(text: str, expected: str, layer: str) -> Problem:
    fix = f"leave it out: reuse: {{layers: (?!{re.escape(layer)}$).*}}"
    return Problem(text, expected, fix, "reuse.layers", code="reuse_conflict")


def _check_taken(fates: Sequence[LayerFate], source: WeightSource) -> None:
    if any(fate.taken for fate in fates):
        return
    reasons = "; ".join(f"{fate.layer}: {fate.why}" for fate in fates[:5])
    text = f"nothing of {source.name} would be taken ({reasons})"
    fix = 'name the layers: reuse: {map: {"their_(.*)": "hidden\\1"}}'
    raise ConfigError(Problem(text, "expected a layer that both nets have", fix, "reuse", code="no_effect"))


def _check_columns(fates: Sequence[LayerFate], columns: Sequence[str], source: WeightSource) -> None:
    """Raise `ConfigError` if the first layer would get other columns than those it learned from."""
    theirs = () if source.data is None else tuple(source.data.content.get("columns") or ())
    if not theirs or not columns or theirs == tuple(columns) or not fates[0].taken:
        return
    odd = next((name for name in theirs if name not in columns), "another order")
    text = f"{source.name} learned from other columns ({odd})"
    fix = f"take the same columns, or leave {fates[0].layer} out: reuse: {{layers: ...}}"
    raise ConfigError(
        Problem(text, f"expected {', '.join(theirs[:8])}", fix, "reuse.from", code="reuse_inputs")
    )


def _left(
    ours: Mapping[str, Any], theirs: Mapping[str, Tensors], fates: Sequence[LayerFate]
) -> Iterator[LayerFate]:
    """The layers of the source that were not taken, with the reason."""
    fate_of = {fate.layer: fate for fate in fates}
    for layer, tensors in theirs.items():
        fate = fate_of.get(layer)
        if fate is None or not fate.taken:
            numbers = sum(t.numel() for t in tensors.values() if t.is_floating_point())
            yield LayerFate(layer, numbers, why="this net has no such layer" if fate is None else fate.why)


def _shape(tensor: torch.Tensor) -> str:
    return times(tuple(tensor.shape)) or "one number"
