"""The outputs of a frozen bottom, computed once: the very same bits, or a reason why not."""

from __future__ import annotations

import errno
import json
import os
import shutil
from pathlib import Path
from typing import Any

import pytest
import torch
from helpers.trainings import assert_same, built, resumed, trained
from torch import Tensor, nn

from dnnlab.assembly.reuse import frozen_cache
from dnnlab.assembly.reuse.frozen_cache import find_cut
from dnnlab.engine.cached import MappedRows
from dnnlab.errors import ConfigError, StorageError

DEEP = {"name": "mlp", "hidden": [16, 12, 8]}
CONV = {"name": "cnn", "blocks": [[4, 6]], "hidden": [8]}
FROZEN = {"freeze": "hidden[12]"}
PHASES = {
    **FROZEN,
    "unfreeze": [{"at": "12 steps", "layers": "hidden2"}, {"at": "20 steps", "layers": "hidden1"}],
}
EVERY = {"dropout": 0.2, "l2": 1e-3, "ema": 0.9, "label_smoothing": 0.1}


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("sources")
    return {
        name: trained(folder, architecture=net, normalization="batch", name=name)
        for name, net in (("deep", DEEP), ("conv", CONV))
    }


CASES: dict[str, dict[str, Any]] = {
    "phases": {"reuse": PHASES, "regularizers": {"l2": 1e-3, "ema": 0.9, "label_smoothing": 0.1}},
    "dropout above": {"reuse": {"freeze": "hidden[12]"}, "per_layer": {"hidden3": {"dropout": 0.3}}},
    "convolutions": {"architecture": CONV, "reuse": {"freeze": "conv.*"}},
    "sampling": {"reuse": FROZEN, "data": {"balance": "sampling"}},
    "accumulated": {"reuse": FROZEN, "training": {"accumulate": 3, "batch_size": 16}},
    "full batch": {"reuse": FROZEN, "training": {"batch_size": "full"}, "optimizer": "lbfgs"},
    "bf16": {"reuse": FROZEN, "training": {"precision": "bf16"}},
    "from a file": {"reuse": FROZEN, "data": {"name": "digits", "limit": 300, "in_memory": False}},
}


@pytest.mark.parametrize("word", ["memory", "disk"])
@pytest.mark.parametrize("case", CASES)
def test_a_cache_changes_no_bit(case: str, word: str, sources: dict[str, Path], tmp_path: Path) -> None:
    changes = {"architecture": DEEP, "normalization": "batch", **CASES[case]}
    source = sources[changes["architecture"]["name"].replace("mlp", "deep").replace("cnn", "conv")]
    runs = []
    for cache in ("none", word):
        reuse = {"from": str(source), **changes["reuse"], "cache_frozen": cache}
        folder = tmp_path / cache
        folder.mkdir()
        runs.append(trained(folder, **{**changes, "reuse": reuse}))
    assert_same(*runs)
    kept = json.loads((runs[1] / "reuse.json").read_text())["cache"]
    assert kept["where"] == word and kept["layers"], kept


def test_a_run_is_resumed_with_its_cache(sources: dict[str, Path], tmp_path: Path) -> None:
    reuse = {"from": str(sources["deep"]), **PHASES, "cache_frozen": "disk"}
    changes = {"architecture": DEEP, "normalization": "batch", "checkpoint": {"every": "1 steps"}}
    (tmp_path / "whole").mkdir()
    whole = trained(tmp_path / "whole", **changes, reuse=reuse)
    for after in (12, 17):
        (tmp_path / str(after)).mkdir()
        run = trained(tmp_path / str(after), after=after, **changes, reuse=reuse)
        resumed(run)
        assert_same(run, whole)


def session_of(source: Path, *, word: str = "memory", **changes: Any) -> Any:
    """A session that begins with the weights of a source's newest checkpoint."""
    reuse = {"from": "not read here", **changes.pop("reuse", FROZEN), "cache_frozen": word}
    found = built(**{"architecture": DEEP, "normalization": "batch", **changes, "reuse": reuse})
    return found.session


def test_the_cut_moves_as_layers_begin_to_learn(sources: dict[str, Path]) -> None:
    session = session_of(sources["deep"], reuse=PHASES)
    for step, bottom in ((0, "flatten hidden1 hidden2"), (12, "flatten hidden1"), (20, "")):
        session.phases.begin_step(session, step)
        assert " ".join(session.phases.cut.layers) == bottom
        assert (session.cached is None) == (not bottom)
    assert session.phases.cut.why == "hidden1 learns"


