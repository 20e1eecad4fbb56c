"""The base of dnnlab's own optimizers: groups, state and checkpoints in torch's form.

`torch.optim.Optimizer` is not the base class: its first object imports torch._dynamo, which costs a second in
every process.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

import torch
from torch import Tensor

from ...errors import Problem, RunError
from .fused_kernels import fused_kernels_exist

Group = dict[str, Any]
_DESCRIBING = ("params", "names", "role")  # what a group is, not how it is updated


class Optimizer:
    """Parameters in groups, tensors of state per parameter. Subclasses give `new_state` and `update`.

    groups: mappings with `params` and, where they are not the defaults, `lr_factor` (1) and `weight_decay`
    (0; read by SGD, Adam and those with a decay of their own). A group's rate is `lr * lr_factor`. Groups
    that differ only in their role or names are joined, since each group costs kernel calls of its own.
    """

    def __init__(self, groups: Iterable[Mapping[str, Any]], lr: float, **settings: Any) -> None:
        complete = [{"lr_factor": 1.0, "weight_decay": 0.0, **group, **settings} for group in groups]
        self.param_groups: list[Group] = joined(complete)
        for group in self.param_groups:
            group["lr"] = lr * group["lr_factor"]
        self.state: dict[Tensor, dict[str, Tensor]] = {}
        self._columns: dict[int, tuple[list[Tensor], ...]] = {}
        self._scratch: dict[Tensor, Tensor] = {}

    def new_state(self, parameter: Tensor, group: Group) -> dict[str, Tensor]:
        """The state of one parameter before its first update."""
        raise NotImplementedError

    def update(self, group: Group, params: list[Tensor], grads: list[Tensor]) -> None:
        """Update `params` of one group in place; all of them have a gradient."""
        raise NotImplementedError

    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Update every parameter that has a gradient. Returns what `closure` returned, if one was given."""
        loss = None
        if closure is not None:
            with torch.enable_grad():
                loss = closure()
        with torch.no_grad():
            for group in self.param_groups:
                params = group["params"]
                grads = [p.grad for p in params]
                if any(g is None for g in grads):
                    params = [p for p in params if p.grad is not None]
                    grads = [p.grad for p in params]
                if params:
                    self.update(group, params, grads)
        return loss

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Forget all gradients; `set_to_none=False` keeps the tensors and fills them with zeros."""
        for group in self.param_groups:
            for p in group["params"]:
                if set_to_none:
                    p.grad = None
                elif p.grad is not None:
                    p.grad = torch.zeros_like(p.grad)

    def columns(self, group: Group, params: list[Tensor]) -> tuple[list[Tensor], ...]:
        """The state of `params` as one list per name, in the order of `new_state`.

        Kept as long as a whole group is updated.
        """
        columns = self._columns.get(id(params))
        if columns is None:
            states = [self.state_of(p, group) for p in params]
            columns = tuple([state[name] for state in states] for name in states[0])
            if params is group["params"]:
                self._columns[id(params)] = columns
        return columns

    def state_of(self, parameter: Tensor, group: Group) -> dict[str, Tensor]:
        """The state of one parameter, new where it has none yet."""
        if parameter not in self.state:
            self.state[parameter] = self.new_state(parameter, group)
        return self.state[parameter]

    def scratch(self, params: list[Tensor]) -> list[Tensor]:
        """Tensors like `params` to work in.

        Whatever is in them is not read in a later step, so they are no state.
        """
        for p in params:
            if p not in self._scratch:
                self._scratch[p] = torch.zeros_like(p)
        return [self._scratch[p] for p in params]

    @cached_property
    def fused(self) -> bool:
        """Whether one fused kernel can update a group: all parameters on one device, in one type."""
        if not fused_kernels_exist():
            return False
        kinds = {(p.device, p.dtype) for group in self.param_groups for p in group["params"]}
        return len(kinds) == 1 and next(iter(kinds))[0].type in ("cpu", "cuda")

    def state_dict(self) -> dict[str, Any]:
        """State and settings in torch's form: parameters are numbered through the groups.

        The tensors are not copied. The state is in the order of the numbers, whichever parameter had its
        first update first: a resumed training writes the same files.
        """
        numbers = {p: i for i, p in enumerate(p for group in self.param_groups for p in group["params"])}
        groups = [{**group, "params": [numbers[p] for p in group["params"]]} for group in self.param_groups]
        state = {number: dict(self.state[p]) for p, number in numbers.items() if p in self.state}
        return {"state": state, "param_groups": groups}

    def load_state_dict(self, saved: Mapping[str, Any]) -> None:
        """Go on from a saved state. Its tensors are copied, to each parameter's device.

        Raises `RunError` when it was saved for other parameters or by an optimizer with other settings.
        """
        sizes = [len(g["params"]) for g in self.param_groups]
        found = [len(g["params"]) for g in saved["param_groups"]]
        if sizes != found:
            raise misfit(
                f"the saved optimizer has groups of {found} parameters", f"groups of {sizes}, as in this net"
            )
        self.state.clear()
        self._columns.clear()
        for group, values in zip(self.param_groups, saved["param_groups"], strict=True):
            group.update({key: value for key, value in values.items() if key != "params"})
            for p, number in zip(group["params"], values["params"], strict=True):
                if number in saved["state"]:
                    self.state[p] = filled(self.new_state(p, group), saved["state"][number])


def decaying(groups: Iterable[Mapping[str, Any]], weight_decay: float) -> list[Group]:
    """The groups with an optimizer's own decay, which acts on weights only."""
    return [
        {**group, "weight_decay": weight_decay if group.get("role") == "weight" else 0.0} for group in groups
    ]


