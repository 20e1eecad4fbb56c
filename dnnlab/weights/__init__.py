"""Weights of other tools: files of named arrays, read without running anything that they bring along.

`read(path)` finds the format by the content. Names and layouts come out as torch has them: `weight` and
`bias`, (units, inputs), (filters, channels, height, width). No torch here, except in the child process that
reads torch's own files.
"""

from .read import read
from .weight_file import WeightArray, WeightFile

__all__ = ["WeightArray", "WeightFile", "read"]
