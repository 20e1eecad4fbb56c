"""A plain PyTorch loop of what dnnlab's engine does: the engine must give the very same losses, bit by bit.

It shares the seeding line (`mix`), the initial weights and the data with dnnlab; everything else is written
out.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn

from dnnlab.nn.seeds import mix


def reference_losses(
    net: nn.Module,
    optimizer: torch.optim.Optimizer,
    inputs: Tensor,
    targets: Tensor,
    *,
    seed: int,
    epochs: int,
    batch_size: int,
    rates: Callable[[int], dict[str, float]],
    before: Callable[[int], None] = lambda step: None,
) -> list[float]:
    """The loss of every step. `rates(step)` gives lr and, where the schedule moves it, momentum.

    before: called before each step; it may unfreeze layers and give the optimizer another group.
    """
    losses, step = [], 0
    net.train()
    for epoch in range(epochs):
        order = torch.randperm(
            len(inputs), generator=torch.Generator().manual_seed(mix(seed, f"epoch {epoch}"))
        )
        for rows in order.split(batch_size):
            before(step)
            torch.manual_seed(mix(seed, step))
            loss = nn.functional.cross_entropy(net(inputs[rows]), targets[rows])
            optimizer.zero_grad()
            loss.backward()
            for group in optimizer.param_groups:
                group.update(lr=rates(step)["lr"] * group.get("lr_factor", 1.0))
                if "momentum" in rates(step):
                    group.update(betas=(rates(step)["momentum"], group["betas"][1]))
            optimizer.step()
            losses.append(loss.item())
            step += 1
    return losses
