"""The small sets that come with scikit-learn: no download, read in milliseconds."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...registry import part

if TYPE_CHECKING:
    from ...nn.raw import Raw


@part("data", source="Alpaydin & Kaynak 1998, UCI Optical Recognition of Handwritten Digits (test part); scikit-learn load_digits")
def digits(folder: Path) -> Raw:
    """1,797 handwritten digits as 1x8x8 images with grey values from 0 to 16; 10 even classes."""
    import numpy as np
    from sklearn.datasets import load_digits

    from ...nn.raw import Raw

    found = load_digits()
    images = found.images.astype(np.float32)[:, None]
    return Raw((images, found.target.astype(np.int64)), class_names=tuple(str(i) for i in range(10)))


@part("data", source="Fisher 1936, The use of multiple measurements in taxonomic problems; scikit-learn load_iris")
def iris(folder: Path) -> Raw:
    """150 flowers: 4 lengths in cm; 3 even classes (sorted by class in the file)."""
    from sklearn.datasets import load_iris

    return _classes(load_iris())


@part("data", source="Aeberhard & Forina 1991, UCI Wine; scikit-learn load_wine")
def wine(folder: Path) -> Raw:
    """178 wines: 13 chemical measurements in very different units; 3 classes."""
    from sklearn.datasets import load_wine

    return _classes(load_wine())


@part("data", source="Street, Wolberg & Mangasarian 1993, UCI Breast Cancer Wisconsin (Diagnostic); scikit-learn load_breast_cancer")
def breast_cancer(folder: Path) -> Raw:
    """569 tumours: 30 measurements of cell nuclei; 2 classes (malignant 37 %, benign 63 %)."""
    from sklearn.datasets import load_breast_cancer

    return _classes(load_breast_cancer())


@part("data", source="Efron, Hastie, Johnstone & Tibshirani 2004, Least angle regression; scikit-learn load_diabetes(scaled=False)")
def diabetes(folder: Path) -> Raw:
    """442 patients: 10 measurements in their own units; the target is the disease's progression after a year, from 25 to 346."""
    import numpy as np
    from sklearn.datasets import load_diabetes

    from ...nn.raw import Raw

    # The scaled form was centred with the mean of all rows, so rows held out would leak into training.
    found = load_diabetes(scaled=False)
    targets = found.target.astype(np.float64).reshape(-1, 1)
    return Raw((found.data, targets), target="real", target_names=("progression",), feature_names=tuple(found.feature_names))


def _classes(found: Any) -> Raw:
    import numpy as np

    from ...nn.raw import Raw

    names = tuple(str(name) for name in found.target_names)
    features = tuple(str(name) for name in found.feature_names)
    return Raw((found.data, found.target.astype(np.int64)), class_names=names, feature_names=features)
