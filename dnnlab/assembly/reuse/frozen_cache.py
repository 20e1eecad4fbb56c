"""Where a net may be cut so that its frozen bottom is computed once, and the outputs at that cut.

The cut lies above the last layer from the input on that is frozen and gives one row the same bits in every
batch: nothing below it is drawn, measured on the batch or learned. The cache lives as long as the process
and the phase of the training: other data, weights or cuts never meet an old one.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from ...data.prepare.memory_limits import fits
from ...data.storage.data_cache import VARIABLE, cache_folder
from ...engine.cached import CachedBottom, MappedRows
from ...engine.loop import EVALUATION_ROWS
from ...engine.session import Session
from ...engine.split import Split
from ...engine.step import pieces_of
from ...errors import ConfigError, Problem, StorageError
from ...nn.layers.linear_maps import Chain
from ...nn.seeds import mix

ORDERS = 2  # in which the rows of a batch are tried
PATH = "reuse.cache_frozen"


@dataclass(frozen=True)
class Cut:
    """Where a net is cut, or why it is not."""

    layers: tuple[str, ...] = ()
    """The modules below the cut; empty if there is none."""
    why: str = ""
    """Why there is no cut, or why it does not lie higher."""
    size: int = 0
    """Bytes of all outputs at the cut."""
    on_disk: bool = False

    def json(self) -> dict[str, Any]:
        """What reuse.json keeps of it."""
        where = ("disk" if self.on_disk else "memory") if self.layers else None
        return {"layers": list(self.layers), "where": where, "bytes": self.size, "why": self.why}


def find_cut(session: Session, word: str) -> Cut:
    """The highest cut of a session. word: auto, memory or disk.

    auto: no cut with the reason; else raises `ConfigError` with it, and `StorageError` for a full disk.
    """
    try:
        return _cut(session, word)
    except ConfigError as error:
        if word != "auto":
            raise
        return Cut(why=error.problems[0].received)


def _cut(s: Session, word: str) -> Cut:
    generator = torch.Generator().manual_seed(mix(0, "a batch that is tried"))
    whole = max(len(piece) for piece in _pieces(s))
    index = torch.randperm(len(s.train), generator=generator)[:whole].to(s.train.order_device)
    batch = s.train.rows(index)
    _check_inputs(s, index)
    layers, why, outputs = _bottom(s, batch.inputs)
    if not any(True for name in layers for _ in s.net.get_submodule(name).parameters()):
        raise _refused(why or "no frozen layer stands at the input")
    _check_row_by_row(s, layers, batch.inputs, outputs)
    rows = len(s.train) + len(s.sample) + (0 if s.validation is None else len(s.validation))
    size = rows * outputs[0].numel() * outputs.element_size()
    on_disk = word == "disk" or (word == "auto" and not fits(size, s.device))
    if word == "memory" and not fits(size, s.device):
        raise _refused(f"the outputs need {_bytes(size)}, more than half of the free memory")
    if on_disk and (free := _free(cache_folder())) < size:
        error = _full(size, f"{_bytes(free)} are free")
        raise error if word == "disk" else _refused(error.problems[0].received)
    return Cut(tuple(layers), why, size, on_disk)


def make_cache(s: Session, cut: Cut) -> CachedBottom:
    """Compute the outputs at a cut. Raises `StorageError` if the disk is full."""
    below = [s.net.get_submodule(name) for name in cut.layers]
    top = Chain({name: module for name, module in s.net.named_children() if name not in cut.layers})
    size = max(len(piece) for piece in _pieces(s))
    was_training = s.net.training
    s.net.train()
    train = _outputs(s, below, _whole_batches(s, size), len(s.train), cut)
    s.net.eval()
    sample = s.sample[: s.plan.train_eval_rows]
    measured = max(s.plan.batch_size, EVALUATION_ROWS)
    again = _outputs(
        s, below, (s.train.rows(key).inputs for key in torch.split(sample, measured)), len(sample), cut
    )
    validation = None
    if (rows := s.validation) is not None:
        spans = (slice(start, start + measured) for start in range(0, len(rows), measured))
        found = _outputs(s, below, (rows.rows(span).inputs for span in spans), len(rows), cut)
        validation = Split(found, rows.all_targets(), rows.weights)
    s.net.train(was_training)
    targets = s.train.all_targets()
    return CachedBottom(
        top, Split(train, targets, s.train.weights), validation, Split(again, targets[sample])
    )


def _pieces(s: Session) -> list[Tensor]:
    """The pieces of an epoch's steps, as rows of the file; only their sizes matter."""
    everything = torch.arange(len(s.train))
    return [piece for first, last in s.plan.step_bounds() for piece in pieces_of(s, everything[first:last])]


def _check_inputs(s: Session, index: Tensor) -> None:
    """Raise `ConfigError` if the net's inputs are not the same in every epoch."""
    if s.forward is not s.net:
        raise _refused("training.compile makes one piece of the net")
    if not isinstance(s.net, Chain):
        raise _refused("the net is no row of layers")
    if s.augment:
        raise _refused("data.augment changes the inputs in every step")
    if s.train.targets is None:
        raise _refused("the targets are the inputs, which are read in every step")
    s.generator.manual_seed(mix(s.plan.seed, 0))
    for effect in s.batch_effects:
        batch = s.train.rows(index)
        if effect(batch).inputs is not batch.inputs:
            raise _refused(f"{type(effect).__name__} changes the inputs in every step")


