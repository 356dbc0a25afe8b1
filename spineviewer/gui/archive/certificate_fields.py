"""Files for encrypted connections: what is trusted, and the own certificate."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QLabel, QLineEdit, QPushButton, QWidget

from spineviewer.archive.node import Certificates
from spineviewer.gui.kit.file_dialogs import FileAsker
from spineviewer.gui.kit.language import tr
from spineviewer.gui.kit.theme import GAP_M, GAP_S


class CertificateFields(QWidget):
    """Three paths of PEM files; all may be empty.

    Thread ownership: GUI thread.
    """

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._files = FileAsker(self)
        self.trusted = QLineEdit()
        self.trusted.setPlaceholderText(tr("Certificates trusted by the system"))
        self.own = QLineEdit()
        self.own.setPlaceholderText(tr("Only if the archive asks for one"))
        self.key = QLineEdit()
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(GAP_M)
        grid.setVerticalSpacing(GAP_S)
        rows = (
            (tr("Trusted certificates"), self.trusted),
            (tr("Your certificate"), self.own),
            (tr("Your private key"), self.key),
        )
        for row, (name, field) in enumerate(rows):
            field.setAccessibleName(name)
            field.textEdited.connect(self.changed)
            label = QLabel(name)
            label.setBuddy(field)
            browse = QPushButton(tr("Choose…"))
            browse.setAccessibleName(tr("Choose a file: {name}", name=name))
            browse.clicked.connect(lambda _=False, name=name, field=field: self._ask(name, field))
            grid.addWidget(label, row, 0)
            grid.addWidget(field, row, 1)
            grid.addWidget(browse, row, 2)
        grid.setColumnMinimumWidth(0, 130)
        grid.setColumnStretch(1, 1)

    def show_certificates(self, certificates: Certificates) -> None:
        """Show the paths."""
        self.trusted.setText(certificates.trusted_file)
        self.own.setText(certificates.own_file)
        self.key.setText(certificates.own_key_file)

    def certificates(self) -> Certificates:
        """Return the files.

        Raises
        ------
        UsageError
            When one does not exist.
        """
        return Certificates(*(f.text().strip() for f in (self.trusted, self.own, self.key)))

    def _ask(self, name: str, field: QLineEdit) -> None:
        chosen = self._files.file_to_open(name, field.text(), "PEM (*.pem *.crt *.cer *.key)")
        if chosen:
            field.setText(chosen)
            self.changed.emit()
