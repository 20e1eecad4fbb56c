"""The small sets that come with scikit-learn: no download, read in milliseconds, without importing it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ...registry import part

if TYPE_CHECKING:
    from ...data.raw import RawDataset


@part(
    "data",
    source="Alpaydin & Kaynak 1998, UCI Optical Recognition of Handwritten Digits "
    "(test part); scikit-learn load_digits",
    oriented=True,
)
def digits(folder: Path) -> RawDataset:
    """1,797 handwritten digits as 1x8x8 images, grey values from 0 to 16; 10 even classes."""
    from ...data.readers.sklearn_sets import read_small

    return read_small("digits")


@part(
    "data",
    source="Fisher 1936, The use of multiple measurements in taxonomic problems; scikit-learn load_iris",
)
def iris(folder: Path) -> RawDataset:
    """150 flowers: 4 lengths in cm; 3 even classes (sorted by class in the file)."""
    from ...data.readers.sklearn_sets import read_small

    return read_small("iris")


@part("data", source="Aeberhard & Forina 1991, UCI Wine; scikit-learn load_wine")
def wine(folder: Path) -> RawDataset:
    """178 wines: 13 chemical measurements in very different units; 3 classes."""
    from ...data.readers.sklearn_sets import read_small

    return read_small("wine")


@part(
    "data",
    source="Street, Wolberg & Mangasarian 1993, UCI Breast Cancer Wisconsin "
    "(Diagnostic); scikit-learn load_breast_cancer",
)
def breast_cancer(folder: Path) -> RawDataset:
    """569 tumours: 30 measurements of cell nuclei; 2 classes (malignant 37 %, benign 63 %)."""
    from ...data.readers.sklearn_sets import read_small

    return read_small("breast_cancer")


@part(
    "data",
    source="Efron, Hastie, Johnstone & Tibshirani 2004, Least angle regression; "
    "scikit-learn load_diabetes(scaled=False)",
)
def diabetes(folder: Path) -> RawDataset:
    """442 patients: 10 measurements; the target is the progression of the disease after a year, 25 to 346."""
    from ...data.readers.sklearn_sets import read_small

    return read_small("diabetes")
