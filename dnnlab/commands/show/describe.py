"""Description of a config or a run for `dnnlab show`: resolved form, layers, data, steps, advice.

Nothing is trained or written.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from ...assembly.network.without_torch import NeedsTorchError, needing_torch
from ...assembly.training.objective import Objective, plan_objective
from ...assembly.training.plan import make_plan
from ...config import Config
from ...data.imbalance import target_words
from ...data.prepare.choose_rows import header
from ...data.prepare.facts import DataFacts, facts_described
from ...data.prepare.scaling import Scaling
from ...data.raw import RawDataset
from ...engine.plan import Plan
from ...errors import DnnlabError, Problem, RunError
from ...registry.register import plugin_texts
from ...rundir.run_record import RunRecord
from ..load_config import kept_text, load_run_config
from .layer_table import kept_layer_table, layer_table

Description = dict[str, Any]


def describe_config(config: Config, raw: RawDataset | None = None) -> Description:
    """Describe a config: read its data and build its net.

    The net is built on the CPU, so that a config for another machine can be shown.
    raw: data from Python instead of the config's. Raises `ConfigError` and `DataError` as training would.
    """
    from ...assembly.session import build

    built = build(on_cpu(config), raw)
    data, session = built.data, built.session
    facts = {"lines": list(data.description), "rows": built.described["rows"]}
    return {
        **config_texts(config),
        "data": {"name": data.name, "in_shape": list(data.in_shape), "target": data.target, **facts},
        "initializers": {layer: str(bound) for layer, bound in built.initializers.items()},
        **({"reuse": built.reuse_facts} if built.reused is not None else {}),
        **layer_table(config.experiment, session.net, session.table, tuple(data.in_shape)),
        **training_facts(built.objective, session.plan),
    }


def describe_run(run: RunRecord, *, trust_plugins: bool = False) -> Description:
    """Describe a run from its folder alone.

    If the config or the net cannot be rebuilt (damage, a plugin that is not trusted), `problem`
    says why, and `text` is what resolved.yaml holds. Raises `RunError` if nothing is left to show.
    """
    beginning = {
        "run": str(run.path),
        "status": run.status,
        "best": run.best,
        "baseline": None if run.baseline is None else asdict(run.baseline),
        "config": None,
        "layers": None,
    }
    if run.reuse:
        beginning["reuse"] = run.reuse
    try:
        config = run_config(run, trust_plugins)
        beginning |= config_texts(config)
        return {**beginning, **described_net(config, run.data.content, kept_layer_table(run))}
    except DnnlabError as error:
        first = error.problems[0]
        problem = "; ".join(words for words in (first.received, first.fix) if words)
    except (
        KeyError,
        TypeError,
        ValueError,
        AttributeError,
    ) as error:  # texts cut short, values of other types than dnnlab writes
        problem = "; ".join(run.problems) or f"the folder is damaged ({type(error).__name__}: {error})"
    text = run.view.text("resolved.yaml")
    if beginning["config"] is None and not text:
        raise RunError(
            Problem(f"{run.name} cannot be shown: {problem}", "expected a run of dnnlab", code="damaged")
        )
    return {"findings": [], "notes": [], **beginning, "text": text or "", "problem": problem}


def run_config(run: RunRecord, trust_plugins: bool, overrides: Sequence[str] = ()) -> Config:
    """The run's config, with new overrides on top.

    A plugin of the run folder runs only with `trust_plugins`. A plugin with the same text that this process
    has already loaded need not run again. Raises `RunError` (code "plugin") for others.
    """
    kept = [source.file for source in run.sources if source.file.endswith(".py")]
    if trust_plugins or not kept:
        return load_run_config(run, overrides, trust_plugins=trust_plugins)
    known = set(plugin_texts.values())
    foreign = [
        file for file in kept if hashlib.sha256(kept_text(run, file).encode()).hexdigest() not in known
    ]
    if foreign:
        brought = f"{run.name} brings the plugin {Path(foreign[0]).name}"
        received = f"{brought}, and looking at a run does not run code from its folder"
        fix = (
            "name your own copy with --plugin FILE, or read it in the run's sources/ and pass --trust-plugins"
        )
        raise RunError(Problem(received, "expected a plugin that is known", fix, code="plugin"))
    return load_run_config(run, overrides, run_plugins=False)


def described_net(config: Config, described: Mapping[str, Any], kept: Description | None) -> Description:
    """Data, layers and steps from the content of data.json.

    kept: the layer table; None: the net is built for it.
    """
    facts = facts_described(described)
    rows = {str(part): int(count) for part, count in described["rows"].items()}
    layers = kept or rebuilt_layer_table(config, described)
    objective, plan = planned(config, facts, rows["train"])
    counts = described.get("class_counts", {}).get("train", [])
    lines = [
        header(described["name"], facts.in_shape, rows, frozenset(), rows["train"]),
        f"{scaling_of(described).words()}; {target_words(facts.target, facts.names, counts)}",
    ]
    return {
        "data": {
            "name": described["name"],
            "in_shape": list(facts.in_shape),
            "target": facts.target,
            "lines": lines,
            "rows": rows,
        },
        **layers,
        **training_facts(objective, plan),
    }


def planned(config: Config, facts: DataFacts, rows: int) -> tuple[Objective, Plan]:
    """Objective and plan of a training on so many rows; without torch, unless a part needs it."""

    def plan() -> tuple[Objective, Plan]:
        objective = plan_objective(config.experiment, facts)
        return objective, make_plan(config.experiment, rows, objective)

    try:
        with needing_torch():
            return plan()
    except NeedsTorchError:
        return plan()


def rebuilt_layer_table(config: Config, described: Mapping[str, Any]) -> Description:
    """The layer table of a net that is built from the content of data.json."""
    from ...assembly.rebuilt_net import rebuild_net
    from ...assembly.training.parameter_groups import parameter_groups

    rebuilt = rebuild_net(config, described)
    network = rebuilt.network
    parameter_groups(network, config.experiment.optimizer)  # freezes what the config freezes
    return layer_table(config.experiment, network.net, network.table, rebuilt.facts.in_shape)


def scaling_of(described: Mapping[str, Any]) -> Scaling:
    """The scaling of the inputs that data.json holds."""
    import numpy as np

    found = described["scaling"]
    return Scaling(
        found["method"],
        found["per"],
        np.asarray(found.get("offset", 0.0)),
        np.asarray(found.get("scale", 1.0)),
        found["constant"],
    )


def config_texts(config: Config) -> Description:
    """The config in its resolved form, its overrides, lint findings and notes."""
    findings = [{"code": f.code, "path": f.path, "text": str(f)} for f in config.findings]
    return {
        "config": config.resolved(),
        "overrides": list(config.overrides),
        "findings": findings,
        "notes": list(config.notes),
        "problem": "",
    }


def training_facts(objective: Objective, plan: Plan) -> Description:
    """Loss, metrics, monitor, and the length of the training."""
    return {
        "loss": str(objective.loss_part),
        "metrics": [part.name for part in objective.metric_parts],
        "monitor": objective.monitor,
        "better": objective.better,
        "batch_size": plan.batch_size,
        "accumulate": plan.accumulate,
        "epochs": plan.epochs,
        "steps_per_epoch": plan.steps_per_epoch,
        "steps": plan.total_steps,
    }


def on_cpu(config: Config) -> Config:
    """The config on the CPU in full precision, for a machine that lacks its device."""
    x = config.experiment
    training = x.training.model_copy(update={"device": "cpu", "precision": "fp32", "compile": False})
    return replace(config, experiment=x.model_copy(update={"training": training}))
