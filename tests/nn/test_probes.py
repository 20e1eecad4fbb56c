"""Probes against numbers worked out by hand."""

from __future__ import annotations

import pytest
import torch

from dnnlab.nn.captured import Captured
from dnnlab.nn.probes import gradient_norms, update_ratios


def test_update_ratio_by_hand() -> None:
    sizes = {"a.weight": torch.tensor(5.0), "b.weight": torch.tensor(2.0), "zeros.weight": torch.tensor(0.0)}
    changes = {"a.weight": torch.tensor([[0.3, 0.4]]), "b.weight": torch.zeros(1, 2), "zeros.weight": torch.ones(2, 2)}
    row = update_ratios(Captured(3, 1, sizes, changes))
    assert row == {"step": 3, "epoch": 1, "ratios": {"a.weight": pytest.approx(0.1), "b.weight": 0.0, "zeros.weight": None}}


def test_gradient_norm_joins_the_parameters_of_a_layer() -> None:
    gradients = {
        "block1.a.weight": torch.tensor([[2.0, 3.0]]),
        "block1.a.bias": torch.tensor([6.0]),
        "output.weight": torch.tensor([[-0.5]]),
    }
    row = gradient_norms(Captured(3, 1, gradients=gradients))
    assert row == {"step": 3, "epoch": 1, "norms": {"block1.a": pytest.approx(7.0), "output": 0.5}}
    assert gradient_norms(Captured(3, 1, gradients={}))["norms"] == {}


def test_a_nan_is_shown_as_it_is() -> None:
    row = gradient_norms(Captured(1, 1, gradients={"a.weight": torch.tensor([float("nan")])}))
    assert row["norms"]["a"] != row["norms"]["a"]
