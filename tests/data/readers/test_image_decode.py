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


@pytest.mark.parametrize(
    ("array", "words"),
    [
        (np.ones((6, 8), np.float32), r"its pixels are floats \(from 1 to 1\)"),
        (
            np.full((6, 8), 70000, np.int32),
            r"its pixels are whole numbers of 32 bits \(from 70000 to 70000\)",
        ),
        (np.full((6, 8), 255, np.int32), r"its pixels are whole numbers of 32 bits \(from 255 to 255\)"),
    ],
)
def test_floats_and_wide_grey_are_refused_with_the_key_to_write(
    tmp_path: Path, array: np.ndarray, words: str
) -> None:
    path = save(tmp_path / "x.tif", array)
    with pytest.raises(BadImageError, match=words + r".*add `values: \[BLACK, WHITE\]`"):
        decode(path, same())
    low, high = float(array.min()) - 1, float(array.max()) + 3
    assert (decode(path, Form((6, 8), 1, "crop", (low, high))) == 64).all()
    with pytest.raises(BadImageError, match="beyond `values: "):
        decode(path, Form((6, 8), 1, "crop", (low, low + 0.5)))


def test_values_are_scaled_between_black_and_white(tmp_path: Path) -> None:
    floats = np.linspace(-1, 1, 48, dtype=np.float32).reshape(6, 8)
    path = save(tmp_path / "x.tif", floats)
    expected = np.rint((floats.astype(np.float64) + 1) / 2 * 255).astype(np.uint8)
    np.testing.assert_array_equal(decode(path, Form((6, 8), 1, "crop", (-1.0, 1.0)))[0], expected)
    assert read_header(path).grey
    twelve = np.arange(48, dtype=np.uint16).reshape(6, 8) * 87
    path = save(tmp_path / "y.png", twelve)
    expected = np.rint(twelve / 4095 * 255).astype(np.uint8)
    np.testing.assert_array_equal(decode(path, Form((6, 8), 1, "crop", (0, 4095)))[0], expected)


def on_white(color: np.ndarray, alpha: np.ndarray) -> np.ndarray:
    share = alpha[..., None] / 255
    return np.rint(color * share + 255 * (1 - share))


def as_colours(mode: str, source: np.ndarray) -> np.ndarray:
    """The rule in NumPy: (height, width, 3) of what a file of this mode holds."""
    grey = source if source.ndim == 2 else source[..., 0]
    if mode in ("1", "L"):
        return np.stack([grey] * 3, axis=2)
    if mode.startswith("I;16"):
        return np.stack([np.rint(grey / 257)] * 3, axis=2)
    if mode == "LA":
        return on_white(np.stack([grey] * 3, axis=2), source[..., 1])
    if mode == "RGBA":
        return on_white(source[..., :3], source[..., 3])
    if mode == "CMYK":
        inks = source.astype(np.float64)
        return np.rint((255 - inks[..., :3]) * (255 - inks[..., 3:]) / 255)
    if mode == "YCbCr":
        y, cb, cr = (source[..., i].astype(np.float64) for i in range(3))
        cb, cr = cb - 128, cr - 128
        mixed = np.stack([y + 1.402 * cr, y - 0.344136 * cb - 0.714136 * cr, y + 1.772 * cb], axis=2)
        return np.rint(np.clip(mixed, 0, 255))
    return source


def source_of(mode: str) -> tuple[np.ndarray, Image.Image]:
    """Random pixels of a mode, and the image that holds them."""
    draw = np.random.default_rng(5)
    if mode == "1":
        bits = draw.integers(0, 2, (6, 8)).astype(np.uint8) * 255
        return bits, Image.fromarray(bits).convert("1", dither=Image.Dither.NONE)
    if mode.startswith("I;16"):
        deep = draw.integers(0, 65536, (6, 8)).astype(np.uint16)
        return deep, Image.frombytes(mode, (8, 6), deep.astype(">u2" if mode == "I;16B" else "<u2").tobytes())
    channels = {"L": 1, "LA": 2, "RGB": 3, "YCbCr": 3, "RGBA": 4, "CMYK": 4, "P": 1}[mode]
    values = draw.integers(0, 256, (6, 8, channels)).astype(np.uint8)
    if mode == "P":
        palette = draw.integers(0, 256, (256, 3)).astype(np.uint8)
        image = Image.frombytes("P", (8, 6), values.tobytes())
        image.putpalette(palette.tobytes())
        return palette[values[..., 0]], image
    return values, Image.frombytes(mode, (8, 6), values.tobytes())


