"""Surfaces: closed, of the right size, at the right position, readable by other programs."""

from __future__ import annotations

import hashlib
import json
import struct
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from spineviewer.errors import Cancelled, ExportError
from spineviewer.io.write.surface import Surface, compute_surface, surface_nets, write_surface
from spineviewer.progress import JobProgress
from spineviewer.volume.geometry import Geometry
from spineviewer.volume.volume import SpineMask

#: Oblique on purpose: 20 degrees about S, steps of three different sizes.
TURN = float(np.cos(np.radians(20))), float(np.sin(np.radians(20)))
GRID = Geometry(
    (40, 60, 70),
    (1.5, 0.8, 0.6),
    (-20.0, 30.0, 100.0),
    ((0.0, 0.0, 1.0), (-TURN[1], TURN[0], 0.0), (TURN[0], TURN[1], 0.0)),
)
CENTRE = GRID.point_lps_mm((20, 30, 35))
RADIUS_MM = 14.0


@pytest.fixture(scope="module")
def ball() -> SpineMask:
    index = np.stack(np.meshgrid(*[np.arange(n) for n in GRID.shape_zyx], indexing="ij"), axis=-1)
    return SpineMask(np.linalg.norm(GRID.point_lps_mm(index) - CENTRE, axis=-1) <= RADIUS_MM, GRID)


@pytest.fixture(scope="module")
def surface(ball: SpineMask) -> Surface:
    return compute_surface(ball)


def volume_mm3(surface: Surface) -> float:
    a, b, c = (surface.points_lps_mm[surface.triangles[:, k]].astype(float) for k in range(3))
    return float(np.einsum("ij,ij->i", a, np.cross(b, c)).sum() / 6)


def edges(triangles: NDArray[np.int32]) -> Counter[tuple[int, int]]:
    return Counter((int(t[k]), int(t[(k + 1) % 3])) for t in triangles for k in range(3))


def test_a_ball_has_the_right_radius_position_and_volume(surface: Surface) -> None:
    radii = np.linalg.norm(surface.points_lps_mm - CENTRE, axis=1)
    assert radii.mean() == pytest.approx(RADIUS_MM, abs=0.2)
    assert np.abs(radii - RADIUS_MM).max() < 1.0
    assert np.allclose(surface.points_lps_mm.mean(axis=0), CENTRE, atol=0.2)
    assert volume_mm3(surface) == pytest.approx(4 / 3 * np.pi * RADIUS_MM**3, rel=0.03)


def test_a_surface_is_closed_and_faces_outwards(surface: Surface) -> None:
    counted = edges(surface.triangles)
    assert set(counted.values()) == {1}
    assert all((b, a) in counted for a, b in counted)
    assert len(surface.points_lps_mm) - len(counted) // 2 + len(surface.triangles) == 2
    assert volume_mm3(surface) > 0


def test_fewer_triangles_on_request_at_nearly_the_same_volume(
    ball: SpineMask, surface: Surface
) -> None:
    coarse = compute_surface(ball, max_triangles=1500)
    assert len(coarse.triangles) <= 1500 < len(surface.triangles)
    assert volume_mm3(coarse) == pytest.approx(volume_mm3(surface), rel=0.08)


def test_the_surface_crosses_at_the_level_of_the_field() -> None:
    field = np.zeros((5, 5, 5), np.float32)
    field[2, 2, 2] = 1.0
    points, triangles = surface_nets(field)
    assert len(points) == 8
    assert len(triangles) == 12
    assert np.allclose(points.mean(axis=0), 2)
    assert np.allclose(np.abs(points - 2), 1 / 6)


def test_files_hold_the_same_triangles(ball: SpineMask, surface: Surface, tmp_path: Path) -> None:
    for ending in ("stl", "obj", "ply"):
        write_surface(ball, tmp_path / f"spine.{ending}", {"sigma_mm": 4.0})
    corners = surface.points_lps_mm[surface.triangles]

    stl = (tmp_path / "spine.stl").read_bytes()
    assert b"SPACE=LPS" in stl[:80]
    assert struct.unpack("<I", stl[80:84]) == (len(corners),)
    record = np.frombuffer(stl[84:], [("normal", "<3f4"), ("corners", "<9f4"), ("spare", "<u2")])
    assert np.array_equal(record["corners"].reshape(-1, 3, 3), corners)
    outward = np.einsum("ij,ij->i", record["normal"], corners.mean(axis=1) - CENTRE)
    assert (outward > 0).mean() > 0.99

    # the header of an STL has room for 80 characters
    beside = json.loads((tmp_path / "spine.stl.json").read_text())
    assert beside == {"sigma_mm": 4.0, "file_sha256": hashlib.sha256(stl).hexdigest()}

    lines = (tmp_path / "spine.obj").read_text().splitlines()
    points = np.array([line.split()[1:] for line in lines if line.startswith("v ")], float)
    faces = np.array([line.split()[1:] for line in lines if line.startswith("f ")], int) - 1
    assert np.allclose(points, surface.points_lps_mm, atol=1e-3)
    assert np.array_equal(faces, surface.triangles)
    assert '"sigma_mm": 4.0' in lines[0]

    head, _, body = (tmp_path / "spine.ply").read_bytes().partition(b"end_header\n")
    assert f"element face {len(faces)}".encode() in head
    assert b'"sigma_mm": 4.0' in head
    assert not list(tmp_path.glob("*.[op]*.json"))
    assert np.array_equal(
        np.frombuffer(body, "<f4", points.size).reshape(-1, 3), surface.points_lps_mm
    )


def test_an_empty_mask_and_a_wrong_name_are_reported(tmp_path: Path, ball: SpineMask) -> None:
    with pytest.raises(ExportError, match="mask is empty"):
        write_surface(SpineMask(np.zeros(GRID.shape_zyx, bool), GRID), tmp_path / "spine.stl", {})
    with pytest.raises(ExportError, match="extension for surfaces"):
        write_surface(ball, tmp_path / "spine.vtk", {})
    (tmp_path / "old.stl").touch()
    with pytest.raises(ExportError, match="already exists"):
        write_surface(ball, tmp_path / "old.stl", {})


def test_cancel_ends_the_child(ball: SpineMask) -> None:
    progress = JobProgress()
    progress.cancel()
    with pytest.raises(Cancelled):
        compute_surface(ball, progress=progress)
