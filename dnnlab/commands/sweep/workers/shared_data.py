"""The data of a worker's trials: prepared by the first process that needs them, mapped by the others."""

from __future__ import annotations

from pathlib import Path

from ....assembly.data import prepare
from ....assembly.training.device import choose_device
from ....config import Config
from ....data.augment.pipeline import check_augment
from ....data.prepare.shared_files import Ready, store, stored
from ....errors import error_path
from ..folder import CACHE, data_key

MOST_KEPT = 2  # data sets that a worker holds open
MOST_STORED = 8  # data sets in the sweep's folder; a search over keys of the data must not fill the disk


class DataShelf:
    """Hands out the data of configs. folder: of the sweep."""

    def __init__(self, folder: Path) -> None:
        self.cache = folder / CACHE
        self._kept: dict[str, Ready] = {}

    def __call__(self, config: Config) -> Ready:
        """The data of a config. Raises `DnnlabError`."""
        key = data_key(config)
        found = self._kept.pop(key, None) or self._look(key, config)
        self._kept[key] = found
        for old in list(self._kept)[:-MOST_KEPT]:
            del self._kept[old]
        bound = config.experiment.data
        with error_path("data"):
            check_augment(bound.common["augment"], found.data.train.inputs, bound.name)
        return found

    def _look(self, key: str, config: Config) -> Ready:
        place = self.cache / key
        if place.exists():
            return stored(place)
        with config.error_places():
            found = prepare(config, device=choose_device(config.experiment.training.device))
        if self.cache.exists() and len(list(self.cache.iterdir())) >= MOST_STORED:
            return found
        try:
            return stored(place) if store(place, found) else found
        except OSError:  # no room for a copy that all could share
            return found
