"""A probe of your own: something measured on logging steps.

In a config beside this file:

plugins: [my_probe.py]
logging: {probes: {my_probe: 10 steps}}
"""

from __future__ import annotations

from typing import Any

from dnnlab.registry import part


@part(
    "probe",
    source="where the idea comes from: a paper, a text",
    file="my_probe.jsonl",
    needs=frozenset({"gradients"}),
)
def my_probe() -> Any:
    """The largest absolute gradient of each parameter, before clipping.

    Row of `file`: {step, epoch, largest: {parameter: number}}. needs: gradients, or updates (weights before
    and after the step).
    """

    def measure(captured: Any) -> dict[str, Any]:
        largest = {name: float(gradient.abs().max()) for name, gradient in captured.gradients.items()}
        return {"step": captured.step, "epoch": captured.epoch, "largest": largest}

    return measure
