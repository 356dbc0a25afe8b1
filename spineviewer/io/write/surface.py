"""The mask's surface as triangles in patient coordinates, and as STL, OBJ and PLY files.

The triangles are computed in a child process (this module run as a program), because long numpy
computations would block the window.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Self

import numpy as np
from numpy.typing import NDArray

from spineviewer.child import (
    Child,
    ChildDied,
    Conversation,
    MappedArrays,
    MappedFile,
    Message,
    open_mapped,
)
from spineviewer.errors import ExportError
from spineviewer.io.formats import Content, extensions, writable
from spineviewer.io.write.sidecar import sidecar_path, write_sidecar
from spineviewer.io.write.whole_file import check_target, write_atomically
from spineviewer.progress import JobProgress, Progress
from spineviewer.volume.geometry import Geometry, IndexTriple
from spineviewer.volume.volume import SpineMask
from spineviewer.wording import worded

SURFACE_EXTENSIONS = extensions(writable(Content.SURFACE))
#: Maximum number of triangles of an exported surface.
MAX_TRIANGLES = 100_000
#: Standard deviation of the smoothing that removes the voxel steps, in steps of the sampling.
SMOOTHING_STEPS = 0.7
#: A surface of area A that is sampled every h mm has about this number times A / h**2 triangles.
TRIANGLES_PER_SQUARE = 2.6
COORDINATES = "coordinates: mm in the patient, left-posterior-superior (SPACE=LPS)"
TICK_S = 0.1


@dataclass(frozen=True)
class Surface:
    """A closed surface of triangles.

    Attributes
    ----------
    points_lps_mm
        float32, shape (points, 3).
    triangles
        int32 numbers of points, shape (triangles, 3); anticlockwise as seen from outside.
    """

    points_lps_mm: NDArray[np.float32]
    triangles: NDArray[np.int32]


class _SurfaceRequest(Message, frozen=True):
    """The parent's request.

    Attributes
    ----------
    mask
        The box of the mask, uint8; it begins at voxel `begin_zyx` of the scan.
    folder
        Folder for the arrays of the answer.
    """

    mask: MappedFile
    begin_zyx: IndexTriple
    geometry: Geometry
    max_triangles: int
    folder: str


class _SurfaceArrays(Message, frozen=True):
    """The child's answer: the arrays of a `Surface`."""

    points: MappedFile
    triangles: MappedFile


_CONVERSATION = Conversation[_SurfaceRequest, _SurfaceArrays](
    "spineviewer.io.write.surface", _SurfaceRequest, _SurfaceArrays
)


def write_surface(
    mask: SpineMask,
    path: Path,
    provenance: Mapping[str, Any],
    *,
    overwrite: bool = False,
    progress: Progress | None = None,
    max_triangles: int = MAX_TRIANGLES,
    maker: SurfaceMaker | None = None,
) -> None:
    """Write the mask's surface; the extension of the file name selects STL, OBJ or PLY.

    The header of an STL is too short for the provenance, which is written to a sidecar file.

    Parameters
    ----------
    maker
        Child process that computes several surfaces; if None, one is started.

    Raises
    ------
    ExportError
        When the mask is empty or the file cannot be written.
    """
    check_surface(path, overwrite)
    make = compute_surface if maker is None else maker.compute_surface
    surface = make(mask, max_triangles=max_triangles, progress=progress)
    facts = json.dumps(dict(provenance), sort_keys=True, default=str)
    writer = {".stl": _write_stl, ".obj": _write_obj, ".ply": _write_ply}[path.suffix.lower()]
    write_atomically(path, lambda stream: writer(stream, surface, facts))
    if path.suffix.lower() == ".stl":
        write_sidecar(path, provenance)


def check_surface(path: Path, overwrite: bool) -> None:
    """Check whether a surface can be written to `path`, before it is computed.

    Raises
    ------
    ExportError
        When it cannot.
    """
    if path.suffix.lower() not in SURFACE_EXTENSIONS:
        raise ExportError(
            "{file} does not have an extension for surfaces. Choose one of these: {endings}.",
            file=path.name,
            endings=", ".join(SURFACE_EXTENSIONS),
        )
    for file in surface_files(path):
        check_target(file, overwrite)


def surface_files(path: Path) -> tuple[Path, ...]:
    """Return all files that `write_surface` writes; for STL, these include a sidecar file."""
    return (path, sidecar_path(path)) if path.suffix.lower() == ".stl" else (path,)


def compute_surface(
    mask: SpineMask, *, max_triangles: int = MAX_TRIANGLES, progress: Progress | None = None
) -> Surface:
    """Return the mask's surface; see `SurfaceMaker.compute_surface`."""
    with SurfaceMaker() as maker:
        return maker.compute_surface(mask, max_triangles=max_triangles, progress=progress)


