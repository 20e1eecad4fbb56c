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
    wanted = float(f"{value * factor:.2g}")
    changes = {key: wanted, **starts_below(records, key, value, wanted)}
    return (Advice(words, tuple(f"{address}={short(number)}" for address, number in changes.items())),)


def starts_below(records: Records, key: str, peak: float, wanted: float) -> dict[str, float]:
    """The rates that the schedule rises from, as many times below a lower peak as before: it refuses those that are not below it.

    The rule of config/peak.py on a flat config, which does not say what was written; what could not have been written stays as it is.
    """
    base, lr = finite(records.config.get("schedule.base")), finite(records.config.get("optimizer.lr"))
    starts = {} if base is None else {"schedule.base": base}
    fixed = finite(records.config.get("schedule.div_factor")) is not None  # together with a written lr it is refused
    if key != "optimizer.lr" and lr is not None and lr < peak and not fixed and base in (None, lr):
        starts["optimizer.lr"] = lr
    if key == "optimizer.lr" or all(start < wanted for start in starts.values()):
        return {}
    below = {address: float(f"{wanted * start / peak:.2g}") for address, start in starts.items()}
    return {address: start if start < wanted else wanted / 10 for address, start in below.items()}


def short(value: float, digits: int = 2) -> str:
    """A number of so many digits as one types it: 10, not 1e+01."""
    return f"{float(f'{value:.{digits}g}'):g}"


def epochs(records: Records, factor: float, do: str) -> Advice:
    """Another number of epochs."""
    planned = records.number("training.epochs", max(records.epochs, 1))
    return Advice(do, (f"training.epochs={max(1, round(planned * factor))}",))


def standardized_targets(records: Records) -> tuple[Advice, ...]:
    """Real targets in units of their own deviation; nothing where they are, or where there are none."""
    if records.classifies or records.target != "real" or records.scaled_target or records.copies:
        return ()
    return (Advice("standardize the targets", ("data.target_scale=standardize",)),)


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
