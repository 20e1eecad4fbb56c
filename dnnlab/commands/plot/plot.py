"""`dnnlab plot`: pictures of parts and of what a config does with them, without training."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ...config import Config, load, parse_override
from ...errors import Problem, UsageError
from ...registry import Bound, RegistryEntry, address, bind, close_key, plain
from ..output_file import PICTURES, checked_out
from ..show.show import PLOTTED, is_config, named_part
from .picture import Picture

_WORDS = {
    "rate": "schedule",
    "lr": "schedule",
    "learning_rate": "schedule",
    "augmentation": "augment",
    "weights": "initializer",
}
WHAT = ("loss", "metric", "lr", "ratios", "gradients", "activations", "dead_units", "weights", "confusion")
"""What can be drawn of a run's records."""
_SHAPE = (300, 784)


def picture_of(
    word: str, more: Sequence[str], runs_dir: Path, plugin: Path | None = None, *, trust_plugins: bool = False
) -> tuple[str, Picture]:
    """(a name for its file, the picture) that `plot WORD MORE...` asks for.

    word: a part, or a config or run. more: KEY=VALUE (keys of the part, or of the config) and one WHAT: for a
    config activation, augment, initializer or schedule; for a run also what it has recorded (`WHAT` of runs);
    for an initializer the shape of a weight, such as 300x784. Raises `DnnlabError`.
    """
    changes = [text for text in more if "=" in text]
    what = [text for text in more if "=" not in text]
    if len(what) > 1:
        raise UsageError(
            Problem(f"received {' '.join(what)}", "expected one WHAT", f"leave {what[1]} out", code="usage")
        )
    entry = named_part(word, runs_dir, plugin)
    if entry is not None:
        return entry.name, _part_picture(entry, changes, what[0] if what else None)
    if not is_config(word) and what and what[0] in WHAT:
        return _of_run(word, what[0], changes, runs_dir, trust_plugins)
    kind = _what(word, what)
    config = _config(word, changes, runs_dir, trust_plugins)
    with config.error_places():
        return f"{config.experiment.name}-{kind}", _config_picture(config, kind)


def check_out(out: Path | None, name: str) -> Path:
    """The path of the picture: --out, else a free name in the working folder. Raises `UsageError`."""
    if out is None:
        stem = re.sub(r"[^\w.-]+", "-", name).strip("-.") or "picture"
        names = (Path(f"{stem}{'' if i == 1 else f'-{i}'}.png") for i in range(1, 10_000))
        return next(path for path in names if not path.exists())
    return checked_out(out, PICTURES)


def bound_part(entry: RegistryEntry, changes: Sequence[str]) -> Bound:
    """The part with these keys (`alpha=0.5`). Raises `ConfigError`.

    Required keys that are missing come from the part's example.
    """
    keys: dict[str, Any] = {
        name: plain(entry.example[name])
        for name, key in entry.fields.items()
        if key.required and name in entry.example
    }
    for text in changes:
        change = parse_override(text)
        keys[address(change.address)] = change.value.plain()
    return bind(entry.kind, {"name": entry.name, **keys})


def _of_run(
    word: str, what: str, changes: Sequence[str], runs_dir: Path, trust_plugins: bool
) -> tuple[str, Picture]:
    """A picture of what a run has recorded."""
    if changes:
        text = f"received {changes[0]}, but what {word} recorded is as it is"
        raise UsageError(
            Problem(text, f"expected `dnnlab plot {word} {what}`", f"leave {changes[0]} out", code="usage")
        )
    from ...rundir import find_run
    from ..report.pictures import run_picture

    path = find_run(word, runs_dir)
    return f"{path.name}-{what}", run_picture(path, what, trust_plugins=trust_plugins)


