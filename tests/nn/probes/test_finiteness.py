"""Finding numbers that are not finite."""

from __future__ import annotations

import pytest
import torch

from dnnlab.nn.probes.finiteness import all_finite


@pytest.mark.parametrize(
    "bad", [[float("nan")], [float("inf")], [-float("inf")], [float("inf"), -float("inf")]]
)
def test_one_bad_number_is_found(bad: list[float]) -> None:
    tensor = torch.ones(1000)
    tensor[500 : 500 + len(bad)] = torch.tensor(bad)
    assert not all_finite(tensor)


def test_finite_numbers_whose_sum_is_not() -> None:
    assert all_finite(torch.full((4,), 3e38)) and all_finite(torch.zeros(0)) and all_finite(torch.arange(3))
