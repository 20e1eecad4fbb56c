#!/usr/bin/env bash
# The fast tests on the smallest versions that pyproject.toml declares. It takes long, so .ci/run leaves it out.
#
#     .ci/minima.sh [ARGUMENTS OF PYTEST]        # such as: .ci/minima.sh tests/nn tests/optim
#     TORCH=2.10.0 .ci/minima.sh                 # another torch; VENV=FOLDER keeps the environment for a second run
#
# torch stays at the version of .ci/run: older builds without CUDA are not on the package index.
# Warnings are no errors here: some minima use what newer ones of their own requirements call deprecated.
set -euo pipefail
cd "$(dirname "$0")/.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
venv=${VENV:-$work/venv}

python3 - > "$work/minima.txt" <<'PYTHON'
import re, tomllib
from pathlib import Path

project = tomllib.loads(Path("pyproject.toml").read_text())["project"]
extras = project["optional-dependencies"]
for requirement in [*project["dependencies"], *(one for name in ("parquet", "keras", "onnx", "flax") for one in extras[name])]:
    name, least = re.match(r"([\w-]+)>=([\d.]+)", requirement).groups()
    if name != "torch":
        print(f"{name}=={least}")
PYTHON
echo "== minima"
cat "$work/minima.txt"

[ -x "$venv/bin/python" ] || python3 -m venv "$venv"
. "$venv/bin/activate"
export PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_QUIET=1
pip install "torch==${TORCH:-2.13.0}" -c "$work/minima.txt"
pip install -c "$work/minima.txt" --editable '.[dev]'

echo "== tests"
python -m pytest -o filterwarnings=default --disable-warnings "$@"
