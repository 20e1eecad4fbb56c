"""Weight normalization as a weight function: the parameter keeps its name.

Source: Salimans & Kingma 2016, arXiv:1602.07868.
"""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .linear_maps import owns_weight

# Plain functions rather than closures: copies of the layer must use their own gain.


def normalize_weight(layer: nn.Module) -> nn.Module:
    """Give `layer` (a `Staged`) a `gain` for each unit and let it use gain * v / ||v||. Returns the layer.

    A layer whose weight belongs to another one is left alone.
    """
    if not owns_weight(layer):
        return layer
    staged: Any = layer
    staged.gain = nn.Parameter(staged.weight.new_ones(staged.weight.shape[0]))
    staged.weight_functions.append(scaled_direction)
    staged.after_initialization.append(gain_from_weight)
    gain_from_weight(layer)
    return layer


def scaled_direction(layer: Any, weight: Tensor) -> Tensor:
    """The weight in use, gain * v / ||v||, unit by unit (axis 0); a v of length 0 gives 0."""
    gain: Tensor = layer.gain
    direction = F.normalize(weight.flatten(1), dim=1)
    return (gain.unsqueeze(1) * direction).view_as(weight)


def gain_from_weight(layer: Any) -> None:
    """Set the gain to the weight's present lengths, so that the weight in use equals the weight."""
    with torch.no_grad():
        layer.gain.copy_(layer.weight.flatten(1).norm(dim=1))