def joined(groups: Sequence[Group]) -> list[Group]:
    """Groups with the same settings become one, in the order in which they first occur."""
    merged: dict[str, Group] = {}
    for group in groups:
        settings = repr(sorted((k, v) for k, v in group.items() if k not in _DESCRIBING))
        if settings not in merged:
            merged[settings] = {
                **group,
                "params": list(group["params"]),
                "names": list(group.get("names", ())),
            }
            continue
        known = merged[settings]
        known["params"] += group["params"]
        known["names"] += group.get("names", ())
        if known.get("role") != group.get("role"):
            known["role"] = "mixed"
    return list(merged.values())


def filled(state: dict[str, Tensor], saved: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Fresh state tensors with the saved numbers in them. Raises `RunError` where names or shapes differ."""
    ours, theirs = (
        {name: list(t.shape) for name, t in sorted(tensors.items())} for tensors in (state, saved)
    )
    if ours != theirs:
        raise misfit(
            f"the saved optimizer state of a parameter holds {theirs}", f"{ours}, as this optimizer keeps"
        )
    for name, tensor in state.items():
        tensor.copy_(saved[name])
    return state


def misfit(received: str, expected: str) -> RunError:
    """The error for a saved state that belongs to something else."""
    return RunError(
        Problem(
            received, expected, "load it with the config that it was trained with", code="optimizer_state"
        )
    )


def of_equal_age(
    counters: int, params: list[Tensor], grads: list[Tensor], columns: tuple[list[Tensor], ...]
) -> Iterator[tuple[tuple[float, ...], list[Tensor], list[Tensor], tuple[list[Tensor], ...]]]:
    """Split a group by the numbers in its first `counters` columns.

    A kernel takes one bias correction for all its tensors. Almost always one piece; parameters that were left
    out of some steps, for want of a gradient, make more. Yields the numbers, then params, grads and columns
    of the piece.
    """
    ages = list(zip(*([float(t) for t in column] for column in columns[:counters]), strict=True))
    if len(set(ages)) == 1:
        yield ages[0], params, grads, columns
        return
    for age in sorted(set(ages)):
        places = [i for i, other in enumerate(ages) if other == age]
        yield (
            age,
            [params[i] for i in places],
            [grads[i] for i in places],
            tuple([column[i] for i in places] for column in columns),
        )