FILES = {
    "1": ("png", "tif", "bmp", "pbm"), "L": ("png", "tif", "bmp", "pgm"), "LA": ("png", "tif"),
    "P": ("png", "tif", "bmp", "gif"), "RGB": ("png", "tif", "bmp", "ppm"), "RGBA": ("png", "tif"),
    "CMYK": ("tif",), "YCbCr": ("tif",), "I;16": ("png", "tif", "pgm"), "I;16B": ("tif",),
}  # fmt: skip
EXIF = {"png", "tif", "webp"}
TURNS = {1: 0, 2: 0, 3: 2, 4: 2, 5: 3, 6: 3, 7: 1, 8: 1}


def upright(array: np.ndarray, orientation: int) -> np.ndarray:
    turned = np.rot90(array, TURNS[orientation])
    return turned[:, ::-1] if orientation in (2, 4, 5, 7) else turned


@pytest.mark.parametrize(("mode", "suffix"), [(m, suffix) for m, found in FILES.items() for suffix in found])
def test_every_mode_and_orientation_follows_one_rule(tmp_path: Path, mode: str, suffix: str) -> None:
    source, image = source_of(mode)
    for orientation in range(1, 9) if suffix in EXIF else (1,):
        exif = Image.Exif()
        exif[0x0112] = orientation
        path = save(
            tmp_path / f"x{orientation}.{suffix}", image, **({"exif": exif} if suffix in EXIF else {})
        )
        expected = upright(as_colours(mode, source), orientation)
        header = read_header(path)
        assert header.size == expected.shape[:2] and header.grey == (
            mode in ("1", "L", "LA") or mode[0] == "I"
        )
        found = decode(path, same(expected.shape[:2])).transpose(1, 2, 0)
        tolerance = 1 if mode in ("LA", "RGBA", "CMYK", "YCbCr") else 0
        np.testing.assert_allclose(found.astype(float), expected, atol=tolerance)


@pytest.mark.parametrize("suffix", ["jpg", "webp"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_lossy_files_are_turned_alike(tmp_path: Path, suffix: str, orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    image = Image.fromarray(COLOUR)
    options: dict[str, int] = {"quality": 95}
    plain = decode(save(tmp_path / f"plain.{suffix}", image, **options), same()).transpose(1, 2, 0)
    path = save(tmp_path / f"x.{suffix}", image, exif=exif, **options)
    expected = upright(plain, orientation)
    assert read_header(path).size == expected.shape[:2]
    np.testing.assert_array_equal(decode(path, same(expected.shape[:2])).transpose(1, 2, 0), expected)


def test_the_first_of_several_pages_and_frames_is_read(tmp_path: Path) -> None:
    pages = [Image.new("RGB", (8, 6), color) for color in ((10, 20, 30), (200, 0, 0))]
    for suffix in ("tif", "gif", "webp", "png"):
        path = save(tmp_path / f"x.{suffix}", pages[0], save_all=True, append_images=pages[1:], **(
            {"lossless": True} if suffix == "webp" else {}
        ))  # fmt: skip
        assert decode(path, same())[:, 0, 0].tolist() == [10, 20, 30]


def test_a_transparent_value_of_deep_grey_is_white(tmp_path: Path) -> None:
    deep = np.array([[0, 257, 65535, 32896]], np.uint16)
    path = save(tmp_path / "x.png", deep, transparency=257)
    assert decode(path, same((1, 4), 1)).ravel().tolist() == [0, 255, 255, 128]
