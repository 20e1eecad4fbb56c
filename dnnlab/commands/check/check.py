"""The named checks of a config before training: config, data, shapes, lint. Nothing is written."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...assembly.network.without_torch import NeedsTorchError
from ...config import Config, counted
from ...config.target_size import target_size
from ...data.prepare.facts import target_spread
from ...errors import ConfigError, DnnlabError, Problem
from ...steps import steps_per_epoch
from ..load_config import load_source
from .result import Check, failed
from .static import Counted, outlined_checks

if TYPE_CHECKING:
    from ...assembly.training.objective import Objective
    from ...data.prepare.prepared_data import Prepared

STATIC = ("config", "data", "shapes", "lint")
_NO_CONFIG = (
    "no_file",
    "not_a_file",
    "too_large",
    "unreadable",
)  # there is nothing to check, which is a mistake of the command


def static_checks(
    word: str | Path, overrides: Sequence[str], runs_dir: Path, *, trust_plugins: bool = False
) -> Iterator[Check]:
    """The checks `config`, `data`, `shapes` and `lint`, in this order.

    Raises `DnnlabError` if there is no config to check.
    """
    try:
        config = load_source(word, overrides, runs_dir, trust_plugins=trust_plugins)
    except ConfigError as error:
        if any(not p.path and p.code in _NO_CONFIG for p in error.problems):
            raise
        yield failed("config", error, "keys and values that dnnlab knows")
        yield from (Check(name, None, "not looked at: the config comes first") for name in STATIC[1:])
        return
    yield Check("config", True, "every key and value is known")
    found = yield from _data_and_shapes(config)
    if found is not None:
        training = config.experiment.training
        steps = steps_per_epoch(found.rows, training.batch_size, training.accumulate)
        config = counted(config, steps, found.targets)
    yield lint_check(config)


def _data_and_shapes(config: Config) -> Generator[Check, None, Counted | None]:
    try:
        return (yield from outlined_checks(config))
    except NeedsTorchError:
        return (yield from built_checks(config))


def built_checks(config: Config) -> Generator[Check, None, Counted | None]:
    """`data` and `shapes`: prepare the data and build the net as for a training.

    Returns what the training rows tell, None if the data cannot be used.
    """
    from ...engine.runtime import prepare

    prepare()
    try:
        data = read_data(config)
    except DnnlabError as error:
        yield failed("data", error, "rows that can be trained on")
        yield Check("shapes", None, "not looked at: the data come first")
        return None
    yield Check("data", True, data.description[0], "", "; ".join(data.notes))
    try:
        yield Check("shapes", True, shapes(config, data))
    except DnnlabError as error:
        yield failed("shapes", error, "parts that fit each other and the data")
    return Counted(
        len(data.train[0]), target_size(data.names, target_spread(data.target, data.train.targets))
    )


def read_data(config: Config) -> Prepared:
    """The data of a config, split and scaled; errors carry their place in the file. Raises `DnnlabError`."""
    from ...assembly.data import load_data

    with config.error_places():
        return load_data(config)


def shapes(config: Config, data: Prepared) -> str:
    """The net in words.

    Raises what `build` would raise for this net, loss, metrics, optimizer and schedule.
    """
    from ...assembly.network.net import build_network, measured_rows
    from ...assembly.reuse.transfer import reuse_weights
    from ...assembly.session import assemble
    from ...assembly.training.device import autocast_for, choose_device
    from ...assembly.training.recipe import Hardware, agreed_objective

    x = config.experiment
    with config.error_places():
        device = choose_device(x.training.device)
        autocast_for(x.training.precision, device)
        objective, _ = agreed_objective(x, data)
        inputs = measured_rows(data.train.inputs)
        network = build_network(x, data.in_shape, objective.task, inputs=inputs)
        reuse_weights(config, network, data)
        assemble(config, data, objective, network, Hardware(device))
    return in_words(
        data,
        objective,
        len(network.table.layers),
        sum(entry.parameter.numel() for entry in network.table.of_role("weight")),
    )


def in_words(data: Prepared, objective: Objective, layers: int, weights: int) -> str:
    """`1x8x8 -> 10; 3 layers with 17,024 weights; cross_entropy`."""
    shape = "x".join(str(n) for n in data.in_shape)
    count = f"{layers} layer{'s' if layers != 1 else ''} with {weights:,} weights"
    goal = f"{objective.loss_part.name}, monitor {objective.monitor}"
    return f"{shape} to {objective.task.outputs}; {count}; {goal}"


def lint_check(config: Config) -> Check:
    """Advice is a warning, as in a training; `lint.ignore` takes it away, `check --strict` fails for it."""
    if not config.findings:
        return Check("lint", True, "nothing unwise found")
    problems = [
        config.locate(Problem(f"{f.text}: {f.reason}", f.fix, f"({f.source})", f.path, code=f.code))
        for f in config.findings
    ]
    codes = ", ".join(f.code for f in config.findings)
    return Check(
        "lint",
        True,
        codes,
        "no advice",
        f"if it is meant so: lint: {{ignore: [{codes}]}}",
        tuple(problems),
        warning=True,
    )


def face(checks: Sequence[Check], *, strict: bool = False) -> dict[str, Any]:
    """The JSON face: `{passed, checks}`; a skipped check has not failed. strict: warnings fail, too."""
    return {
        "passed": not any(check.passed is False or (strict and check.warning) for check in checks),
        "checks": [check.json() for check in checks],
    }
