"""dnnlab's own parts of a kind are loaded when the kind is first asked for, and no others."""

import subprocess
import sys

PROBE = """
import sys
from dnnlab.registry import entries, find, nearest
assert not [name for name in sys.modules if name.startswith("dnnlab.parts.")]
assert find("optimizer", "adam") is not None and nearest("optimizer", "adan") and entries("optimizer")
print(sorted({name.split(".")[2] for name in sys.modules if name.startswith("dnnlab.parts.")}))
"""
PACKAGE = """
from types import SimpleNamespace
from dnnlab.registry import Kind, find, part, plugins

def load():
    @part("schedule", source="a package")
    def from_a_package(base, total_steps, steps_per_epoch):
        '''A schedule of an installed package.'''

plugins.entry_points = lambda group: [SimpleNamespace(value="a package", load=load)]
assert find("optimizer", "adam").origin is None
assert find("schedule", "from_a_package").origin == "a package"
assert find("schedule", "cosine").origin is None
print("fine")
"""


def output(program: str) -> str:
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_only_the_kind_that_is_asked_for_is_loaded() -> None:
    assert output(PROBE) == "['optimizer']"


def test_parts_of_a_package_come_after_all_of_dnnlabs_own() -> None:
    assert output(PACKAGE) == "fine"
