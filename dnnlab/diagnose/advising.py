"""Changes that several verdicts propose, written so that they can be typed."""

from __future__ import annotations

from .records import Records, finite
from .verdict import Advice


def rate_key(records: Records) -> tuple[str, float] | None:
    """The key that sets the largest learning rate, and its value; None where no key does."""
    for key in ("schedule.max_lr", "schedule.max", "optimizer.lr"):
        value = finite(records.config.get(key))
        if value:
            return key, value
    return None


def rate(records: Records, factor: float, why: str = "") -> tuple[Advice, ...]:
    """The learning rate times a factor; nothing where the optimizer has none to set."""
    found = rate_key(records)
    if found is None:
        return ()
    key, value = found
    words = f"{'lower' if factor < 1 else 'raise'} {key}{why}"
    return (Advice(words, (f"{key}={value * factor:.2g}",)),)


def epochs(records: Records, factor: float, do: str) -> Advice:
    """Another number of epochs."""
    planned = records.number("training.epochs", max(records.epochs, 1))
    return Advice(do, (f"training.epochs={max(1, round(planned * factor))}",))


def normalized(records: Records) -> str | None:
    """The normalization of the net, None where it has none."""
    names = [v for k, v in records.part_names.items() if k == "normalization" or k.endswith(".normalization")]
    listed = [k for k, v in records.part_names.items() if k.startswith("architecture.layers") and v == "normalization"]
    found = next((name for name in names if name != "none"), None)
    if found is None and (listed or str(records.config.get("architecture")) == "resnet"):
        return "batch"
    return found


def activation(records: Records) -> str:
    """The activation of the hidden layers that the config names first."""
    return str(records.config.get("activation", "relu"))


def chosen_by_keys(records: Records) -> bool:
    """Whether `activation`, `initializer` and `normalization` reach the layers: a list of layers may set its own."""
    return records.config.get("architecture") != "sequential"


def regularizers(records: Records) -> dict[str, str]:
    """Every regularizer that is on: name -> the address of its first number."""
    found: dict[str, str] = {}
    for key, value in records.config.items():
        words = key.split(".")
        if words[0] == "regularizers" and len(words) >= 2 and value not in ("none", None):
            found.setdefault(words[1], key)
        elif words[0] == "per_layer" and words[-1] in ("l1", "l2", "dropout") and finite(value):
            found.setdefault(words[-1], key)
        elif key.startswith("architecture.layers") and isinstance(value, str) and value.endswith("dropout"):
            found.setdefault(value, f"{key}.rate")
    return found
