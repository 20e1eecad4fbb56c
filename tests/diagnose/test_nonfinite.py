"""No verdict comes from a number that is not finite: what overflowed is not what was zero."""

from __future__ import annotations

from pathlib import Path

import pytest
from helpers.trainings import drain, write

from dnnlab.commands.doctor.doctor import examine
from dnnlab.commands.train.train import train
from dnnlab.config import load
from dnnlab.diagnose.records import samples
from dnnlab.diagnose.rules.vanishing_gradients import lost
from dnnlab.engine.stop import Stop
from dnnlab.errors import DivergedError


def test_a_row_says_which_numbers_overflowed() -> None:
    row = {
        "step": 1,
        "epoch": 1,
        "ratios": {"a.weight": None, "b.weight": None, "c.weight": 0.1},
        "nonfinite": ["ratios.a.weight", "loss", 3],
    }
    (sample,) = samples([row], "ratios")
    assert sample.nonfinite == {"a.weight"}
    assert sample.values == {"a.weight": None, "b.weight": None, "c.weight": 0.1}
    assert samples([row | {"nonfinite": "text"}], "ratios")[0].nonfinite == frozenset()
    assert samples([{"step": 1, "epoch": 1, "loss": None, "nonfinite": ["loss"]}])[0].nonfinite == {"loss"}


def test_a_gradient_that_overflowed_did_not_vanish() -> None:
    norms = {"hidden1": 1e-9, "hidden2": 1e-6, "hidden3": None, "output": 1.0}
    (whole,) = samples([{"step": 1, "epoch": 1, "norms": norms}], "norms")
    assert lost(whole) == pytest.approx(9.0)
    (overflowed,) = samples(
        [{"step": 1, "epoch": 1, "norms": norms, "nonfinite": ["norms.hidden3"]}], "norms"
    )
    assert lost(overflowed) is None


@pytest.mark.parametrize("lr", [1e30, 1e36])
def test_an_update_that_overflows_is_a_rate_that_is_too_high(tmp_path: Path, lr: float) -> None:
    config = {
        "data": {"name": "moons", "samples": 200},
        "architecture": {"name": "mlp", "hidden": [8]},
        "optimizer": {"name": "sgd", "lr": lr},
        "training": {"epochs": 2},
    }
    with pytest.raises(DivergedError):
        drain(train(load(write(tmp_path, config)), tmp_path / "runs"), Stop())
    (run,) = (tmp_path / "runs").iterdir()
    verdicts = examine(str(run), tmp_path / "runs").diagnosis.verdicts
    assert [v.name for v in verdicts] == ["learning_rate_too_high", "diverged"]
    assert verdicts[0].evidence == ("a step moved the weights by more than float32 can hold",)
    assert verdicts[0].advice[0].changes == ("optimizer.lr=0.01",)
