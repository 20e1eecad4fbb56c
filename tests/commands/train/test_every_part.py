"""Every registered part, written in YAML, has an effect.

The loss falls, the weights differ, the object exists, and a resume is exact.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path

import pytest
import yaml
from helpers.built_objects import EFFECTS, SEEN
from helpers.example_files import write_downloads, write_examples
from helpers.part_trainings import Outcome, around, named, raw_of, trained_in_memory, with_part, without
from helpers.trainings import bits, drain, resumed, rows

from dnnlab import registry
from dnnlab.commands.train.train import train
from dnnlab.config import load
from dnnlab.engine.stop import Stop
from dnnlab.registry import KINDS, RegistryEntry
from dnnlab.registry.kinds import EFFECTS as REGISTERED_EFFECTS

ENTRIES = [entry for kind in KINDS for entry in registry.entries(kind)]
every_part = pytest.mark.parametrize("entry", ENTRIES, ids=named)
TEXTS = {"config.yaml", "resolved.yaml", "meta.json", "verdicts.json", "log.txt", "lock", "sources"}
ALWAYS = {*TEXTS, "MANIFEST.json", "data.json", "data.safetensors", "layers.json", "checkpoints"}
LOOKS_ONLY = ("metrics", "probe")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """One folder for the file, with all data, so that equal configs are trained once."""
    folder = write_examples(tmp_path_factory.mktemp("parts"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DNNLAB_DATA", str(write_downloads(folder / "downloads")))
        yield folder


def both(entry: RegistryEntry, folder: Path) -> tuple[Outcome, Outcome]:
    return trained_in_memory(with_part(entry), folder), trained_in_memory(without(entry), folder)


@every_part
def test_the_loss_falls_and_the_weights_end_otherwise_than_without(
    entry: RegistryEntry, folder: Path
) -> None:
    outcome, other = both(entry, folder)
    assert outcome.losses[-1] < outcome.losses[0]
    assert outcome.learned_otherwise(other) is (entry.kind not in LOOKS_ONLY)


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind not in LOOKS_ONLY])
def test_no_two_parts_of_a_kind_teach_the_same(kind: str, folder: Path) -> None:
    outcomes = [(e, trained_in_memory(with_part(e), folder)) for e in registry.entries(kind)]
    pairs = [(a, b) for a, b in combinations(outcomes, 2) if around(a[0]) == around(b[0])]
    assert [(named(a), named(b)) for (a, one), (b, other) in pairs if not one.learned_otherwise(other)] == []


@every_part
def test_the_built_object_is_seen(entry: RegistryEntry, folder: Path) -> None:
    SEEN[entry.kind](entry, *both(entry, folder))


def test_every_kind_and_effect_is_looked_at() -> None:
    assert set(SEEN) == set(KINDS) and set(EFFECTS) == REGISTERED_EFFECTS


@every_part
def test_cut_in_the_middle_and_resumed_it_is_the_same_to_the_last_bit_in_a_whole_folder(
    entry: RegistryEntry, folder: Path, tmp_path: Path
) -> None:
    outcome = trained_in_memory(with_part(entry), folder)
    path = folder / "part.yaml"
    path.write_text(yaml.safe_dump(with_part(entry)))
    raw = raw_of(path.read_text())
    per_epoch = outcome.built.session.steps_per_epoch
    after = per_epoch + per_epoch // 2 if per_epoch > 1 else outcome.built.session.plan.epochs // 2
    stop = Stop()
    run = drain(train(load(path), tmp_path, raw=raw, stop=stop), stop, after)[0].path
    assert resumed(run, raw=raw)[-1].result["status"] == outcome.end.status
    built = outcome.built
    table = (
        {"baseline.json"}
        if len(built.data.in_shape) == 1 and built.objective.task.target != "input"
        else set()
    )
    assert {p.name for p in run.iterdir()} == ALWAYS | table | set(outcome.files)
    for file in run.glob("*.jsonl"):
        assert rows(run, file.name) == outcome.files[file.name], file.name
    checkpoint = max((run / "checkpoints").iterdir(), key=lambda p: p.name)
    assert {p.name for p in checkpoint.iterdir()} >= {
        "model.safetensors",
        "optimizer.safetensors",
        "state.json",
        "MANIFEST.json",
    }
    tensors, rest = bits(run)
    expected_tensors, expected_rest = outcome.saved
    assert [name for name in expected_tensors if tensors.get(name) != expected_tensors[name]] == [] and len(
        tensors
    ) == len(expected_tensors)
    assert json.loads(json.dumps(rest)) == expected_rest


@pytest.mark.parametrize("entry", registry.entries("schedule"), ids=named)
def test_every_schedule_takes_a_warmup(entry: RegistryEntry, folder: Path) -> None:
    config = with_part(entry)
    warm = trained_in_memory({**config, "schedule": {**config["schedule"], "warmup": "1 epochs"}}, folder)
    rates, own = (
        [row["lr"] for row in outcome.files["steps.jsonl"]]
        for outcome in (warm, trained_in_memory(config, folder))
    )
    assert warm.losses[-1] < warm.losses[0]
    assert rates == pytest.approx([rate * min(1, step / 10) for step, rate in enumerate(own)])
