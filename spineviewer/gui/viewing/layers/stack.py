"""The layers in drawing order, the lowest first. Add new layers here."""

from __future__ import annotations

from spineviewer.gui.viewing.layers.attention import AttentionContour, AttentionValues, MapLayer
from spineviewer.gui.viewing.layers.layer import Layer
from spineviewer.gui.viewing.layers.masks import MaskLayer, SecondMaskLayer
from spineviewer.gui.viewing.layers.uncomputed import UncomputedArea
from spineviewer.gui.viewing.layers.vertebra_labels import VertebraLayer


def layer_stack() -> tuple[Layer, ...]:
    """Return new layers, with their own caches, for one view."""
    attention = AttentionValues()
    return (
        MapLayer(attention),
        UncomputedArea(),
        AttentionContour(attention),
        SecondMaskLayer(),
        MaskLayer(),
        VertebraLayer(),
    )
