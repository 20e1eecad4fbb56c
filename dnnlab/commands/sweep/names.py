"""Names that several processes of a sweep must agree about."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from ...config import Config


def data_key(config: Config, *, augment: bool = False) -> str:
    """A name for the data of a config: the same for all that prepare the same rows in the same way.

    augment: whether augmentations count, which act on batches and not on what is prepared.
    """
    data: Any = config.resolved()["data"]
    if not augment:
        data = {key: value for key, value in data.items() if key != "augment"}
    folders = [str(config.folder_of(f"data.{key}")) for key in sorted(data)]
    text = json.dumps([data, folders, config.experiment.training.device], sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:16]
