"""Grey-scale windows and thresholds that the user stores under a name."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from spineviewer.app.workspace import Workspace
from spineviewer.gui.kit.deleted_notice import offer_to_restore
from spineviewer.gui.kit.dialogs import Dialogs
from spineviewer.gui.kit.language import tr
from spineviewer.volume.volume import WindowLevel


class Presets:
    """Saves presets under a name, applies them, and deletes them with an offer to restore them.

    Thread ownership: GUI thread.
    """

    def __init__(self, workspace: Workspace, dialogs: Dialogs) -> None:
        self._workspace, self._settings = workspace, workspace.settings
        self._dialogs = dialogs

    def save_window(self, window: WindowLevel) -> None:
        """Ask for a name and save a grey-scale window under it."""
        name = self._dialogs.ask_for_text(tr("Save window preset"), tr("Name"))
        if name is not None:
            self._settings.save_window(name, window)

    def delete_window(self, name: str) -> None:
        """Delete a window preset; a notice offers to restore it."""
        preset = next((own for own in self._settings.own_windows if own.name == name), None)
        self._settings.delete_window(name)
        if preset is not None:
            self._offer_to_restore(name, partial(self._settings.save_window, name, preset.window))

    def save_tuning(self) -> None:
        """Ask for a name and save the thresholds of the active scan under it."""
        name = self._dialogs.ask_for_text(tr("Save preset"), tr("Name"))
        front = self._workspace.front
        if name is not None and front is not None:
            self._settings.save_tuning(name, front.state.tuning)

    def use_tuning(self, name: str) -> None:
        """Apply a preset of thresholds to the active scan."""
        front = self._workspace.front
        if front is not None:
            tuning = self._settings.tuning(name, front.state.tuning)
            if tuning is not None:
                front.tuner.set(tuning)

    def delete_tuning(self, name: str) -> None:
        """Delete a preset of thresholds; a notice offers to restore it."""
        tuning = self._settings.current.tunings.get(name)
        self._settings.delete_tuning(name)
        if tuning is not None:
            self._offer_to_restore(name, partial(self._settings.save_tuning, name, tuning))

    def _offer_to_restore(self, name: str, restore: Callable[[], None]) -> None:
        text = tr("The preset {name} was deleted.", name=name)
        offer_to_restore(self._workspace, text, restore)