def test_a_cache_holds_the_outputs_of_the_weights_that_are_there(sources: dict[str, Path]) -> None:
    session = session_of(sources["deep"])
    with torch.no_grad():
        session.net.hidden1.weight.mul_(2)  # as a resume does: weights come after the cut was found
    session.phases.begin_step(session, 0)
    outputs = session.net.hidden2(session.net.hidden1(session.train.inputs.flatten(1)))
    assert torch.allclose(session.cached.train.inputs, outputs)
    assert session.cached.train.inputs.shape == (len(session.train), 12)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # torch's own, while it compiles
@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"reuse": {"freeze": "hidden2"}}, "hidden1 learns"),
        ({"per_layer": {"hidden1": {"dropout": 0.1}}}, "hidden1 draws random numbers in every step"),
        ({"regularizers": {"input_noise": 0.1}}, "InputNoise changes the inputs in every step"),
        ({"regularizers": {"mixup": 0.2}}, "Mixup changes the inputs in every step"),
        ({"data": {"augment": [{"name": "rotate", "degrees": 5}]}}, (
            "data.augment changes the "
            "inputs in every step"
        )),
        ({"training": {"compile": True}}, "training.compile makes one piece of the net"),
    ],
)  # fmt: skip
def test_what_is_random_or_learns_below_is_refused_with_its_reason(
    changes: dict[str, Any], reason: str, sources: dict[str, Path]
) -> None:
    with pytest.raises(ConfigError) as caught:
        session_of(sources["deep"], **changes)
    text = (
        f"reuse.cache_frozen: {reason}; expected frozen layers at the input that nothing random "
        "reaches; cache_frozen:"
    )
    assert text in str(caught.value)
    session = session_of(sources["deep"], word="auto", **changes)
    session.phases.begin_step(session, 0)
    assert session.cached is None
    assert session.phases.facts()["cache"] == {"layers": [], "where": None, "bytes": 0, "why": reason}


def test_dropout_behind_the_first_layer_lowers_the_cut(sources: dict[str, Path]) -> None:
    session = session_of(sources["deep"], per_layer={"hidden2": {"dropout": 0.1}})
    assert session.phases.cut.layers == ("flatten", "hidden1")
    assert session.phases.cut.why == "hidden2 draws random numbers in every step"


class ByBatch(nn.Module):
    """A module whose outputs depend on the size of the batch, as those of a kernel may in the last bits."""

    def forward(self, inputs: Tensor) -> Tensor:
        return inputs * (1 + len(inputs) * torch.finfo(inputs.dtype).eps)


def test_kernels_that_compute_a_row_by_its_batch_are_noticed(sources: dict[str, Path]) -> None:
    session = session_of(sources["deep"])
    session.net.hidden1.activation = ByBatch()
    with pytest.raises(
        ConfigError, match=r"batches of \d+ rows are computed differently here, in the last bits"
    ):
        find_cut(session, "memory")


def test_too_much_for_the_memory(sources: dict[str, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    session = session_of(sources["deep"], word="auto")
    monkeypatch.setattr(frozen_cache, "fits", lambda size, device: False)
    assert find_cut(session, "auto").on_disk
    with pytest.raises(ConfigError, match=r"the outputs need 0\.0 MB, more than half of the free memory"):
        find_cut(session, "memory")


def test_a_full_disk(sources: dict[str, Path], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DNNLAB_CACHE", str(tmp_path / "cache"))
    session = session_of(sources["deep"], word="disk")

    def refuse(*_: Any) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr(os, "posix_fallocate", refuse)
        with pytest.raises(StorageError) as caught:
            session.phases.begin_step(session, 0)
    text = (
        f"reuse.cache_frozen: the outputs of the frozen layers need 0.0 MB in {tmp_path / 'cache'}: No "
        "space left"
    )
    assert text in str(caught.value) and "DNNLAB_CACHE" in str(caught.value)
    assert caught.value.exit_code == 5
    assert list((tmp_path / "cache").iterdir()) == []
    usage = shutil.disk_usage(tmp_path)._replace(free=100)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage)
    with pytest.raises(StorageError, match=r"0\.0 MB are free"):
        find_cut(session, "disk")
    monkeypatch.setattr(frozen_cache, "fits", lambda size, device: False)
    assert find_cut(session, "auto").why.startswith("the outputs of the frozen layers need")


def test_a_cache_on_disk_leaves_nothing_behind(
    sources: dict[str, Path], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("DNNLAB_CACHE", str(tmp_path / "cache"))
    session = session_of(sources["deep"], word="disk")
    session.phases.begin_step(session, 0)
    rows = session.cached.train.inputs
    assert isinstance(rows, MappedRows) and rows[:3].shape == (3, 12)
    assert list((tmp_path / "cache").iterdir()) == []
