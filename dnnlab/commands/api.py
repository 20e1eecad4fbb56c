"""The Python face of a run folder: `dnnlab.train(...)` and `dnnlab.load_run(...)` return a `Run`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import Problem, RunError
from ..lazy_torch import nn
from ..rundir import RunView, find_run, read_run
from ..rundir.run_record import RunRecord
from ..rundir.weights import newest_checkpoint, weights
from .compare.html import html_table
from .train.events import Started

if TYPE_CHECKING:
    from ..data.raw import RawDataset
    from ..rundir.summary import Summary
    from .compare.curves import Curves
    from .inference.predictions import Predictions


class Run:
    """A run, read from its folder each time it is asked: so it may still be training."""

    def __init__(self, path: Path, data: RawDataset | None = None) -> None:
        self.path = path
        self._data = data  # the arrays that `train` was given: a run folder does not hold them

    @property
    def view(self) -> RunView:
        """The folder as it is now."""
        return read_run(self.path)

    @property
    def record(self) -> RunRecord:
        """The folder as it is now, as typed fields."""
        return RunRecord(self.view)

    @property
    def name(self) -> str:
        """The folder's name."""
        return self.path.name

    @property
    def status(self) -> str:
        """The status of the run.

        running, done, stopped_early, diverged, interrupted, terminated, out_of_memory, failed, killed or
        damaged.
        """
        return self.record.status

    @property
    def history(self) -> list[dict[str, Any]]:
        """The rows of metrics.jsonl, one an epoch."""
        return list(self.record.metrics)

    @property
    def config(self) -> dict[str, Any]:
        """The resolved config, flat: address -> value.

        Raises `RunError` if meta.json is damaged; so do `best` and `last`.
        """
        return self._whole().config

    @property
    def best(self) -> dict[str, Any]:
        """{epoch, metrics} at the monitor's best epoch."""
        return self._whole().best

    @property
    def last(self) -> dict[str, Any]:
        """{epoch, metrics} of the last epoch."""
        return self._whole().last

    def plot(self, metric: str | None = None) -> Curves:
        """Training and validation curves as a matplotlib figure, which a notebook shows by itself.

        metric: a key of `history`, by default the monitor. Raises `UsageError` when it was never measured.
        """
        from .compare.curves import run_curves

        return run_curves(self._summary(), metric)

    def model(self, which: str = "best", *, trust_plugins: bool = False) -> nn.Module:
        """The trained net on the CPU, in evaluation mode.

        which: "best" (the monitor's best epoch), "last", or an average by its suffix ("ema"). The inputs that
        it expects are scaled as data.json says. Raises `RunError` when the run has no such weights.
        """
        from ..assembly.rebuilt_net import rebuild_net
        from .load_config import load_run_config

        run = self.record
        loaded = newest_checkpoint(run)
        config = load_run_config(run, trust_plugins=trust_plugins)
        net = rebuild_net(config, run.data.content).network.net
        net.load_state_dict(weights(self.name, loaded.checkpoint, which))
        return net.eval()

    def evaluate(
        self,
        split: str = "test",
        weights: str = "best",
        *,
        data: tuple[Any, Any] | None = None,
        batch_size: int | None = None,
        device: str | None = None,
        by: str | None = None,
        trust_plugins: bool = False,
    ) -> dict[str, Any]:
        """Measure the net on a part of the run's data, keep the result in the run folder, and return it.

        split: test, validation or train. data: (X, y), the arrays that the run was trained on; needed only
        after `load_run`, since the `Run` that `train` returns still has them. by: a column of the run's
        table, whose values are measured one by one, too. The result has the keys of `dnnlab evaluate --json`.
        Raises `DnnlabError`.
        """
        from ..data.readers.arrays import from_arrays
        from ..engine.runtime import prepare

        prepare()
        from .inference.evaluate import evaluate

        raw = self._data if data is None else from_arrays(*data)
        options: dict[str, Any] = {
            "batch_size": batch_size,
            "device": device,
            "raw": raw,
            "trust_plugins": trust_plugins,
            "by": by,
        }
        return evaluate(self.path.absolute(), self.path.parent, split=split, which=weights, **options).json()

    def predict(
        self,
        inputs: Any,
        weights: str = "best",
        *,
        device: str | None = None,
        on_unknown: str = "zeros",
        trust_plugins: bool = False,
    ) -> Predictions:
        """What the net says of new inputs, given as the run's own were before scaling.

        inputs: an array (rows, ...), a data frame, or a path (CSV, .npz, .npy, IDX, an image, a folder of
        images). on_unknown: zeros reads categories that the run does not know as none of their column, with a
        note; error refuses them. Raises `DnnlabError`.
        """
        from ..engine.runtime import prepare

        prepare()
        from .inference.predict import predict

        return predict(
            self.path.absolute(),
            inputs,
            self.path.parent,
            which=weights,
            device=device,
            trust_plugins=trust_plugins,
            on_unknown=on_unknown,
        )

    def __repr__(self) -> str:
        return f"Run({self.name}, {self.status})"

    def _repr_html_(self) -> str:
        """Status, best and last epoch as a small table."""
        run = self._summary()
        names = dict.fromkeys(key for moment in (run.best, run.last) for key in moment.get("metrics", {}))
        rows = [
            [word, str(at.get("epoch")), *(figure(at.get("metrics", {}).get(key)) for key in names)]
            for word, at in moments(run)
        ]
        facts = f"{self.name}: {run.status}" + (f" ({run.problem})" if run.problem else "")
        return html_table(["", "epoch", *names], rows, facts, numbers=1)

    def _whole(self) -> RunRecord:
        record = self.record
        if record.meta_problem is None:
            return record
        text = f"{self.name} is damaged: {record.meta_problem}"
        raise RunError(Problem(text, "expected a whole run", file=str(self.path), code="damaged"))

    def _summary(self) -> Summary:
        from ..rundir.summary import summarize

        return summarize(self.path)


def moments(run: Summary) -> list[tuple[str, dict[str, Any]]]:
    """The best and the last epoch of a run, as far as there are any."""
    return [(word, at) for word, at in ((f"best by {run.monitor}", run.best), ("last", run.last)) if at]


def figure(value: Any) -> str:
    """A measure with four decimals."""
    return f"{value:.4f}" if isinstance(value, float) else "-" if value is None else str(value)


def load_run(run: str | Path, runs_dir: str | Path = "runs") -> Run:
    """A run by path, folder name, any unique piece of it, `last` or `last~2`. Raises `RunError`."""
    return Run(find_run(str(run), Path(runs_dir)))


def train(
    config: str | Path | Mapping[str, Any],
    overrides: Mapping[str, Any] | None = None,
    *,
    data: tuple[Any, Any] | None = None,
    runs_dir: str | Path = "runs",
) -> Run:
    """Train, and return the run.

    config: a YAML file, a run, or a mapping of the same words. overrides: address -> value (`{"optimizer.lr":
    0.01}`). data: (X, y) arrays instead of the config's data: X (n, features) or (n, channels, height,
    width); y (n,) labels or numbers, or (n, k). The returned run keeps them for `evaluate`.
    Raises `DnnlabError` with the texts of the command line.
    """
    from ..data.readers.arrays import from_arrays
    from ..engine.runtime import prepare
    from .load_config import from_python

    checked = from_python(config, overrides or {}, Path(runs_dir), arrays=data is not None)
    prepare()
    raw = None if data is None else from_arrays(*data)
    from .train.train import train as events

    paths = [event.path for event in events(checked, Path(runs_dir), raw=raw) if isinstance(event, Started)]
    return Run(paths[0], raw)
