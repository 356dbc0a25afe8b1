"""Several threads write a single stream that any reader accepts."""

import gzip
import zlib

import numpy as np
import pytest

from spineviewer.io.write.deflate import gzip_stream


@pytest.mark.parametrize("section_bytes", [1, 1000, 4096, 2**24])
def test_joined_pieces_form_one_stream_with_the_right_checksum(section_bytes):
    voxels = np.random.default_rng(0).integers(0, 3, (17, 13, 29), dtype=np.uint8)
    stream = b"".join(gzip_stream(b"header", voxels, section_bytes=section_bytes))
    assert gzip.decompress(stream) == b"header" + voxels.tobytes()
    reader = zlib.decompressobj(31)  # one member: readers that stop after it see all
    assert reader.decompress(stream) == b"header" + voxels.tobytes()
    assert reader.eof and not reader.unused_data


def test_an_array_in_another_order_is_written_in_c_order():
    voxels = np.arange(2 * 3 * 5, dtype=np.int16).reshape(2, 3, 5)[:, ::-1].transpose(2, 0, 1)
    assert gzip.decompress(b"".join(gzip_stream(b"", voxels, section_bytes=8))) == voxels.tobytes()


def test_a_header_alone_is_a_valid_stream():
    assert gzip.decompress(b"".join(gzip_stream(b"only", np.zeros((0, 4), np.uint8)))) == b"only"


@pytest.mark.parametrize("section_bytes", [1, 5000, 2**24])
@pytest.mark.parametrize(
    "nonzero_box",
    [
        np.s_[2:9, 3:11, 1:20],
        np.s_[0:17, 0:13, 5:6],
        np.s_[16:17, 12:13, 0:29],
        np.s_[0:0, 0:0, 0:0],
        np.s_[17:17, 13:13, 0:0],
    ],
)
@pytest.mark.parametrize("order", [np.s_[:, :, :], np.s_[::-1, ::-1, ::-1]])
def test_voxels_outside_the_nonzero_box_are_written_as_zero(nonzero_box, section_bytes, order):
    noise = np.random.default_rng(0).integers(0, 3, (17, 13, 29), dtype=np.int16)
    voxels = np.zeros(noise.shape, noise.dtype)[order]
    voxels[nonzero_box] = noise[nonzero_box]
    assert (
        gzip.decompress(
            b"".join(
                gzip_stream(b"head", voxels, nonzero_box=nonzero_box, section_bytes=section_bytes)
            )
        )
        == b"head" + voxels.tobytes()
    )


def test_nothing_outside_the_nonzero_box_of_an_array_in_another_order_is_read():
    voxels = np.ones((60, 50, 40), np.uint8).transpose(2, 1, 0)
    nonzero_box = np.s_[10:20, 5:15, 0:60]
    expected = np.zeros_like(voxels)
    expected[nonzero_box] = 1
    assert (
        gzip.decompress(b"".join(gzip_stream(b"", voxels, nonzero_box=nonzero_box)))
        == expected.tobytes()
    )
