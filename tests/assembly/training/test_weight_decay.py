"""The l2 penalty as the optimizer's own decay: the same training, the same records, and only where nothing
stands between.
"""

from __future__ import annotations

from typing import Any

import pytest
import torch
from helpers.trainings import built

from dnnlab.engine.loop import fit
from dnnlab.engine.records import Epoch, Step

L2 = {"l2": 0.02, "l1_l2": {"l1": 1e-4, "l2": 0.01}}
EVERYWHERE = {"steps_every": "1 steps", "gradient_norm_every": "1 steps"}


def rows(**changes: Any) -> tuple[Any, list[dict[str, Any]], list[dict[str, Any]], list[dict[str, Any]]]:
    """The session, and all rows of steps.jsonl, gradients.jsonl and metrics.jsonl of two epochs."""
    session = built(logging=EVERYWHERE, **changes).session
    records = list(fit(session))
    steps = [r.rows for r in records if isinstance(r, Step)]
    metrics = [r.row for r in records if isinstance(r, Epoch)]
    return session, [s["steps.jsonl"] for s in steps], [s["gradients.jsonl"] for s in steps], metrics


def strengths(session: Any) -> dict[float, int]:
    """How many parameters each decay of the optimizer's groups has."""
    return {group["weight_decay"]: len(group["params"]) for group in session.optimizer.param_groups}


@pytest.mark.parametrize(
    "optimizer",
    [{"name": "adam", "lr": 1e-3}, {"name": "sgd", "lr": 0.05, "momentum": 0.9}],
    ids=["adam", "sgd"],
)
def test_training_and_records_are_those_of_the_penalty_itself(optimizer: dict[str, Any]) -> None:
    """A clipping that nothing reaches keeps the penalty in the gradient, where it goes through add_slopes."""
    ours, steps, gradients, metrics = rows(optimizer=optimizer, regularizers=L2)
    plain, steps_too, gradients_too, metrics_too = rows(
        optimizer=optimizer, regularizers=L2, gradient_clipping={"name": "value", "threshold": 1e6}
    )
    assert max(strengths(ours)) == pytest.approx(0.03) and strengths(plain) == {
        0.0: sum(strengths(ours).values())
    }
    for mine, other in zip([*steps, *metrics], [*steps_too, *metrics_too], strict=True):
        for key in mine.keys() & {"loss", "penalty", "gradient_norm", "train_loss", "train_penalty"}:
            assert mine[key] == pytest.approx(other[key], rel=2e-3), key
    for mine, other in zip(gradients, gradients_too, strict=True):
        assert mine["norms"] == pytest.approx(other["norms"], rel=5e-3)


def test_a_layer_s_own_strength() -> None:
    own = {"hidden1": {"l2": 0.5}, "output": {"l2": 0.0}}
    session = built(
        optimizer="adam", architecture={"hidden": [16, 8]}, regularizers={"l2": 0.02}, per_layer=own
    ).session
    of = {name: g["weight_decay"] for g in session.optimizer.param_groups for name in g["names"]}
    assert (of["hidden1.weight"], of["output.weight"], of["hidden1.bias"]) == (0.5, 0.0, 0.0)
    assert of["hidden2.weight"] == 0.02


@pytest.mark.parametrize("optimizer", ["adamw", "rmsprop", "nadam"])
def test_other_optimizers_get_it_through_the_gradient(optimizer: str) -> None:
    session = built(optimizer=optimizer, regularizers={"l2": 0.02}).session
    assert not session.decays and 0.02 not in strengths(session)


def test_weights_that_a_step_leaves_out_decay_all_the_same() -> None:
    """Stochastic depth: a skipped block has no gradient of the loss, but its penalty has one."""
    session = built(optimizer={"name": "sgd", "lr": 0.5}, regularizers={"l2": 0.02}).session
    weight = session.table.entries["hidden1.weight"].parameter
    before = weight.detach().clone()
    session.optimizer.zero_grad()
    (penalty,) = session.penalties
    penalty.add_slopes()
    session.optimizer.step()
    torch.testing.assert_close(weight.detach(), before * (1 - 0.5 * 0.02))
