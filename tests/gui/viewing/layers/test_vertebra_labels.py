"""Outlines, tints and names of vertebrae in slices and on curved surfaces."""

from dataclasses import dataclass, field

import numpy as np
import pytest
from scipy import ndimage

from spineviewer.gui.viewing.layers import vertebra_labels
from spineviewer.volume.cuts import PlaneCut
from spineviewer.volume.geometry import Geometry
from spineviewer.volume.outline import outline
from spineviewer.volume.planes import Plane
from spineviewer.volume.ruled import RuledSurface


@dataclass(eq=False)
class Blobs:
    """Three irregular labels whose boxes overlap; one touches the border of the scan."""

    labels: np.ndarray = field(init=False)

    def __post_init__(self):
        z, y, x = np.indices((14, 12, 10))
        self.labels = np.zeros((14, 12, 10), np.uint8)
        self.labels[(z + y < 9) & (x < 6)] = 20
        self.labels[(z + y >= 11) & (z + y < 15) & (x > 1) & (x < 8)] = 21
        self.labels[(z + y > 17) & (x > 2)] = 22

    @property
    def boxes(self):
        found = ndimage.find_objects(self.labels)
        return {label: found[label - 1] for label in (20, 21, 22)}


@pytest.mark.parametrize("plane", list(Plane))
def test_a_slice_has_the_labels_of_its_voxels_and_the_outline_of_each(plane):
    blobs = Blobs()
    geometry = Geometry(blobs.labels.shape, (1.0, 1.0, 1.0), (0.0, 0.0, 0.0))
    for index in range(blobs.labels.shape[plane.value]):
        cut = PlaneCut(plane, geometry, index)
        picture = plane.slice_of(blobs.labels, index)
        assert (vertebra_labels._labels_on_plane(blobs, cut) == picture).all()
        drawn = vertebra_labels._outlines_on_plane(blobs, cut)
        lines = [one.segments for one in drawn if len(one.segments)]
        expected = [outline(picture == label) for label in (20, 21, 22) if (picture == label).any()]
        assert len(lines) == len(expected)
        for mine, whole in zip(lines, expected, strict=True):
            assert set(map(tuple, mine.tolist())) == set(map(tuple, whole.tolist()))


def test_a_slice_names_only_vertebrae_that_it_may_cut():
    blobs = Blobs()
    blobs.marked_names = {20: "L1", 21: "L2", 22: "L3"}
    blobs.centres_zyx = {20: (3.0, 3.0, 3.0), 21: (6.0, 6.0, 5.0), 22: (11.0, 9.0, 6.0)}
    blobs.reach_mm = lambda *_: 30.0
    geometry = Geometry(blobs.labels.shape, (1.0, 1.0, 1.0), (0.0, 0.0, 0.0))
    for index in range(14):
        names = vertebra_labels._names_on_plane(blobs, PlaneCut(Plane.AXIAL, geometry, index))
        in_box = [
            blobs.marked_names[label]
            for label, box in blobs.boxes.items()
            if box[0].start <= index < box[0].stop
        ]
        assert [name.text for name in names] == in_box


def test_the_nearest_pixel_of_a_curved_surface_is_found_with_its_distance():
    random = np.random.default_rng(1)
    spacing = np.array([2.0, 0.7, 0.7])
    rows = 40
    origins = np.cumsum(random.normal((1.0, 0.2, 0.1), 0.1, (rows, 3)), axis=0) + 5
    steps = random.normal((0.0, 0.1, 1.0), 0.05, (rows, 3))
    surface = RuledSurface(origins, steps, np.zeros((rows, 3)), 30, 1.0)
    points = random.uniform(0, 60, (9, 3))
    found = vertebra_labels._nearest_pixels(surface, points, spacing)
    fine = np.arange(0, 29.0001, 0.01)[:, None]
    for point, (right, down, distance) in zip(points, found, strict=True):
        away = [
            np.linalg.norm((point - origin - fine * step) * spacing, axis=1)
            for origin, step in zip(origins, steps, strict=True)
        ]
        row, column = divmod(int(np.argmin(away)), len(fine))
        assert distance == pytest.approx(np.min(away), abs=0.01)
        assert down == row + 0.5
        assert right == pytest.approx(fine[column, 0] + 0.5, abs=0.02)
