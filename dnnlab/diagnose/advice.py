"""Changes of a config that several verdicts propose, as KEY=VALUE for the command line."""

from __future__ import annotations

from typing import Any

from ..config.peak_rate import changes_of, may_be_written, peak_of, typed
from ..rundir.json_values import number
from .records import Records
from .verdict import Advice


def rate(records: Records, factor: float, why: str = "") -> tuple[Advice, ...]:
    """Multiply the learning rate by a factor, and change the keys that depend on it.

    Empty if the optimizer has no rate that can be set.
    """
    key, value = peak_of(records.config, records.parts)
    if not value:
        return ()
    wanted = float(f"{value * factor:.2g}")
    changes = changes_of(records.config, wanted, may_be_written(records.config, records.parts), records.parts)
    return (Advice(f"{'lower' if factor < 1 else 'raise'} {key}{why}", tuple(typed(changes))),)


def default_share(records: Records) -> float:
    """The optimizer's default learning rate as a share of the one that was set; 1 if it has none."""
    default = records.parts.default("optimizer", records.config.get("optimizer"), "lr")
    _, value = peak_of(records.config, records.parts)
    return default / value if isinstance(default, int | float) and value else 1.0


def clipping(records: Records) -> tuple[Advice, ...]:
    """Clip the gradient; empty if it is clipped already or if the optimizer uses its sign only."""
    by_sign = records.parts.flag("optimizer", records.config.get("optimizer"), "by_sign")
    if str(records.config.get("gradient_clipping", "none")) != "none" or by_sign:
        return ()
    return (Advice("clip the gradient", ("gradient_clipping={name: global_norm, threshold: 1.0}",)),)


def short(value: float, digits: int = 2) -> str:
    """A number with so many digits, as a user types it: 10, not 1e+01."""
    return f"{float(f'{value:.{digits}g}'):g}"


def epochs(records: Records, factor: float, do: str) -> Advice:
    """Multiply the number of epochs by a factor."""
    planned = records.number("training.epochs", max(records.epochs, 1))
    return Advice(do, (f"training.epochs={max(1, round(planned * factor))}",))


def standardized_targets(records: Records) -> tuple[Advice, ...]:
    """Standardize real targets; empty if they are standardized or if there are none."""
    if records.classifies or records.target != "real" or records.scaled_target or records.copies:
        return ()
    return (Advice("standardize the targets", ("data.target_scale=standardize",)),)


def normalized(records: Records) -> str | None:
    """The normalization of the net, or None; "batch" for layers and architectures that include one."""
    names = [v for k, v in records.part_names.items() if k == "normalization" or k.endswith(".normalization")]
    found = next((name for name in names if name != "none"), None)
    if found is None and (listed(records, "normalizes") or records.has("architecture", "normalizes")):
        return "batch"
    return found


def runs_on(records: Records) -> bool:
    """Whether evaluation uses running statistics of the training batches."""
    found = normalized(records)
    return found is not None and records.parts.has("normalization", found, "running")


def listed(records: Records, trait: str) -> dict[str, str]:
    """Address -> name of the layers of a list that have a trait."""
    return {
        key: name
        for key, name in records.part_names.items()
        if key.startswith("architecture.layers") and records.parts.has("layer", name, trait)
    }


def activation(records: Records) -> str:
    """The activation of the hidden layers that the config names first."""
    return str(records.config.get("activation", "relu"))


def dies(records: Records) -> bool:
    """Whether a unit of that activation can stay at 0 for every row although its other side is not flat."""
    flag = records.parts.flag
    flat = flag("activation", activation(records), "flat")
    return bool(flag("activation", activation(records), "dies")) and not _bounded_below(flat)


def saturates(records: Records) -> bool:
    """Whether that activation is flat on both sides, or nothing is known of it."""
    flag, name = records.parts.flag, activation(records)
    flat = flag("activation", name, "flat")
    both = _bounded_below(flat) or (flag("activation", name, "dies") and flat is not None)
    return bool(both) or not records.parts.known("activation", name)


def _bounded_below(flat: Any) -> bool:
    """Whether an activation is flat below a finite output; JSON has null for minus infinity."""
    return isinstance(flat, list | tuple) and bool(flat) and number(flat[0]) is not None


def chosen_by_keys(records: Records) -> bool:
    """Whether the keys `activation`, `initializer` and `normalization` apply to the layers.

    They do not if the config lists its layers, which may set their own.
    """
    return not records.has("architecture", "own_layers")


def regularizers(records: Records) -> dict[str, str]:
    """Every regularizer that is on: name -> the address of its first number."""
    found: dict[str, str] = {}
    for key, value in records.config.items():
        words = key.split(".")
        if words[0] == "regularizers" and len(words) >= 2 and value not in ("none", None):
            found.setdefault(words[1], key)
    return found


def with_trait(records: Records, trait: str) -> dict[str, str]:
    """Those of the regularizers that have a trait."""
    return {
        name: key
        for name, key in regularizers(records).items()
        if records.parts.has("regularizers", name, trait)
    }


def strengths(records: Records, trait: str) -> list[tuple[str, float]]:
    """Address and first number of the regularizers with a trait, if it is not 0."""
    keys = with_trait(records, trait).values()
    return [(key, value) for key in keys if (value := number(records.config.get(key)))]


def stops(records: Records) -> bool:
    """Whether a regularizer ends the training when the monitor no longer improves."""
    return bool(records.parts.stoppers(records.config))


def smooths(records: Records) -> bool:
    """Whether the targets are smoothed."""
    return bool(with_trait(records, "smooths"))


def shrinks(records: Records) -> dict[str, str]:
    """The penalties that pull weights to 0: name -> address, also of `per_layer` keys."""
    layers = _per_layer(records, ("l1", "l2"))
    return layers | with_trait(records, "shrinks") | layers  # of one name, that of `per_layer` comes first


def drops(records: Records) -> dict[str, str]:
    """Every dropout: name -> address of its rate, also of `per_layer` keys and of layers in a list."""
    layers = {name: f"{key}.rate" for key, name in reversed(listed(records, "drops").items())}
    return with_trait(records, "drops") | _per_layer(records, ("dropout",)) | layers


def _per_layer(records: Records, keys: tuple[str, ...]) -> dict[str, str]:
    found: dict[str, str] = {}
    for key, value in records.config.items():
        words = key.split(".")
        if words[0] == "per_layer" and words[-1] in keys and number(value):
            found.setdefault(words[-1], key)
    return found
