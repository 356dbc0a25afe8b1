"""Hanging protocols: layout and grey-scale windows, stored by modality and kernel."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Annotated

from msgspec import Meta

from spineviewer.app.state import ScanState
from spineviewer.app.view_state import ViewState
from spineviewer.volume.volume import ScanSource, WindowLevel

Width = Annotated[float, Meta(ge=1.0, le=1e5)]
Level = Annotated[float, Meta(ge=-1e5, le=1e5)]


@dataclass(frozen=True)
class HangingProtocol:
    """Layout and the two grey-scale windows (width and level in HU)."""

    layout: str
    window_hu: tuple[Width, Level]
    second_window_hu: tuple[Width, Level]

    def applied(self, state: ScanState) -> ScanState:
        """Return a scan's state with these grey-scale windows; the layout is not part of it."""
        return replace(
            state,
            window=WindowLevel(*self.window_hu),
            second_window=WindowLevel(*self.second_window_hu),
        )


def kind_of(source: ScanSource) -> str:
    """Return modality and kernel of a scan; empty if its file states neither."""
    return " ".join(filter(None, (source.modality, source.kernel)))


def hanging_protocol_of(state: ScanState, views: ViewState) -> HangingProtocol:
    """Return a hanging protocol with the layout and grey-scale windows of a scan."""
    return HangingProtocol(
        views.layout,
        (state.window.width_hu, state.window.level_hu),
        (state.second_window.width_hu, state.second_window.level_hu),
    )
