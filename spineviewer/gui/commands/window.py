"""The window itself: its look, its keys, its help."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from spineviewer.gui.bars import LANGUAGE_COMMANDS, SIZE_COMMANDS
from spineviewer.gui.commands.core import CommandsCore, Slots
from spineviewer.gui.desk import Level, Notice
from spineviewer.gui.dialogs.help_sheet import HelpSheet
from spineviewer.gui.dialogs.keys_dialog import KeysDialog
from spineviewer.gui.dialogs.sheets import AboutSheet, ShortcutsSheet
from spineviewer.gui.language import tr


class WindowCommands(CommandsCore):
    """Theme, language, size, keys, sheets and pages."""

    def slots(self) -> Slots:
        slots: Slots = {
            **super().slots(),
            "batch": self.batch_asked.emit,
            "beside": self.beside_asked.emit,
            "quit": self._window.close,
            "light": self._use_light,
            "panel": self.panel.setVisible,
            "fullscreen": self._toggle_fullscreen,
            "help": self._show_help,
            "tour": self.tour_asked.emit,
            "palette": self.palette_asked.emit,
            "edit_keys": self._edit_keys,
            "shortcuts": self._show_shortcuts,
            "about": self._show_about,
        }
        for name, code in LANGUAGE_COMMANDS.items():
            slots[name] = partial(self._use_language, code)
        for name, percent in SIZE_COMMANDS.items():
            slots[name] = partial(self._use_size, percent)
        return slots

    def _use_light(self, is_on: bool) -> None:
        self.desk.settings = replace(self.desk.settings, theme="light" if is_on else "dark")
        self.desk.save_settings()
        self.theme_changed.emit()

    def _use_language(self, code: str, _: bool) -> None:
        if code != self.desk.settings.language:
            self.desk.settings = replace(self.desk.settings, language=code)
            self.desk.save_settings()
            self.language_changed.emit()

    def _use_size(self, percent: int, _: bool) -> None:
        if percent != self.desk.settings.interface_percent:
            self.desk.settings = replace(self.desk.settings, interface_percent=percent)
            self.desk.save_settings()
            text = tr("The new interface size is used from the next start of Spineviewer on.")
            self.desk.noticed.emit(Notice(Level.INFO, text, "size"))

    def _toggle_fullscreen(self, is_on: bool) -> None:
        if is_on:
            self._window.showFullScreen()
        else:
            self._window.showNormal()

    def _show_help(self) -> None:
        self._show_dialog(HelpSheet(self._window))

    def _edit_keys(self) -> None:
        dialog = KeysDialog(self.desk.settings.keys, self._window)
        dialog.accepted.connect(lambda: self._use_keys(dialog.own))
        self._show_dialog(dialog)

    def _use_keys(self, own: dict[str, list[str]]) -> None:
        self.desk.settings = replace(self.desk.settings, keys=own)
        self.desk.save_settings()
        self.keys_changed.emit()

    def _show_shortcuts(self) -> None:
        self._show_dialog(ShortcutsSheet(self.desk.settings.keys, self._window))

    def _show_about(self) -> None:
        self._show_dialog(AboutSheet(self._window))
