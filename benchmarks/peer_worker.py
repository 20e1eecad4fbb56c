"""One process of peers.py: trains one epoch with one tool at each line on stdin, and writes its seconds to stdout.

    python benchmarks/peer_worker.py NAME BATCH_SIZE FOLDER

Every tool calls `gate()` at the beginning of each epoch: it answers for the epoch before and waits for the
next command.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np

ENDLESS = 100_000
Gate = Callable[..., None]


def make_gate() -> Gate:
    """The gate; what the tools print goes to stderr from now on."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    began = [0.0]

    def gate(*_: Any, **__: Any) -> None:
        if began[0]:
            print(perf_counter() - began[0], file=answers, flush=True)
        if not sys.stdin.readline():
            sys.exit()
        began[0] = perf_counter()

    return gate


def dnnlab(
    inputs: np.ndarray,
    targets: np.ndarray,
    size: int,
    gate: Gate,
    folder: Path,
    precision: str = "fp32",
    threads: int = 1,
) -> None:
    """The engine with its defaults, process settings included."""
    from dnnlab.engine.runtime import prepare

    prepare()
    from dnnlab.assembly.session import build
    from dnnlab.config import load_mapping
    from dnnlab.data.readers.arrays import from_arrays
    from dnnlab.engine.loop import fit
    from dnnlab.engine.records import Epoch

    config = {
        "data": {"name": "arrays", "validation": "none", "test": "none", "scale": "none"},
        "architecture": {"name": "mlp", "hidden": [300, 100]},
        "activation": "elu",
        "training": {"epochs": ENDLESS, "batch_size": size, "precision": precision, "threads": threads},
    }
    session = build(load_mapping(config), from_arrays(inputs, targets)).session
    gate()
    for record in fit(session):
        if isinstance(record, Epoch):
            gate()


def torch_net() -> Any:
    """The net for the tools around torch, on one thread as dnnlab."""
    import torch
    from torch import nn

    torch.set_num_threads(1)
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(784, 300), nn.ELU(), nn.Linear(300, 100), nn.ELU(), nn.Linear(100, 10))


def lightning(inputs: np.ndarray, targets: np.ndarray, size: int, gate: Gate, folder: Path) -> None:
    """Lightning's Trainer with a CSV logger, a DataLoader in the same process, and the loss logged as its guide does."""
    import lightning as pl
    import torch
    from lightning.pytorch.loggers import CSVLogger
    from torch.utils.data import DataLoader, TensorDataset

    class Module(pl.LightningModule):
        def __init__(self) -> None:
            super().__init__()
            self.net = torch_net()

        def training_step(self, batch: Any, _: int) -> Any:
            loss = torch.nn.functional.cross_entropy(self.net(batch[0]), batch[1])
            self.log("train_loss", loss)
            return loss

        def configure_optimizers(self) -> Any:
            return torch.optim.Adam(self.parameters(), lr=1e-3)

    class Gated(pl.Callback):
        on_train_epoch_start = gate

    loader = DataLoader(
        TensorDataset(torch.from_numpy(inputs), torch.from_numpy(targets)), batch_size=size, shuffle=True
    )
    trainer = pl.Trainer(
        accelerator="cpu",
        max_epochs=ENDLESS,
        logger=CSVLogger(folder / f"lightning-{size}"),
        callbacks=[Gated()],
        enable_checkpointing=False,
        enable_progress_bar=False,
        enable_model_summary=False,
    )
    trainer.fit(Module(), loader)


def skorch(inputs: np.ndarray, targets: np.ndarray, size: int, gate: Gate, folder: Path) -> None:
    """skorch's NeuralNetClassifier without a validation part; it keeps the training loss of every batch."""
    import torch
    from skorch import NeuralNetClassifier
    from skorch.callbacks import Callback

    class Gated(Callback):
        def on_epoch_begin(self, net: Any, **_: Any) -> None:
            gate()

    net = NeuralNetClassifier(
        torch_net(),
        criterion=torch.nn.CrossEntropyLoss,
        optimizer=torch.optim.Adam,
        lr=1e-3,
        batch_size=size,
        max_epochs=ENDLESS,
        train_split=None,
        iterator_train__shuffle=True,
        callbacks=[Gated()],
        verbose=0,
    )
    net.fit(inputs, targets)


def keras(inputs: np.ndarray, targets: np.ndarray, size: int, gate: Gate, folder: Path) -> None:
    """Keras' fit with accuracy, on the backend that KERAS_BACKEND names."""
    if os.environ["KERAS_BACKEND"] == "torch":
        torch_net()  # sets the threads
    import keras

    layers = [
        keras.layers.Input((784,)),
        *(keras.layers.Dense(n, activation="elu") for n in (300, 100)),
        keras.layers.Dense(10),
    ]
    net = keras.Sequential(layers)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    net.compile(optimizer=keras.optimizers.Adam(1e-3), loss=loss, metrics=["accuracy"])

    class Gated(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
            gate()

    net.fit(inputs, targets, batch_size=size, epochs=ENDLESS, shuffle=True, verbose=0, callbacks=[Gated()])


def main() -> None:
    """Train until stdin ends."""
    name, size, folder = sys.argv[1], int(sys.argv[2]), Path(sys.argv[3])
    inputs, targets = np.load(folder / "inputs.npy"), np.load(folder / "targets.npy")
    tools: dict[str, Callable[..., None]] = {
        "dnnlab": dnnlab,
        "lightning": lightning,
        "skorch": skorch,
        "keras": keras,
    }
    more: dict[str, Any] = {"precision": "bf16"} if name.endswith("bf16") else {}
    more |= {"threads": os.cpu_count()} if "cores" in name else {}
    tools[name.partition("-")[0]](inputs, targets, size, make_gate(), folder, **more)


if __name__ == "__main__":
    main()