@torch.no_grad()
def _bottom(s: Session, inputs: Tensor) -> tuple[list[str], str, Tensor]:
    """The modules below the highest cut, why it is not higher, and their outputs for a batch."""
    layers: list[str] = []
    why = ""
    s.net.train()
    for name, module in s.net.named_children():
        if any(parameter.requires_grad for parameter in module.parameters()):
            why = f"{name} learns"
            break
        kept = {key: buffer.clone() for key, buffer in module.named_buffers()}
        before = s.generator.get_state()
        with s.autocast():
            outputs = module(inputs)
        if not torch.equal(s.generator.get_state(), before):
            why = f"{name} draws random numbers in every step"
            break
        changed = [key for key, buffer in module.named_buffers() if not torch.equal(buffer, kept[key])]
        if changed:
            for key, buffer in module.named_buffers():
                buffer.copy_(kept[key])
            why = f"{name} goes on measuring ({changed[0]})"
            break
        layers.append(name)
        inputs = outputs
    return layers, why, inputs


@torch.no_grad()
def _check_row_by_row(s: Session, layers: Sequence[str], inputs: Tensor, outputs: Tensor) -> None:
    """Raise `ConfigError` if a row's outputs depend, in the last bit, on its place in a batch or on its size.

    Kernels may add in another order for other sizes. inputs, outputs: of a whole batch.
    """
    below = [s.net.get_submodule(name) for name in layers]
    generator = torch.Generator().manual_seed(mix(0, "orders of a batch"))
    stored = torch.empty_like(outputs).copy_(outputs)
    for count in sorted({len(piece) for piece in _pieces(s)}):
        for _ in range(ORDERS):
            order = torch.randperm(len(inputs), generator=generator)[:count].to(s.device)
            direct, kept = _through(s, below, inputs[order]), stored[order]
            if direct.stride() != kept.stride() or not torch.equal(direct, kept):
                raise _refused(f"batches of {count} rows are computed differently here, in the last bits")


def _through(s: Session, modules: Sequence[nn.Module], inputs: Tensor) -> Tensor:
    with s.autocast():
        for module in modules:
            inputs = module(inputs)
    return inputs


def _whole_batches(s: Session, size: int) -> Iterator[Tensor]:
    """The training inputs in batches of one size; the last one begins again with the first rows."""
    for start in range(0, len(s.train), size):
        rows = s.train.rows(slice(start, start + size)).inputs
        missing = size - len(rows)
        yield torch.cat([rows, s.train.rows(slice(0, missing)).inputs]) if missing else rows


@torch.no_grad()
def _outputs(
    s: Session, below: Sequence[nn.Module], batches: Iterator[Tensor], count: int, cut: Cut
) -> Tensor | MappedRows:
    """The outputs of `count` rows, in memory or in a file."""
    place: Tensor | None = None
    start = 0
    for inputs in batches:
        found = _through(s, below, inputs)
        if place is None:
            place = _room(found, count, on_disk=cut.on_disk)
        end = min(start + len(found), count)
        place[start:end] = found[: end - start]
        start = end
    if place is None:
        place = torch.empty(0, device=s.device)
    return MappedRows(place, s.device) if cut.on_disk else place


def _room(like: Tensor, count: int, *, on_disk: bool) -> Tensor:
    """Room for `count` rows like those of a batch, in the same order of axes in memory."""
    last = like.ndim == 4 and like.is_contiguous(memory_format=torch.channels_last)
    last = last and not like.is_contiguous()
    shape = [count, *like.shape[2:], like.shape[1]] if last else [count, *like.shape[1:]]
    make = _mapped if on_disk else partial(torch.empty, device=like.device)
    room: Tensor = make(shape, dtype=like.dtype)
    return room.permute(0, 3, 1, 2) if last else room


def _mapped(shape: Sequence[int], dtype: torch.dtype) -> Tensor:
    """A tensor in a file that nobody else sees and that vanishes with the process.

    The room on the disk is taken at once: writing into a file that grew beyond it would kill the process.
    """
    numbers = torch.Size(shape).numel()
    size, folder = numbers * dtype.itemsize, cache_folder()
    file = None
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=folder, prefix="frozen-", delete=False) as opened:
            file = Path(opened.name)
            os.posix_fallocate(opened.fileno(), 0, max(size, 1))
        return torch.from_file(str(file), shared=True, size=numbers, dtype=dtype).view(*shape)
    except OSError as error:
        raise _full(size, error.strerror or str(error)) from None
    finally:
        if file is not None:
            file.unlink(missing_ok=True)


def _free(folder: Path) -> int:
    """Free bytes on the disk of a folder that may not exist yet."""
    there = next(parent for parent in (folder, *folder.parents) if parent.exists())
    return shutil.disk_usage(there).free


def _full(size: int, why: str) -> StorageError:
    text = f"the outputs of the frozen layers need {_bytes(size)} in {cache_folder()}: {why}"
    fix = f"free so much there, set {VARIABLE} to another folder, or reuse: {{cache_frozen: none}}"
    return StorageError(Problem(text, "expected room for them", fix, PATH, code="cache"))


def _refused(reason: str) -> ConfigError:
    expected = "expected frozen layers at the input that nothing random reaches"
    return ConfigError(Problem(reason, expected, "cache_frozen: none, or auto", PATH, code="no_effect"))


def _bytes(size: int) -> str:
    """`1.2 GB`."""
    return f"{size / 1e9:.1f} GB" if size >= 1e9 else f"{size / 1e6:.1f} MB"
