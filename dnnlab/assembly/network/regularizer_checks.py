"""Whether penalties and constraints find weights in use that they can hold; no torch."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ...errors import ConfigError, Problem
from ...registry import Bound
from .per_layer import WEIGHT_KEYS, Choices

OF_WEIGHTS = frozenset({"l1", "l2", "l1_l2", "max_norm", "unit_norm", "non_negative"})


def check_held(
    choices: Choices,
    takes: Mapping[str, frozenset[str]],
    regularizers: Mapping[str, Bound],
    everywhere: frozenset[str],
) -> None:
    """Raise `ConfigError` for regularizers of weights that find none, or would hold another tensor than the weights in use.

    takes: the per-layer keys that can act in each layer. everywhere: the regularizers that act on layers
    without a number of their own.
    """
    weights = [layer for layer, keys in takes.items() if keys >= WEIGHT_KEYS]
    learning = [layer for layer in weights if not choices(layer).frozen]
    acts = {
        name: [layer for layer in learning if _strength(choices, layer, bound, name in everywhere)]
        for name, bound in regularizers.items()
        if name in OF_WEIGHTS
    }
    problems = [
        *(
            problem
            for name in acts
            if name in everywhere
            for problem in _idle(choices, regularizers[name], learning)
        ),
        *(
            problem
            for name, layers in acts.items()
            for problem in _not_in_use(choices, takes, regularizers[name], layers)
        ),
        *_undone(choices, acts),
    ]
    if problems:
        raise ConfigError(*problems)


def _strength(choices: Choices, layer: str, bound: Bound, everywhere: bool) -> bool:
    """Whether a regularizer acts on the weight of a layer."""
    own = choices.regularizers(layer)
    if bound.name in own:
        return bool(own[bound.name])
    return everywhere and (
        not bound.keys or any(value for term, value in bound.keys.items() if term not in own)
    )


def _idle(choices: Choices, bound: Bound, learning: list[str]) -> Iterator[Problem]:
    """The problem of a regularizer of all layers that is left with none.

    A strength of 0 is how a search switches one off.
    """
    name = bound.name
    if bound.keys and not any(bound.keys.values()):
        return
    if not learning:
        text, expected = (
            f"every weight is frozen, so {name} cannot act",
            "expected a layer whose weight learns",
        )
    elif all(name in choices.regularizers(layer) for layer in learning):
        text, expected = f"every layer has its own {name}, so this one cannot act", "expected a layer without"
    else:
        return
    yield Problem(text, expected, f"remove regularizers.{name}", f"regularizers.{name}", code="no_effect")


def _not_in_use(
    choices: Choices, takes: Mapping[str, frozenset[str]], bound: Bound, layers: list[str]
) -> Iterator[Problem]:
    """The problem of a regularizer that would act on a parameter from which a normalization makes the weights in use."""
    terms = [key for key in bound.keys if key in OF_WEIGHTS and bound.keys[key]] or [bound.name]
    made = {layer: choices(layer).normalization for layer in layers if "normalization" in takes[layer]}
    wrong = {
        layer: part
        for layer, part in made.items()
        if part is not None
        and part.flag("form") == "weight"
        and not all(term in part.flag("holds") for term in terms)
    }
    for layer, part in list(wrong.items())[:1]:
        path = _address(choices, layer, bound.name)
        text = (
            f"{layer}: {part.name} normalization makes the weights in use from what {bound.name} would act on"
        )
        expected = f"expected {', '.join(sorted(part.flag('holds'))) or 'no penalty or constraint'} beside {part.name} normalization"
        fix = f"remove {path}"
        if bound.name in ("l1", "l2") and path.startswith("regularizers.") and len(wrong) < len(layers):
            fix += f", or leave layers out: per_layer: {{{'|'.join(wrong)}: {{{bound.name}: 0}}}}"
        yield Problem(text, expected, fix, path, code="no_effect")


def _undone(choices: Choices, acts: Mapping[str, list[str]]) -> Iterator[Problem]:
    """The problem of a limit on weights that are scaled to length 1 after every update."""
    both = [layer for layer in acts.get("max_norm", ()) if layer in acts.get("unit_norm", ())]
    if both:
        path = _address(choices, both[0], "max_norm")
        text = f"{both[0]}: unit_norm scales to length 1 what max_norm has limited, so max_norm cannot act"
        yield Problem(
            text, "expected one of them", f"remove {path}, or regularizers.unit_norm", path, code="no_effect"
        )


def _address(choices: Choices, layer: str, name: str) -> str:
    return choices.address(layer, name) if name in choices.regularizers(layer) else f"regularizers.{name}"
