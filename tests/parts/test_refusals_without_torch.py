"""Parts that can refuse do so before they import torch, so that a config is checked where torch is not even
installed.
"""

from __future__ import annotations

import json
import subprocess
import sys

CASES = [
    ["normalization", {"name": "group", "groups": 3}, [8, 2]],
    ["normalization", {"name": "group", "groups": 8}, [8, 0]],
    ["normalization", {"name": "instance"}, [8, 0]],
    ["normalization", {"name": "layer"}, [1, 0]],
    ["activation", {"name": "rrelu", "lower": 0.5, "upper": 0.2}, [8]],
]
SCRIPT = """
import json, sys
sys.modules["torch"] = None
from dnnlab import registry
from dnnlab.errors import ConfigError
for kind, spec, runtime in json.loads(sys.argv[1]):
    try:
        registry.build(kind, spec, *runtime)
    except ConfigError as error:
        print(error.problems[0].code)
"""


def test_every_refusal_comes_without_torch() -> None:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, json.dumps(CASES)], capture_output=True, text=True, timeout=60
    )
    assert done.stderr == ""
    assert done.stdout.split() == ["indivisible", "indivisible", "no_effect", "no_effect", "out_of_range"]
