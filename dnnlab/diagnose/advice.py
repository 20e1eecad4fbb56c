"""Changes that several verdicts propose, written so that they can be typed."""

from __future__ import annotations

from ..config.peak_rate import changes_of, may_be_written, peak_of, typed
from ..registry import find
from .records import Records, finite
from .verdict import Advice


def rate(records: Records, factor: float, why: str = "") -> tuple[Advice, ...]:
    """The learning rate times a factor, with what has to change beside it; nothing where the optimizer has none to set."""
    key, value = peak_of(records.config)
    if not value:
        return ()
    wanted = float(f"{value * factor:.2g}")
    changes = changes_of(records.config, wanted, may_be_written(records.config))
    return (Advice(f"{'lower' if factor < 1 else 'raise'} {key}{why}", tuple(typed(changes))),)


def default_share(records: Records) -> float:
    """The optimizer's default learning rate as a share of the one that was set; 1 if it has none."""
    optimizer = find("optimizer", str(records.config.get("optimizer")))
    default = None if optimizer is None or "lr" not in optimizer.fields else optimizer.fields["lr"].default
    _, value = peak_of(records.config)
    return default / value if isinstance(default, int | float) and value else 1.0


def clipping(records: Records) -> tuple[Advice, ...]:
    """A clipping of the gradient, where there is none yet and the optimizer would notice."""
    optimizer = find("optimizer", str(records.config.get("optimizer")))
    if str(records.config.get("gradient_clipping", "none")) != "none" or (
        optimizer is not None and optimizer.flags["by_sign"]
    ):
        return ()
    return (Advice("clip the gradient", ("gradient_clipping={name: global_norm, threshold: 1.0}",)),)


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
    listed = [
        k
        for k, v in records.part_names.items()
        if k.startswith("architecture.layers") and v == "normalization"
    ]
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
