"""Twenty layers deep: which activations and initial weights let signals and gradients through.

Numbers are variances, at width 100 where
nothing else is said. Sources: Glorot & Bengio 2010; He et al. 2015; Klambauer et al. 2017; Ioffe & Szegedy
2015.
"""

from __future__ import annotations

import numpy as np
import pytest
from helpers.deep_signals import SEEDS, factor, signals
from scipy.special import ndtr

seeds = pytest.mark.parametrize("seed", SEEDS)


def of_normal(function: np.ufunc, variance: float = 1.0) -> float:
    """The mean of a function of normal numbers, by quadrature."""
    points, weights = np.polynomial.hermite_e.hermegauss(199)
    return float((weights * function(points * variance**0.5)).sum() / weights.sum())


@seeds
def test_sigmoid_leaves_1e_24_of_the_gradient(seed: int) -> None:
    """The slope is at most 1/4: 19 layers leave less than (1/16)^19 = 1.3e-23; about 2e-24 is found."""
    assert 5e-25 < signals("sigmoid", "glorot_normal", seed).survives < (1 / 16) ** 19


@seeds
def test_relu_under_unit_normal_weights_explodes_1e_32_fold(seed: int) -> None:
    """Each layer multiplies both ways by width / 2 = 50: 50^19 = 1.9e32."""
    found = signals("relu", "{name: normal, std: 1.0}", seed)
    assert 3e31 < found.survives < 1e33
    assert 3e31 < found.variances[-1] / found.variances[0] < 1e33


@seeds
def test_tanh_under_unit_normal_weights_saturates_and_explodes_1e_14_fold(seed: int) -> None:
    """Outputs sit near -1 and 1 (variance 0.9 of at most 1), yet the few steep units multiply the gradient by
    5 in each layer.
    """
    found = signals("tanh", "{name: normal, std: 1.0}", seed)
    assert min(found.variances) > 0.85
    assert 1e13 < found.survives < 1e15


@seeds
def test_batch_normalization_rescues_sigmoid(seed: int) -> None:
    """From 2e-24 of the gradient to 4 or 6 times of it; outputs keep E[sigmoid^2] - 1/4 = 0.0433 in every
    layer.
    """
    found = signals("sigmoid", "glorot_normal", seed, normalization="batch")
    assert 1 < found.survives < 10 and factor(found.gradients) < 10
    expected = of_normal(lambda z: 1 / (1 + np.exp(-z)) ** 2) - 0.25
    assert found.variances == pytest.approx([expected] * 20, rel=0.05)


@seeds
def test_he_and_relu_keep_both_within_a_factor_of_4(seed: int) -> None:
    found = signals("relu", "he_normal", seed, width=300)
    assert factor(found.variances) < 4 and factor(found.gradients) < 4


@seeds
def test_glorot_and_tanh_keep_both_within_a_factor_of_4_where_tanh_is_nearly_linear(seed: int) -> None:
    """As the derivation assumes: 4 inputs into 300 units (iris) give the first layer a variance of 4 / 152 =
    0.026.
    """
    found = signals("tanh", "glorot_normal", seed, width=300, data="iris")
    assert factor(found.variances) < 4 and factor(found.gradients) < 4


@seeds
def test_glorot_and_tanh_beyond_that_lose_what_the_bend_takes(seed: int) -> None:
    """64 inputs into 300 units start at 64 / 182 = 0.35; q -> E[tanh(sqrt(q) z)^2] then falls 9-fold in 20
    layers, so says quadrature.

    In standard deviations that is a factor of 3.
    """
    found = signals("tanh", "glorot_normal", seed, width=300)
    expected, variance = [], 64 / 182
    for _ in range(20):
        variance = of_normal(lambda z: np.tanh(z) ** 2, variance)
        expected.append(variance)
    assert 8.5 < factor(expected) < 9.5
    assert found.variances == pytest.approx(expected, rel=0.2)
    assert factor(found.gradients) ** 0.5 < 4


@seeds
def test_lecun_and_selu_keep_outputs_within_a_factor_of_4(seed: int) -> None:
    found = signals("selu", "lecun_normal", seed, width=500)
    assert factor(found.variances) < 1.2
    assert factor(found.gradients) < 4.5


def test_lecun_and_selu_keep_gradients_within_a_factor_of_4() -> None:
    """The theory's factor is E[selu'^2]^19 = 1.0716^19 = 3.71, near the limit; single nets of width 500
    differ by a tenth, so the mean.
    """
    found = np.mean(
        [signals("selu", "lecun_normal", seed, width=500).gradients for seed in (*SEEDS, 3, 4)], axis=0
    )
    growth = 1.0507009873554805**2 * (0.5 + 1.6732632423543772**2 * np.exp(2) * ndtr(-2))
    assert growth == pytest.approx(1.0716, abs=1e-4)
    assert factor(list(found)) < 4
    assert found[0] / found[-1] == pytest.approx(growth**19, rel=0.1)


@seeds
def test_selu_keeps_mean_and_deviation_through_100_layers(seed: int) -> None:
    found = signals("selu", "lecun_normal", seed, depth=100, width=200)
    assert max(map(abs, found.means)) < 0.1
    assert max(abs(variance**0.5 - 1) for variance in found.variances) < 0.2


@seeds
@pytest.mark.parametrize(
    ("activation", "initializer"),
    [("tanh", "glorot_uniform"), ("relu", "he_normal"), ("selu", "lecun_normal")],
)
def test_auto_is_the_initializer_that_lets_signals_through(
    activation: str, initializer: str, seed: int
) -> None:
    assert signals(activation, "auto", seed).variances == signals(activation, initializer, seed).variances
