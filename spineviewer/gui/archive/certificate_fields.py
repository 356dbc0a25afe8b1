"""The certificate and key files for encrypted connections."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from enum import Enum

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QLabel, QLineEdit, QPushButton, QWidget

from spineviewer.archive.node import Certificates
from spineviewer.gui.kit.file_dialogs import FileDialogs
from spineviewer.gui.kit.language import tr
from spineviewer.gui.kit.theme import GAP_M, GAP_S
from spineviewer.wording import mark

#: Width of the button that opens a file dialog: narrow, to leave room for the path beside it.
_BUTTON_PX = 40


class CertificateFile(Enum):
    """A field of `Certificates`: its name, its label, and the text shown while it is empty."""

    TRUSTED = (
        "trusted_file",
        mark("Trusted certificates"),
        mark("System certificates"),
    )
    OWN = ("own_file", mark("Your certificate"), mark("For incoming connections"))
    OWN_KEY = ("own_key_file", mark("Your private key"), mark("In the certificate file"))
    CLIENT = ("client_file", mark("Client certificate"), mark("Only if the archive requires one"))
    CLIENT_KEY = ("client_key_file", mark("Client private key"), mark("In the certificate file"))


#: Fields for the receiver, which only accepts connections.
RECEIVER_FILES = (CertificateFile.TRUSTED, CertificateFile.OWN, CertificateFile.OWN_KEY)
#: Fields for DICOMweb, for which the program only opens connections and never accepts them.
CLIENT_FILES = (CertificateFile.TRUSTED, CertificateFile.CLIENT, CertificateFile.CLIENT_KEY)


class CertificateFields(QWidget):
    """Fields for the paths of PEM files; each may be left empty.

    Thread ownership: GUI thread.

    Parameters
    ----------
    files
        Fields to show. Paths without a field are not changed.
    """

    changed = Signal()

    def __init__(self, files: Sequence[CertificateFile], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._file_dialogs = FileDialogs(self)
        self._certificates = Certificates()
        self.fields: dict[CertificateFile, QLineEdit] = {}
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(GAP_M)
        grid.setVerticalSpacing(GAP_S)
        for row, file in enumerate(files):
            _, label, empty = file.value
            name, field = tr(label), QLineEdit()
            self.fields[file] = field
            field.setPlaceholderText(tr(empty))
            field.setAccessibleName(name)
            field.textEdited.connect(self.changed)
            title = QLabel(name)
            title.setBuddy(field)
            browse = QPushButton("…")
            browse.setFixedWidth(_BUTTON_PX)
            browse.setToolTip(tr("Choose…"))
            browse.setAccessibleName(tr("Choose a file: {name}", name=name))
            browse.clicked.connect(
                lambda _=False, name=name, field=field: self._choose_file(name, field)
            )
            grid.addWidget(title, row, 0)
            grid.addWidget(field, row, 1)
            grid.addWidget(browse, row, 2)
        grid.setColumnMinimumWidth(0, 130)
        grid.setColumnStretch(1, 1)

    def show_certificates(self, certificates: Certificates) -> None:
        self._certificates = certificates
        for file, field in self.fields.items():
            field.setText(getattr(certificates, file.value[0]))

    def certificates(self) -> Certificates:
        """Return the certificates with the paths from the fields.

        Raises
        ------
        UsageError
            When a file does not exist.
        """
        paths = {file.value[0]: field.text().strip() for file, field in self.fields.items()}
        return replace(self._certificates, **paths)

    def _choose_file(self, name: str, field: QLineEdit) -> None:
        chosen = self._file_dialogs.ask_for_file(
            name, field.text(), "PEM (*.pem *.crt *.cer *.key)"
        )
        if chosen:
            field.setText(chosen)
            self.changed.emit()
