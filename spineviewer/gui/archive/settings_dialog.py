"""Settings for archives, the receiver and the local store."""

from __future__ import annotations

from PySide6.QtCore import QEvent
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from spineviewer.app.archiving.access import ArchiveAccess
from spineviewer.app.settings_store import SettingsStore
from spineviewer.gui.archive.node_tab import NodeTab
from spineviewer.gui.archive.receiver_tab import ReceiverTab
from spineviewer.gui.archive.store_tab import StoreTab
from spineviewer.gui.kit.dialogs import confirm
from spineviewer.gui.kit.language import tr
from spineviewer.gui.kit.styled import styled_label
from spineviewer.gui.kit.subscriptions import Subscriptions
from spineviewer.gui.kit.theme import GAP_L, GAP_M, GAP_XL


class ArchiveSettingsDialog(QDialog):
    """Three tabs, each with a button that saves its changes.

    Thread ownership: GUI thread.
    """

    def __init__(
        self, access: ArchiveAccess, settings: SettingsStore, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Archive settings"))
        self._subscriptions = Subscriptions()
        self.nodes = NodeTab(access.directory)
        self.receiver = ReceiverTab(access.receiver, self._subscriptions)
        self.store = StoreTab(access.store, settings, self._subscriptions)
        self.tabs = QTabWidget()
        self.tabs.setDocumentMode(True)
        self.tabs.addTab(self.nodes, tr("Archives"))
        self.tabs.addTab(self.receiver, tr("Receiver"))
        self.tabs.addTab(self.store, tr("Studies on this computer"))
        obstacle = styled_label("warn", tr(access.obstacle), is_wrapped=True)
        obstacle.setVisible(bool(access.obstacle))
        self.nodes.echo_button.setEnabled(not access.obstacle)
        self.receiver.switch.setEnabled(not access.obstacle)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        close = buttons.button(QDialogButtonBox.StandardButton.Close)
        close.setIcon(QIcon())
        close.setAutoDefault(False)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(GAP_XL, GAP_L, GAP_XL, GAP_L)
        layout.setSpacing(GAP_M)
        layout.addWidget(obstacle)
        layout.addWidget(self.tabs, 1)
        layout.addWidget(buttons)
        self.resize(1060, 620)

    def reject(self) -> None:
        """Close the dialog; ask first if changes to archives or the receiver would be lost."""
        if self.nodes.is_changed or self.receiver.save_button.isEnabled():
            question = tr("Close without saving the changes?")
            if not confirm(self, tr("Unsaved changes"), question):
                return
        super().reject()

    def event(self, event: QEvent) -> bool:
        """Disconnect from the program's signals when the dialog is deleted."""
        if event.type() is QEvent.Type.DeferredDelete:
            self.nodes.cancel_requests()
            self._subscriptions.end()
        return super().event(event)
