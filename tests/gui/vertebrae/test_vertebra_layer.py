"""Named vertebrae over planes, oblique and curved pictures and report images."""

from dataclasses import dataclass, field, replace
from types import SimpleNamespace

import numpy as np
import pytest
from conftest import segment
from fakes import FakeBackend
from PySide6.QtGui import QColor
from scipy.ndimage import find_objects

from spineviewer.app.state import MaskStyle
from spineviewer.gui.kit.theme import SECOND_MASK_COLOUR, level_colour
from spineviewer.gui.viewing.composer import Composer
from spineviewer.gui.viewing.curve_source import CurveSource
from spineviewer.gui.viewing.scene import Scene
from spineviewer.gui.viewing.slice_source import SliceSource
from spineviewer.volume.centre_line import CentreLine
from spineviewer.volume.cuts import CurvedCut, RotatedCut
from spineviewer.volume.planes import Plane
from spineviewer.volume.rotation import Rotation


@dataclass(eq=False)
class Named:
    labels: np.ndarray
    marked_names: dict = field(default_factory=lambda: {19: "T12", 20: "L1"})
    centres_zyx: dict = field(
        default_factory=lambda: {19: (69.5, 45.0, 36.0), 20: (44.5, 45.0, 36.0)}
    )

    @property
    def boxes(self):
        found = find_objects(self.labels)
        return {label: found[label - 1] for label in self.marked_names}

    def reach_mm(self, label, direction_lps):
        return 8.0

    def level_at(self, point_lps_mm, across_lps=None):
        return None


@dataclass(eq=False)
class AtADisc(Named):
    """The axial plane is at one vertebra, the spine at another."""

    in_plane: str = "L1"
    along_spine: str = "T12"

    def level_at(self, point_lps_mm, across_lps=None):
        name = self.along_spine if across_lps is None else self.in_plane
        labels = {name: label for label, name in self.marked_names.items()}
        return SimpleNamespace(label=labels[name]) if name else None


@pytest.fixture
def scene(qtbot, make_window, scan):
    window = make_window(FakeBackend([scan]), scan=scan)
    segment(qtbot, window)
    labels = np.zeros(scan.geometry.shape_zyx, np.uint8)
    labels[60:80, 35:56, 26:47] = 19
    labels[35:55, 35:56, 26:47] = 20
    verbs = window.verbs
    return Scene(verbs.state, verbs.fusion, vertebrae=Named(labels))


def frames(scene):
    geometry = scene.state.scan.geometry
    rotation = Rotation().in_picture(Plane.AXIAL, 12)
    middle_mm = np.array((57.0, 45.0, 36.0)) * geometry.spacing_zyx_mm
    oblique = RotatedCut(
        Plane.SAGITTAL, geometry, rotation, float(middle_mm @ rotation.normal(Plane.SAGITTAL)) + 3
    )
    return {
        "plane": Composer().frame(scene, scene.state.cut(Plane.SAGITTAL)),
        "oblique": Composer().frame(scene, oblique),
    }


@pytest.mark.parametrize("kind", ["plane", "oblique"])
def test_each_level_has_its_outline_and_name_where_it_is(scene, kind):
    frame = frames(scene)[kind]
    part = frame.parts["vertebrae"]
    assert [name.text for name in part.names] == ["T12", "L1"]
    assert {outline.stroke.colour for outline in part.outlines} == {
        level_colour(19).name(),
        level_colour(20).name(),
    }
    for name, outline in zip(part.names, part.outlines, strict=True):
        assert outline.stroke.colour == name.colour
        right, down = outline.segments[:, ::2], outline.segments[:, 1::2]
        assert right.min() < name.right_px < right.max()
        assert down.min() < name.down_px < down.max()


def test_the_outline_of_a_box_in_a_slice_is_that_box(scene):
    part = frames(scene)["plane"].parts["vertebrae"]
    l1 = next(
        outline for outline in part.outlines if outline.stroke.colour == level_colour(20).name()
    )
    assert l1.segments[:, ::2].min() == pytest.approx(35, abs=0.51)
    assert l1.segments[:, ::2].max() == pytest.approx(56, abs=0.51)
    assert l1.segments[:, 1::2].min() == pytest.approx(96 - 55, abs=0.51)
    assert l1.segments[:, 1::2].max() == pytest.approx(96 - 35, abs=0.51)


def test_as_a_tint_each_level_has_its_own_colour_and_the_mask_is_not_drawn(scene):
    shown = replace(scene.state.overlays, mask_style=MaskStyle.TINT)
    parts = frames(replace(scene, state=replace(scene.state, overlays=shown)))["plane"].parts
    assert parts["mask"].tint is None
    assert set(np.unique(parts["vertebrae"].tint.indices)) == {0, 19, 20}


def test_nothing_is_drawn_without_names_or_while_everything_is_hidden(scene):
    assert "vertebrae" not in frames(replace(scene, vertebrae=None))["plane"].parts
    hidden = replace(scene.state.overlays, is_all_hidden=True)
    assert (
        "vertebrae"
        not in frames(replace(scene, state=replace(scene.state, overlays=hidden)))["plane"].parts
    )


@pytest.mark.parametrize("label", range(1, 29))
def test_neighbours_and_the_mask_have_distinguishable_colours(label):
    def apart(one, other):
        return np.linalg.norm(np.array(one.getRgb()[:3]) - np.array(other.getRgb()[:3]))

    assert apart(level_colour(label), level_colour(label + 1)) > 100
    assert apart(level_colour(label), level_colour(label + 2)) > 50
    assert apart(level_colour(label), QColor("#31d8e6")) > 60
    assert apart(level_colour(label), QColor(SECOND_MASK_COLOUR)) > 100


@pytest.mark.parametrize(
    ("in_plane", "along_spine", "level"),
    [
        ("L1", "T12", "T12/L1"),
        ("T12", "L1", "T12/L1"),
        ("L1", "L1", "L1"),
        ("L1", "", "L1"),
        ("", "T12", "T12"),
        ("", "", ""),
    ],
)
def test_all_views_name_the_same_level_and_both_vertebrae_at_a_disc(
    scene, in_plane, along_spine, level
):
    named = AtADisc(scene.vertebrae.labels, in_plane=in_plane, along_spine=along_spine)
    scene = replace(scene, vertebrae=named)
    assert scene.level == level
    ones = np.ones(96)
    places = np.stack([np.arange(96.0), 60 * ones, 50 * ones], axis=1)
    down, back, left = (np.tile(way, (96, 1)) for way in np.eye(3))
    line = CentreLine(places, down, left, back, 1.0, 0.0, 95.0)
    cut = CurvedCut(line, Plane.SAGITTAL, scene.state.scan.geometry, 0.0)
    curved = CurveSource(Plane.SAGITTAL), cut
    flat = SliceSource(Plane.AXIAL), scene.state.cut(Plane.AXIAL)
    for source, cut in (curved, flat):
        words = source.annotations(scene, cut, "").right
        assert [text for text in words if "level" in text] == ([f"level {level}"] if level else [])
