"""Reading of image files other than DICOM: images in the file's own order, and label maps."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from spineviewer.errors import GeometryError, ImageReadError, empty_file
from spineviewer.io.choices import UndecidedError
from spineviewer.io.formats import IMAGE_FORMATS, format_of
from spineviewer.io.images.lengths import size_warnings
from spineviewer.io.images.stored import ReadOptions, StoredImage
from spineviewer.volume.geometry import Geometry
from spineviewer.volume.orientation import canonical_order
from spineviewer.volume.volume import ScanFormat, ScanSource


def image_format(path: Path) -> ScanFormat | None:
    """Return the format for a file's extension; None for DICOM and unknown extensions."""
    entry = format_of(path, IMAGE_FORMATS)
    return None if entry is None else entry.kind


def load_image(
    path: Path,
    *,
    is_interpolated: bool = True,
    choice: str | None = None,
    on_progress: Callable[[float], None] = lambda _: None,
) -> StoredImage:
    """Read a NIfTI, NRRD or MetaImage file.

    Parameters
    ----------
    is_interpolated, choice, on_progress
        As in `ReadOptions`.

    Raises
    ------
    UndecidedError
        When it contains several volumes and none was chosen.
    ImageReadError
        When it is damaged, truncated, or not a single 3-D volume.
    GeometryError
        When its header does not describe a grid.
    """
    entry = format_of(path, IMAGE_FORMATS)
    if entry is None or entry.load is None:
        raise ImageReadError(
            "{file} does not have a NIfTI, NRRD or MetaImage file extension. Choose another file.",
            file=path.name,
        )
    if not path.is_file():
        raise ImageReadError("{file} does not exist. Check the path.", file=path)
    if path.stat().st_size == 0:
        raise empty_file(path)
    try:
        image = entry.load(
            path,
            ReadOptions(is_interpolated=is_interpolated, choice=choice, on_progress=on_progress),
        )
        unusual = size_warnings(image.grid.shape_zyx, image.grid.spacing_zyx_mm)
        return replace(image, warnings=(*image.warnings, *unusual))
    except UndecidedError:
        raise
    except GeometryError as error:
        raise GeometryError("{file}: {reason}", file=path.name, reason=error) from error


def read_labels(path: Path) -> tuple[NDArray[np.uint8] | NDArray[np.uint16], Geometry, ScanSource]:
    """Read a label map in canonical order, its geometry and its source.

    Labels have shape (z, y, x); dtype uint8, or uint16 if labels exceed 255.

    Raises
    ------
    ImageReadError
        As in `load_image`; also if the values are not integers from 0 to 65535.
    GeometryError
        As in `load_image`.
    """
    image = load_image(path, is_interpolated=False)
    low, high = float(image.values.min()), float(image.values.max())
    if not (low >= 0 and high <= np.iinfo(np.uint16).max):
        raise ImageReadError(
            "{file} contains values from {low:g} to {high:g}, but labels must be whole numbers "
            "from 0 to 65535. Choose another file.",
            file=path.name,
            low=low,
            high=high,
        )
    labels = image.values.astype(np.uint8 if high <= np.iinfo(np.uint8).max else np.uint16)
    if image.values.dtype.kind == "f" and not np.array_equal(labels, image.values):
        raise ImageReadError(
            "{file} contains fractional values, but labels must be whole numbers. Choose another "
            "file.",
            file=path.name,
        )
    order = canonical_order(image.grid)
    source = source_of(path, image)
    return (
        np.ascontiguousarray(order.to_canonical(labels)),
        order.canonical_geometry(image.grid),
        source,
    )


def source_of(path: Path, image: StoredImage) -> ScanSource:
    """Describe the file of an image, so that results can be written on its grid."""
    return ScanSource(
        path=path,
        format=image.format,
        grid=image.grid,
        order=canonical_order(image.grid),
        is_orientation_known=image.is_orientation_known,
        warnings=image.warnings,
        nifti_orientation=image.nifti_orientation,
        sheared=image.sheared,
    )
