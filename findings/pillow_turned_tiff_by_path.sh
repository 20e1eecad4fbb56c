#!/usr/bin/env bash
# Pillow 13.0.0 (NumPy 2.4.6, Python 3.11): an uncompressed TIFF whose orientation tag is 5 to 8 (width and height change places).
#
# Expected: `Image.open(PATH)` and `Image.open(io.BytesIO(bytes of PATH))` give the same pixels, as they do for 1 to 4.
# Seen:     from a buffer the image is turned, 2x3 becomes 3x2. By path the shape stays 2x3 and the pixels of a row end up in
#           other rows: the stored bytes were taken as rows of the turned width. No error, no warning.
# Matters:  scanners and microscopes write uncompressed TIFFs; a data set read by path trains on scrambled images, and one that
#           was read from an archive or over a network does not. dnnlab opens the file itself and hands the file object over.
#
# Fails (exit 1) if this changes.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check pillow==13.0.0 numpy==2.4.6
cd "$work"
"$work/venv/bin/python" - <<'PYTHON'
import io
from pathlib import Path

import numpy as np
from PIL import Image

ORIENTATION = 0x112
stored = np.array([[0, 40, 80], [120, 160, 200]], dtype=np.uint8)
# What the TIFF 6.0 specification means by each value, as an operation on the stored rows.
upright = {
    1: stored,
    2: stored[:, ::-1],
    3: stored[::-1, ::-1],
    4: stored[::-1],
    5: stored.T,
    6: np.rot90(stored, -1),
    7: stored[::-1, ::-1].T,
    8: np.rot90(stored),
}
for value, expected in upright.items():
    tags = Image.Exif()
    tags[ORIENTATION] = value
    path = Path(f"{value}.tif")
    Image.fromarray(stored).save(path, exif=tags)
    buffered = np.asarray(Image.open(io.BytesIO(path.read_bytes())))
    by_path = np.asarray(Image.open(path))
    print(f"orientation {value}: by path {by_path.tolist()}, from a buffer {buffered.tolist()}")
    assert np.array_equal(buffered, expected), f"from a buffer, {value} is no longer upright"
    right = np.array_equal(by_path, expected)
    assert right == (value <= 4), f"by path, {value} is {'right' if right else 'wrong'} now"
    if value > 4:
        assert by_path.shape == stored.shape
print("as described: 5 to 8 are upright from a buffer and scrambled by path")
PYTHON