class SurfaceMaker:
    """A child process that computes surfaces one after the other. Use it in a `with` statement.

    Thread ownership: one thread.
    """

    def __init__(self) -> None:
        self._child: Child[_SurfaceArrays] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._child is not None:
            self._child.close()

    def compute_surface(
        self,
        mask: SpineMask,
        *,
        max_triangles: int = MAX_TRIANGLES,
        progress: Progress | None = None,
    ) -> Surface:
        """Return the mask's surface.

        Raises
        ------
        ExportError
            When the mask is empty or the child died.
        Cancelled
            When `progress` raises it.
        """
        if mask.is_empty:
            raise ExportError(
                "The mask is empty, so it has no surface. Lower the thresholds, or "
                "segment the scan first."
            )
        voxels = mask.voxels[mask.box]
        with MappedArrays(voxels.size) as arrays:
            mapped = arrays.create("mask", voxels.shape, np.uint8)
            mapped[...] = voxels
            z, y, x = (axis.start for axis in mask.box)
            request = _SurfaceRequest(
                mask=arrays.description("mask", mapped),
                begin_zyx=(z, y, x),
                geometry=mask.geometry,
                max_triangles=max_triangles,
                folder=str(arrays.folder),
            )
            try:
                answer = self._answer(request, progress or JobProgress())
            except ChildDied as death:
                raise ExportError(
                    "The surface could not be computed: there was too little memory, or the helper "
                    "process ended unexpectedly. Close other programs and try again."
                ) from death
            return Surface(
                np.array(open_mapped(answer.points)), np.array(open_mapped(answer.triangles))
            )

    def _answer(self, request: _SurfaceRequest, progress: Progress) -> _SurfaceArrays:
        if self._child is None:
            self._child = _CONVERSATION.child()
        self._child.send(request)
        while True:
            progress.step(worded("Computing the surface"), 0.5)
            answer = self._child.receive(TICK_S)
            if answer is not None:
                return answer


def surface_nets(
    field: NDArray[np.float32], level: float = 0.5
) -> tuple[NDArray[np.float64], NDArray[np.int32]]:
    """Return triangles where `field` (float32, shape (z, y, x)) crosses `level`.

    The field must be below `level` at all borders. Each cell of eight neighbouring samples that the
    surface crosses gets one point, the mean of the crossings on its edges. Each crossed edge, from
    `sample` to ``sample + step``, joins the points of its four cells into two triangles. A cell is
    identified by its lowest sample. Seen along the edge::

        v ^   c = sample - u        d = sample
          |                  (edge)
          |   a = sample - u - v    b = sample - v
          +---------------------------------------> u

    The corners are listed around the edge (a, b, d, c). The order is reversed where the edge leaves
    the inside, so that all triangles face the same way.

    Returns
    -------
    points
        float64 indices (z, y, x), shape (points, 3).
    triangles
        int32, shape (triangles, 3).
    """
    inside = field >= level
    cells: list[NDArray[np.int64]] = []
    crossings: list[NDArray[np.float64]] = []
    leaves_inside: list[NDArray[np.bool_]] = []
    for axis in range(3):
        lower, upper = _shifted_pair(inside, axis)
        sample = np.argwhere(lower != upper)
        step = np.eye(3, dtype=np.int64)[axis]
        low, high = (
            field[tuple(sample.T)].astype(float),
            field[tuple((sample + step).T)].astype(float),
        )
        crossings.append(sample + step * ((level - low) / (high - low))[:, None])
        u, v = np.eye(3, dtype=np.int64)[[(axis + 1) % 3, (axis + 2) % 3]]
        # a, b, d, c: around the edge
        cells.append(np.stack([sample - u - v, sample - v, sample, sample - u], axis=1))
        leaves_inside.append(inside[tuple(sample.T)])
    corners = np.concatenate(cells)
    numbers = np.ravel_multi_index(tuple(np.moveaxis(corners, -1, 0)), field.shape)
    unique, joined = np.unique(numbers, return_inverse=True)
    quads = joined.reshape(-1, 4)
    where = np.repeat(np.concatenate(crossings), 4, axis=0)
    counts = np.bincount(quads.ravel(), minlength=len(unique)).astype(float)
    points = np.stack(
        [np.bincount(quads.ravel(), where[:, k], len(unique)) / counts for k in range(3)], axis=1
    )
    quads = np.where(np.concatenate(leaves_inside)[:, None], quads[:, ::-1], quads)
    triangles = np.concatenate([quads[:, [0, 1, 2]], quads[:, [0, 2, 3]]]).astype(np.int32)
    return points, triangles


def _shifted_pair(
    values: NDArray[np.bool_], axis: int
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    front: list[slice] = [slice(None)] * 3
    back: list[slice] = [slice(None)] * 3
    front[axis], back[axis] = slice(None, -1), slice(1, None)
    return values[tuple(front)], values[tuple(back)]


def _write_stl(stream: IO[bytes], surface: Surface, facts: str) -> None:
    corners = surface.points_lps_mm[surface.triangles]
    normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    normals /= np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-12)
    record = np.zeros(len(corners), [("normal", "<3f4"), ("corners", "<9f4"), ("spare", "<u2")])
    record["normal"], record["corners"] = normals, corners.reshape(-1, 9)
    stream.write(f"Spineviewer, SPACE=LPS, mm {facts}".encode("ascii", "replace")[:80].ljust(80))
    stream.write(np.uint32(len(corners)).astype("<u4").tobytes())
    stream.write(record.tobytes())


def _write_obj(stream: IO[bytes], surface: Surface, facts: str) -> None:
    stream.write(f"# Spineviewer: {facts}\n# {COORDINATES}\n".encode())
    stream.write(
        b"".join(b"v %.4f %.4f %.4f\n" % tuple(point) for point in surface.points_lps_mm.tolist())
    )
    stream.write(
        b"".join(b"f %d %d %d\n" % tuple(triangle) for triangle in (surface.triangles + 1).tolist())
    )


def _write_ply(stream: IO[bytes], surface: Surface, facts: str) -> None:
    stream.write(
        f"ply\nformat binary_little_endian 1.0\ncomment Spineviewer: {facts}\ncomment "
        f"{COORDINATES}\n"
        f"element vertex {len(surface.points_lps_mm)}\nproperty float x\nproperty float "
        f"y\nproperty float z\n"
        f"element face {len(surface.triangles)}\nproperty list uchar int "
        f"vertex_indices\nend_header\n".encode()
    )
    stream.write(surface.points_lps_mm.astype("<f4").tobytes())
    faces = np.zeros(len(surface.triangles), [("count", "u1"), ("points", "<3i4")])
    faces["count"], faces["points"] = 3, surface.triangles
    stream.write(faces.tobytes())


# the child's part


def _sample_mask(
    mask: NDArray[np.uint8], spacing_mm: tuple[float, float, float], step_mm: float
) -> NDArray[np.float32]:
    """Return the mask sampled every `step_mm`, smoothed, with a border of zeros.

    The field is padded by `border`, so voxel i is at ``border + i``; output sample m reads ``m *
    scale + border - 2 * scale``. With the final pad of one sample, sample n is at voxel index ``(n
    - 3) * step_mm / spacing``.
    """
    from scipy.ndimage import affine_transform, gaussian_filter

    field = mask.astype(np.float32)
    sigma = [SMOOTHING_STEPS * max(step_mm / spacing, 1.0) for spacing in spacing_mm]
    border = [int(np.ceil(4 * s)) + 1 for s in sigma]
    field = gaussian_filter(np.pad(field, [(b, b) for b in border]), sigma)
    scale = [step_mm / spacing for spacing in spacing_mm]
    shape = [int(np.ceil((n - 1) / s)) + 5 for n, s in zip(mask.shape, scale, strict=True)]
    offset = [b - 2 * s for b, s in zip(border, scale, strict=True)]
    samples: NDArray[np.float32] = affine_transform(
        field, scale, offset, tuple(shape), order=1, output=np.float32
    )
    samples[samples >= 0.5] = np.maximum(samples[samples >= 0.5], 0.5 + 1e-6)
    return np.pad(samples, 1)


def _area_mm2(mask: NDArray[np.uint8], spacing_mm: tuple[float, float, float]) -> float:
    """Return the area of the voxels' faces, about 1.5 times that of the smooth surface."""
    faces = [
        float(np.abs(np.diff(np.pad(mask, 1).astype(np.int8), axis=axis)).sum())
        for axis in range(3)
    ]
    z, y, x = spacing_mm
    return faces[0] * y * x + faces[1] * z * x + faces[2] * z * y


def _compute(request: _SurfaceRequest) -> tuple[NDArray[np.float32], NDArray[np.int32]]:
    mask = np.asarray(open_mapped(request.mask))
    geometry = request.geometry
    spacing = geometry.spacing_zyx_mm
    step = float(
        np.sqrt(TRIANGLES_PER_SQUARE * _area_mm2(mask, spacing) / 1.5 / request.max_triangles)
    )
    step = max(step, min(spacing))
    while True:
        points, triangles = surface_nets(_sample_mask(mask, spacing, step))
        if len(triangles) <= request.max_triangles:
            break
        step *= 1.1
    index = (points - 3) * step / np.array(spacing) + np.array(request.begin_zyx)
    return geometry.point_lps_mm(index).astype(np.float32), _facing_outwards(triangles, geometry)


def _facing_outwards(triangles: NDArray[np.int32], geometry: Geometry) -> NDArray[np.int32]:
    """Return the triangles anticlockwise as seen from outside, in the patient.

    The triangles of `surface_nets` already are if the axes (z, y, x) are left-handed in the
    patient.
    """
    return triangles if np.linalg.det(np.array(geometry.axes_lps)) < 0 else triangles[:, ::-1]


def main() -> int:
    """Answer the parent's requests."""
    link = _CONVERSATION.parent()
    while (request := link.receive()) is not None:
        points, triangles = _compute(request)
        link.send(
            _SurfaceArrays(
                _write_array(points, Path(request.folder, "points")),
                _write_array(triangles, Path(request.folder, "triangles")),
            )
        )
    return 0


def _write_array(array: NDArray[Any], path: Path) -> MappedFile:
    """Write an array of any shape and dtype to a new file; return its description."""
    np.ascontiguousarray(array).tofile(path)
    return MappedFile(str(path), array.dtype.str, array.shape)


if __name__ == "__main__":
    sys.exit(main())
