"""The small sets are scikit-learn's to the last bit, and reading data imports neither it nor torch."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from sklearn import datasets

from dnnlab import registry
from dnnlab.data.readers import sklearn_sets as small_data

NAMES = ("digits", "iris", "wine", "breast_cancer", "diabetes")
MADE = ("moons", "circles", "blobs", "spirals")


@pytest.mark.parametrize("asked", [False, True], ids=["files", "asked"])
@pytest.mark.parametrize("name", NAMES)
def test_a_small_set_is_scikit_learns(name: str, asked: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    if asked:
        monkeypatch.setattr(small_data, "find_spec", lambda name: None)
    else:
        monkeypatch.setattr(small_data, "_asked", lambda name: pytest.fail("the files were not found"))
    raw = registry.build("data", name, Path())
    found = getattr(datasets, f"load_{name}")(**({"scaled": False} if name == "diabetes" else {}))
    inputs, targets = raw.train
    if name == "digits":
        assert inputs.dtype == np.float32 and np.array_equal(inputs[:, 0], found.images)
    else:
        assert inputs.dtype == found.data.dtype and np.array_equal(inputs, found.data)
        assert raw.feature_names == tuple(found.feature_names)
    assert inputs.flags.c_contiguous and np.array_equal(targets.reshape(-1), found.target)
    if name != "diabetes":
        assert raw.class_names == tuple(str(n) for n in found.target_names)


def test_reading_them_imports_neither_torch_nor_scikit_learn() -> None:
    code = (
        "import json, sys; from pathlib import Path; from dnnlab import registry\n"
        f"for name in {NAMES + MADE}: registry.build('data', name, Path())\n"
        "print(json.dumps([name for name in ('torch', 'sklearn', 'scipy') if name in sys.modules]))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == []
