"""The small sets whose files come with scikit-learn, read without importing it (that alone takes 0.8 s).

No torch here.
"""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import numpy as np

from ..raw import Array, RawDataset

_CELLS = (
    *("radius", "texture", "perimeter", "area", "smoothness"),
    *("compactness", "concavity", "concave points", "symmetry", "fractal dimension"),
)
FEATURES: dict[str, tuple[str, ...]] = {
    "iris": ("sepal length (cm)", "sepal width (cm)", "petal length (cm)", "petal width (cm)"),
    "wine": (
        *(
            "alcohol",
            "malic_acid",
            "ash",
            "alcalinity_of_ash",
            "magnesium",
            "total_phenols",
            "flavanoids",
            "nonflavanoid_phenols",
        ),
        *("proanthocyanins", "color_intensity", "hue", "od280/od315_of_diluted_wines", "proline"),
    ),
    "breast_cancer": (
        *(f"mean {name}" for name in _CELLS),
        *(f"{name} error" for name in _CELLS),
        *(f"worst {name}" for name in _CELLS),
    ),
    "diabetes": ("age", "sex", "bmi", "bp", "s1", "s2", "s3", "s4", "s5", "s6"),
}
CLASSES: dict[str, tuple[str, ...]] = {
    "digits": tuple(str(i) for i in range(10)),
    "iris": ("setosa", "versicolor", "virginica"),
    "wine": ("class_0", "class_1", "class_2"),
    "breast_cancer": ("malignant", "benign"),
}
_FILES = {
    "digits": "digits.csv.gz",
    "iris": "iris.csv",
    "wine": "wine_data.csv",
    "breast_cancer": "breast_cancer.csv",
}
_DIABETES = ("diabetes_data_raw.csv.gz", "diabetes_target.csv.gz")


def read_small(name: str) -> RawDataset:
    """A set with the numbers of `sklearn.datasets.load_<name>`, diabetes in its own units (scaled=False).

    Where scikit-learn keeps its files elsewhere, it is asked itself.
    """
    numbers = _from_files(name)
    inputs, targets = numbers if numbers is not None else _asked(name)
    if name == "diabetes":
        # The scaled form was centred with the mean of all rows, so rows held out would leak into training.
        pair = (inputs, targets.reshape(-1, 1))
        return RawDataset(pair, target="real", target_names=("progression",), feature_names=FEATURES[name])
    if name == "digits":
        inputs = inputs.reshape(-1, 1, 8, 8).astype(np.float32)
    return RawDataset(
        (inputs, targets.astype(np.int64)), class_names=CLASSES[name], feature_names=FEATURES.get(name, ())
    )


def _from_files(name: str) -> tuple[Array, Array] | None:
    """Inputs (rows, features) and targets (rows,), both float64; None where a file is not to be found."""
    spec = find_spec("sklearn")  # finds the package without running it
    places = spec.submodule_search_locations if spec is not None else None
    if not places:
        return None
    folder = Path(places[0]) / "datasets" / "data"
    try:
        if name == "diabetes":
            inputs, targets = (np.loadtxt(folder / file) for file in _DIABETES)
            return inputs, targets
        # The first line of a file that is not packed counts rows and columns.
        skipped = 0 if _FILES[name].endswith(".gz") else 1
        table = np.loadtxt(folder / _FILES[name], delimiter=",", skiprows=skipped)
    except OSError:
        return None
    return np.ascontiguousarray(table[:, :-1]), table[:, -1]


def _asked(name: str) -> tuple[Array, Array]:
    from sklearn import datasets

    keys = {"scaled": False} if name == "diabetes" else {}
    inputs, targets = getattr(datasets, f"load_{name}")(return_X_y=True, **keys)
    return np.asarray(inputs, np.float64), np.asarray(targets, np.float64)
