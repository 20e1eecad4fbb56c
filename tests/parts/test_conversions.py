"""What `show` tells users of torch: its sentences hold against torch itself."""

from __future__ import annotations

import math

import pytest
import torch
from helpers.parameter_tables import table_of
from torch import nn

from dnnlab import registry
from dnnlab.nn.batch import Batch, Task
from dnnlab.nn.parameter_table import Fans
from dnnlab.registry import build, find

TASK = Task("index", 4, 4)


def sentence(kind: str, name: str, library: str = "torch") -> str:
    return find(kind, name).conversions[library]


def test_only_the_libraries_that_are_known():
    with pytest.raises(
        TypeError,
        match=r"activation part 'odd' has conversions for \['jax'\]; expected a sentence for torch or keras",
    ):

        @registry.part("activation", source="a test", conversions={"jax": "jax.nn.odd"})
        def odd(width: int) -> None:
            """Odd."""


def test_hinge_is_not_divided_by_the_classes():
    outputs, targets = torch.randn(8, 4, generator=torch.Generator().manual_seed(0)), torch.arange(8) % 4
    ours = build("loss", {"name": "hinge", "margin": 0.5}, TASK)(outputs, Batch(outputs, targets))
    torch.testing.assert_close(ours, 4 * nn.MultiMarginLoss(margin=0.5)(outputs, targets))
    assert "divides by the number of classes" in sentence("loss", "hinge")


def test_cross_entropies_are_on_logits():
    outputs, targets = torch.randn(8, 4, generator=torch.Generator().manual_seed(0)), torch.arange(8) % 4
    torch.testing.assert_close(
        build("loss", "cross_entropy", TASK)(outputs, Batch(outputs, targets)),
        nn.CrossEntropyLoss()(outputs, targets),
    )
    one, yes = outputs[:, :1], targets % 2
    ours = build("loss", "binary_cross_entropy", Task("index", 2, 1))(one, Batch(one, yes))
    torch.testing.assert_close(ours, nn.BCEWithLogitsLoss()(one[:, 0], yes.float()))


def test_batch_s_decay_is_one_minus_torch_s_momentum():
    assert build("normalization", {"name": "batch", "decay": 0.99}, 3, 0).momentum == pytest.approx(0.01)
    assert build("normalization", "batch", 3, 0).momentum == pytest.approx(nn.BatchNorm1d(3).momentum)


def test_layer_normalization_of_images_is_group_norm():
    images = torch.randn(2, 6, 4, 4, generator=torch.Generator().manual_seed(0))
    torch.testing.assert_close(build("normalization", "layer", 6, 2)(images), nn.GroupNorm(1, 6)(images))


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("glorot_normal", nn.init.xavier_normal_),
        ("glorot_uniform", nn.init.xavier_uniform_),
        ("he_normal", lambda w: nn.init.kaiming_normal_(w, nonlinearity="relu")),
        ("he_uniform", lambda w: nn.init.kaiming_uniform_(w, nonlinearity="relu")),
        ("lecun_normal", lambda w: nn.init.kaiming_normal_(w, nonlinearity="linear")),
        ("lecun_uniform", lambda w: nn.init.kaiming_uniform_(w, nonlinearity="linear")),
    ],
)
def test_initializers_have_torch_s_deviation(ours, theirs):
    mine, other = torch.empty(300, 200), torch.empty(300, 200)
    registry.bind("initializer", ours)(mine, Fans(200, 300), torch.Generator().manual_seed(0))
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(1)
        theirs(other)
    assert mine.std() == pytest.approx(float(other.std()), rel=0.02)
    assert mine.abs().max() == pytest.approx(float(other.abs().max()), rel=0.2)


def stepped(make, epochs: int) -> list[float]:
    """The rates of a torch scheduler, stepped once an epoch."""
    optimizer = torch.optim.SGD([nn.Parameter(torch.zeros(1))], lr=1.0)
    scheduler = make(optimizer)
    rates = []
    for _ in range(epochs):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
    return rates


def test_exponential_lr_and_step_lr():
    base = {"lr": 1.0, "momentum": None, "lr_written": True}
    keys = {"name": "exponential", "staircase": True}
    once = build("schedule", {**keys, "decay_rate": 0.9, "over": "1 epochs"}, base, 100, 10)
    assert [once(10 * epoch + 9)["lr"] for epoch in range(6)] == pytest.approx(
        stepped(lambda o: torch.optim.lr_scheduler.ExponentialLR(o, 0.9), 6)
    )
    thrice = build("schedule", {**keys, "decay_rate": 0.5, "over": "3 epochs"}, base, 100, 10)
    assert [thrice(10 * epoch)["lr"] for epoch in range(8)] == pytest.approx(
        stepped(lambda o: torch.optim.lr_scheduler.StepLR(o, 3, 0.5), 8)
    )


def test_inverse_time_decay_of_keras_is_power():
    base = {"lr": 1.0, "momentum": None, "lr_written": True}
    ours = build(
        "schedule", {"name": "power", "over": "8 steps"}, base, 100, 10
    )  # decay_steps 4, decay_rate 0.5
    assert [ours(t)["lr"] for t in (0, 3, 50)] == pytest.approx([1 / (1 + 0.5 * t / 4) for t in (0, 3, 50)])


def test_reduce_on_plateau_waits_one_epoch_less_there():
    base = {"lr": 1.0, "momentum": None, "lr_written": True}
    ours = build("schedule", {"name": "performance", "patience": 3, "factor": 0.1}, base, 100, 10)
    optimizer = torch.optim.SGD([nn.Parameter(torch.zeros(1))], lr=1.0)
    theirs = torch.optim.lr_scheduler.ReduceLROnPlateau(
        optimizer, "max", factor=0.1, patience=2, threshold_mode="abs"
    )
    for epoch in range(1, 12):
        ours.observe(0.5, epoch)
        theirs.step(0.5)
        assert ours(0)["lr"] == pytest.approx(optimizer.param_groups[0]["lr"])


def test_keras_nadam_is_a_momentum_decay_of_one():
    """Keras: u_t = beta_1 (1 - 0.96^t / 2); ours and torch's: beta_1 (1 - 0.96^(t momentum_decay) / 2)."""
    weight = nn.Parameter(torch.tensor([1.0]))
    groups = [{"params": [weight], "lr_factor": 1.0, "weight_decay": 0.0, "role": "weight", "names": ["w"]}]
    optimizer = build("optimizer", {"name": "nadam", "lr": 0.1, "eps": 1e-7, "momentum_decay": 1.0}, groups)
    m, v, product, w = 0.0, 0.0, 1.0, 1.0
    for t in range(1, 6):
        weight.grad = torch.tensor([0.3 * t])
        optimizer.step()
        g, u, following = 0.3 * t, 0.9 * (1 - 0.5 * 0.96**t), 0.9 * (1 - 0.5 * 0.96 ** (t + 1))
        product *= u
        m, v = m + 0.1 * (g - m), v + 0.001 * (g * g - v)
        ahead = following * m / (1 - product * following) + (1 - u) * g / (1 - product)
        w -= 0.1 * ahead / (math.sqrt(v / (1 - 0.999**t)) + 1e-7)
        assert weight.item() == pytest.approx(w, rel=1e-5)


def test_weight_norm_s_parts():
    linear = nn.utils.parametrizations.weight_norm(nn.Linear(5, 3))
    length = linear.parametrizations.weight.original0.flatten()
    assert length.shape == (3,) and linear.parametrizations.weight.original1.shape == (3, 5)
    torch.testing.assert_close(length, linear.weight.norm(dim=1))


def test_max_norm_is_renorm():
    weight = nn.Parameter(torch.randn(4, 6, generator=torch.Generator().manual_seed(0)) * 3)
    expected = torch.renorm(weight.detach(), 2, 0, 1.0)
    build("regularizers", {"name": "max_norm", "limit": 1.0}, table_of("max_norm", {"hidden1": weight}))()
    torch.testing.assert_close(weight.detach(), expected, rtol=1e-5, atol=1e-6)