def _what(word: str, what: Sequence[str]) -> str:
    """The kind whose picture is wanted. Raises `UsageError`."""
    config = is_config(word)
    expected = f"expected one of {', '.join([*sorted(PLOTTED), *([] if config else WHAT)])}"
    if not what:
        example = "schedule" if config else "loss"
        raise UsageError(
            Problem(
                f"what of {word} is to be drawn?", expected, f"`dnnlab plot {word} {example}`", code="usage"
            )
        )
    kind = _WORDS.get(what[0], what[0])
    if kind not in PLOTTED:
        close = close_key(what[0], [*PLOTTED, *_WORDS, *([] if config else WHAT)])
        recorded = (
            f"{what[0]} is recorded while training: `dnnlab plot RUN {what[0]}`" if what[0] in WHAT else ""
        )
        fix = recorded or (f"did you mean {close}?" if close else f"`dnnlab plot {word} schedule`")
        raise UsageError(Problem(f"received {what[0]}", expected, fix, code="no_picture"))
    return kind


def _part_picture(entry: RegistryEntry, changes: Sequence[str], what: str | None) -> Picture:
    if entry.kind not in PLOTTED:
        raise UsageError(
            Problem(
                f"there is no picture of {entry.kind}.{entry.name}",
                f"expected a part of the kinds {', '.join(sorted(PLOTTED))}",
                f"`dnnlab show {entry.kind}.{entry.name}`",
                code="no_picture",
            )
        )
    if what is not None and entry.kind != "initializer":
        raise UsageError(
            Problem(
                f"received {what}",
                f"expected keys of {entry.name} as KEY=VALUE",
                f"leave {what} out",
                code="usage",
            )
        )
    bound = bound_part(entry, changes)
    if entry.kind == "schedule":
        from .plot_rates import schedule_alone

        return schedule_alone(bound)
    return _torch_picture(bound, what)


def _torch_picture(bound: Bound, what: str | None) -> Picture:
    from . import plot_parts

    if bound.entry.kind == "activation":
        return plot_parts.activation_chart([bound])
    if bound.entry.kind == "initializer":
        return plot_parts.weights_histogram(bound, _shape(what))
    from .plot_parts import photographs

    return plot_parts.augment_grid([bound], photographs(bound), seed=0)


def _shape(text: str | None) -> tuple[int, ...]:
    if text is None:
        return _SHAPE
    if re.fullmatch(r"[0-9]{1,9}(x[0-9]{1,9}){1,3}", text) is None:
        raise UsageError(
            Problem(
                f"received {text}",
                "expected the shape of a weight: units x inputs",
                "300x784, or 16x3x5x5",
                code="shape",
            )
        )
    return tuple(int(n) for n in text.split("x"))


def _config(word: str, changes: Sequence[str], runs_dir: Path, trust_plugins: bool) -> Config:
    if is_config(word):
        return load(Path(word), changes)
    from ...rundir import find_run
    from ...rundir.run_record import read_record
    from ..show.describe import run_config

    return run_config(read_record(find_run(word, runs_dir)), trust_plugins, changes)


def _config_picture(config: Config, kind: str) -> Picture:
    from ..show.describe import on_cpu
    from . import plot_parts, plot_rates

    x = config.experiment
    if kind == "activation":
        settings = [s.activation for s in x.per_layer.values() if "activation" in s.model_fields_set]
        found = {str(bound): bound for bound in (x.activation, *settings)}
        return plot_parts.activation_chart(list(found.values()))
    if kind == "augment":
        return _augment_picture(config)
    from ...assembly.session import build

    built = build(on_cpu(config))
    if kind == "initializer":
        weights = {entry.layer: entry.parameter for entry in built.session.table.of_role("weight")}
        return plot_parts.net_histograms(weights, built.initializers, x.name)
    per_epoch, epochs = built.session.steps_per_epoch, built.session.plan.epochs
    rates: Any = built.session.rates
    return plot_rates.rates_chart(rates, x.schedule, epochs, per_epoch, "learning rate", x.name)


def _augment_picture(config: Config) -> Picture:
    from ...assembly.data import load_data
    from .plot_parts import augment_grid

    x = config.experiment
    chosen: list[Bound] = x.data.common["augment"]
    if not chosen:
        raise UsageError(
            Problem(
                "data.augment is empty",
                "expected an augmentation",
                "add data.augment=[shift]",
                path="data.augment",
                code="no_picture",
            )
        )
    return augment_grid(chosen, load_data(config), x.seed)
