"""Decoding images: every kind of file becomes the same upright bytes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from helpers.images import pixels, save
from PIL import Image

from dnnlab.data.readers.image_decode import BadImageError, Form, decode, quiet, read_header

COLOUR = pixels()
CHW = COLOUR.transpose(2, 0, 1)


def same(size: tuple[int, int] = (6, 8), channels: int = 3, fit: str = "crop") -> Form:
    return Form(size, channels, fit)


@pytest.mark.parametrize("suffix", ["png", "bmp", "tif", "webp", "ppm"])
def test_lossless_files_give_their_own_bytes(tmp_path: Path, suffix: str) -> None:
    options = {"lossless": True} if suffix == "webp" else {}
    found = decode(save(tmp_path / f"x.{suffix}", COLOUR, **options), same())
    np.testing.assert_array_equal(found, CHW)
    assert found.dtype == np.uint8 and found.flags["C_CONTIGUOUS"]


def test_grey_and_colour(tmp_path: Path) -> None:
    grey = pixels(channels=1)
    path = save(tmp_path / "x.png", grey)
    np.testing.assert_array_equal(decode(path, same(channels=1)), grey[None])
    np.testing.assert_array_equal(decode(path, same()), np.stack([grey] * 3))
    red = save(tmp_path / "red.png", np.full((6, 8, 3), (255, 0, 0), np.uint8))
    assert set(decode(red, same(channels=1)).ravel().tolist()) == {76}  # ITU-R 601: 0.299 of 255
    assert read_header(path).grey and not read_header(red).grey


def test_palettes_become_colours(tmp_path: Path) -> None:
    image = Image.fromarray(np.array([[0, 1], [2, 0]], np.uint8), "L").convert("P")
    image.putpalette([255, 0, 0, 0, 255, 0, 0, 0, 255])
    found = decode(save(tmp_path / "x.png", image), same((2, 2)))
    assert found.transpose(1, 2, 0).tolist() == [[[255, 0, 0], [0, 255, 0]], [[0, 0, 255], [255, 0, 0]]]


def test_transparency_is_laid_on_white(tmp_path: Path) -> None:
    rgba = np.zeros((1, 3, 4), np.uint8)
    rgba[0, :, 3] = (0, 255, 51)  # black: invisible, solid, a fifth
    found = decode(save(tmp_path / "x.png", rgba), same((1, 3)))
    assert found[0, 0].tolist() == [255, 0, 204]
    indexed = Image.fromarray(np.array([[0, 1]], np.uint8), "L").convert("P")
    indexed.putpalette([9, 9, 9, 40, 50, 60])
    found = decode(save(tmp_path / "y.png", indexed, transparency=0), same((1, 2)))
    assert found[:, 0].T.tolist() == [[255, 255, 255], [40, 50, 60]]


def test_sixteen_bits_keep_their_upper_eight(tmp_path: Path) -> None:
    deep = np.array([[0, 257, 65535, 32896]], np.uint16)
    path = save(tmp_path / "x.png", deep)
    assert decode(path, same((1, 4), 1)).ravel().tolist() == [0, 1, 255, 128]
    assert read_header(path).grey


@pytest.mark.parametrize("orientation", range(1, 9))
def test_orientation_is_applied(tmp_path: Path, orientation: int) -> None:
    turns = {1: 0, 2: 0, 3: 2, 4: 2, 5: 3, 6: 3, 7: 1, 8: 1}
    exif = Image.Exif()
    exif[0x0112] = orientation
    path = save(tmp_path / "x.png", COLOUR, exif=exif)
    upright = np.rot90(COLOUR, turns[orientation])
    upright = upright[:, ::-1] if orientation in (2, 4, 5, 7) else upright
    assert read_header(path).size == upright.shape[:2]
    np.testing.assert_array_equal(decode(path, same(upright.shape[:2])), upright.transpose(2, 0, 1))


def test_fits(tmp_path: Path) -> None:
    halves = np.zeros((4, 8, 3), np.uint8)
    halves[:, 4:] = 200
    path = save(tmp_path / "x.png", halves)
    row = [decode(path, Form((4, 4), 3, fit))[0].tolist() for fit in ("crop", "pad", "stretch")]
    assert row[0] == [[0, 0, 200, 200]] * 4  # the middle of the width
    assert [r[0] for r in row[1]] == [0, 0, 0, 0] and row[1][0] == [0] * 4 == row[1][
        3
    ]  # black bars above and below
    assert row[1][1] == row[1][2] == row[2][0]
    assert row[2][0] == row[2][3] and row[2][0][0] == 0 and row[2][0][3] == 200


def test_cmyk_and_bits(tmp_path: Path) -> None:
    assert (
        decode(save(tmp_path / "x.jpg", Image.new("CMYK", (8, 6), (0, 255, 255, 0))), same())[0].min() > 250
    )
    assert decode(save(tmp_path / "x.png", Image.new("1", (8, 6), 1)), same(channels=1)).tolist() == [
        [[255] * 8] * 6
    ]


@pytest.mark.parametrize("suffix", ["png", "jpg", "gif", "tif", "bmp", "webp"])
def test_a_file_cut_anywhere_is_bad_or_read_but_never_a_crash(tmp_path: Path, suffix: str) -> None:
    path = save(tmp_path / f"x.{suffix}", COLOUR)
    content, outcomes = path.read_bytes(), set()
    for keep in range(0, len(content), max(1, len(content) // 64)):
        path.write_bytes(content[:keep])
        try:
            with quiet():
                outcomes.add(decode(path, same()).shape)
        except BadImageError as error:
            outcomes.add("bad")
            assert str(error)
    assert "bad" in outcomes and outcomes <= {"bad", (3, 6, 8)}


def test_floats_and_wide_grey_are_refused(tmp_path: Path) -> None:
    with pytest.raises(BadImageError, match="its pixels are floats"):
        decode(save(tmp_path / "x.tif", np.ones((6, 8), np.float32)), same())
    with pytest.raises(BadImageError, match="grey values from 70000 to 70000"):
        decode(save(tmp_path / "y.tif", np.full((6, 8), 70000, np.int32)), same())
