"""The meaning of a written map."""

from __future__ import annotations

from enum import Enum

from spineviewer.measuring_tools.quantities import Code

_SCHEME = "99SPINEVIEWER"


class MapMeaning(Enum):
    """The meaning of a map: title of its series, and code of its quantity."""

    ATTENTION = "Attention map (Spineviewer)", Code("130402", "DCM", "Class activation")
    BONE_PROBABILITY = (
        "Bone probability (Spineviewer)",
        Code("BONE_PROBABILITY", _SCHEME, "Probability of bone"),
    )
    UNCERTAINTY = (
        "Uncertainty (Spineviewer)",
        Code("UNCERTAINTY", _SCHEME, "Uncertainty of the segmentation"),
    )

    @property
    def title(self) -> str:
        return self.value[0]

    @property
    def quantity(self) -> Code:
        return self.value[1]
