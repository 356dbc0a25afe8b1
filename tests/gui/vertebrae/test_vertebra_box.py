"""The list of vertebrae in the panel."""

import numpy as np
import pytest

from spineviewer.app.checklist import Checklist
from spineviewer.app.region_search import UncertainRegion, UncertaintyKind
from spineviewer.gui.reviewing.uncertain_region_box import UncertainRegionBox
from spineviewer.gui.vertebrae.vertebra_box import VertebraBox
from spineviewer.labelling.cut_parts import CutParts
from spineviewer.labelling.vertebrae import BodyFrame, Convention, Naming, Vertebra, Vertebrae
from spineviewer.volume.geometry import Geometry

GRID = Geometry((4, 3, 2), (2.0, 1.0, 1.0), (0.0, 0.0, 0.0))


def listed(qtbot, cut, may_include=()):
    """Return the text and the tooltip of the note on a vertebra."""
    frame = BodyFrame((0.0, 0.0, -1.0), (1.0, 0.0, 0.0), (0.0, 1.0, 0.0))
    place, part = (1.0, 2.0, 3.0), (slice(0, 1),) * 3
    one = Vertebra(
        "L4", 23, 0.99, cut, place, frame, None, None, 11.0, 20.0, 4.5, part,
        may_include=may_include,
    )  # fmt: skip
    labels, naming = np.zeros(GRID.shape_zyx, np.uint8), Naming(Convention.RIBS, 0.99, 0.0, 0.0)
    box = VertebraBox()
    qtbot.addWidget(box)
    box.show_vertebrae(Vertebrae(labels, GRID, (one,), naming), False, None)
    item = box.list.topLevelItem(0)
    return item.text(3), item.toolTip(3)


@pytest.mark.parametrize(
    ("cut", "note"),
    [
        (CutParts(0), ""),
        (CutParts.TIP, "tip cut off"),
        (CutParts.ARCH | CutParts.TIP, "arch cut off"),
        (CutParts.RIM | CutParts.ARCH, "rim cut off"),
        (CutParts.BODY | CutParts.ARCH, "partial"),
    ],
)
def test_the_list_says_what_the_edge_of_the_scan_cuts(qtbot, cut, note):
    text, tip = listed(qtbot, cut)
    assert text == note
    assert tip == (f"{cut.sentence}\nIts volume is incomplete." if cut else "")


def test_the_list_says_which_neighbours_a_vertebra_may_include(qtbot):
    text, tip = listed(qtbot, CutParts(0), ("L3", "L5"))
    assert text == "with L3, L5?"
    assert tip == "The mask of L4 may include part of L3, L5."
    text, tip = listed(qtbot, CutParts.TIP, ("L3",))
    assert text == "tip cut off"
    assert tip.endswith("The mask of L4 may include part of L3.")


def test_an_uncertain_level_is_listed_with_both_names(qtbot):
    box = UncertainRegionBox()
    qtbot.addWidget(box)
    bone = UncertainRegion(UncertaintyKind.LEVEL, (1, 2, 1), 0.7, ("L3", "L4"))
    box.show_checklist(Checklist.of((bone,)))
    assert box.list.item(0).text() == "Level: L3 or L4?   0.7 ml"
