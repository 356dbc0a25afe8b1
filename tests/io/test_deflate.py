"""The stream of several threads is the one stream that any reader expects."""

import gzip
import zlib

import numpy as np
import pytest

from spineviewer.io.deflate import gzipped


@pytest.mark.parametrize("piece_bytes", [1, 1000, 4096, 2**24])
def test_pieces_joined_are_one_stream_with_the_right_checksum(piece_bytes):
    voxels = np.random.default_rng(0).integers(0, 3, (17, 13, 29), dtype=np.uint8)
    stream = b"".join(gzipped(b"header", voxels, piece_bytes=piece_bytes))
    assert gzip.decompress(stream) == b"header" + voxels.tobytes()
    reader = zlib.decompressobj(31)  # one member: readers that stop after the first see all
    assert reader.decompress(stream) == b"header" + voxels.tobytes()
    assert reader.eof and not reader.unused_data


def test_an_array_in_another_order_is_written_in_c_order():
    voxels = np.arange(2 * 3 * 5, dtype=np.int16).reshape(2, 3, 5)[:, ::-1].transpose(2, 0, 1)
    assert gzip.decompress(b"".join(gzipped(b"", voxels, piece_bytes=8))) == voxels.tobytes()


def test_nothing_but_a_header_is_a_stream_too():
    assert gzip.decompress(b"".join(gzipped(b"only", np.zeros((0, 4), np.uint8)))) == b"only"
