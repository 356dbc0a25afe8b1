"""The fields that describe one archive."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import TypeVar

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QGridLayout,
    QLabel,
    QLineEdit,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from spineviewer.archive.node import (
    OWN_PORT,
    OWN_TITLE,
    SILENCE_S,
    Certificates,
    DimseAddress,
    LoginKind,
    Node,
    Retrieval,
    Transport,
    WebAddress,
)
from spineviewer.gui.archive.certificate_fields import (
    CLIENT_FILES,
    CertificateFields,
    CertificateFile,
)
from spineviewer.gui.kit.language import tr
from spineviewer.gui.kit.theme import GAP_L, GAP_M, GAP_S, GAP_XL
from spineviewer.wording import mark

Kind = TypeVar("Kind", bound=StrEnum)
_TRANSPORTS = {Transport.DIMSE: "DICOM", Transport.WEB: "DICOMweb"}
_RETRIEVALS = {
    Retrieval.GET_OR_MOVE: mark("C-GET, otherwise C-MOVE"),
    Retrieval.GET: "C-GET",
    Retrieval.MOVE: "C-MOVE",
    Retrieval.WEB: "DICOMweb (WADO-RS)",
}
_LOGINS = {
    LoginKind.NONE: mark("None"),
    LoginKind.BASIC: mark("User name and password"),
    LoginKind.BEARER: mark("Bearer token"),
}
_DICOM_PORT = 104
#: Wide enough for an AE title of 16 characters.
_FIELD_PX = 150
_NEW = mark("New archive")


class NodeForm(QWidget):
    """A form that shows one archive and lets the user edit it.

    Thread ownership: GUI thread.
    """

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.name = _field(tr("Name"))
        self.has_dimse = QCheckBox(tr("DICOM network"))
        self.called = _field(tr("Archive's AE title"))
        self.host = _field(tr("Host"))
        self.port = _port(tr("Port"))
        self.calling = _field(tr("Local AE title"))
        self.own_port = _port(tr("Local port for C-MOVE"))
        self.own_port.setToolTip(
            tr(
                "Register the local AE title, this computer's address and this port with the "
                "archive"
            )
        )
        self.is_encrypted = QCheckBox(tr("Encrypted (TLS)"))
        self.has_web = QCheckBox(tr("DICOMweb"))
        self.url = _field(tr("Address"))
        self.url.setPlaceholderText("https://pacs.example.org/dicom-web")
        self.login = _combo_box(tr("Login"), _LOGINS)
        self.user = _field(tr("User name"))
        self.secret = _field(tr("Password or token"))
        self.secret.setEchoMode(QLineEdit.EchoMode.Password)
        self.query = _combo_box(tr("Search with"), _TRANSPORTS)
        self.retrieval = _combo_box(tr("Retrieve with"), _RETRIEVALS)
        self.sending = _combo_box(tr("Send with"), _TRANSPORTS)
        self.silence = QSpinBox()
        self.silence.setRange(1, 3600)
        self.silence.setSuffix(" s")
        self.silence.setAccessibleName(tr("Give up after"))
        self.silence.setToolTip(tr("Seconds without a response"))
        self.dimse_certificates = CertificateFields(tuple(CertificateFile))
        self.web_certificates = CertificateFields(CLIENT_FILES)
        self._lay_out()
        self._bind()
        self.show_node(None)

    def _lay_out(self) -> None:
        dimse = _column(
            self.has_dimse,
            (self.called, self.host, self.port, self.calling, self.own_port),
            self.is_encrypted,
            self.dimse_certificates,
        )
        web = _column(
            self.has_web, (self.url, self.login, self.user, self.secret), self.web_certificates
        )
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(GAP_XL)
        grid.setVerticalSpacing(GAP_L)
        grid.addLayout(_labelled((self.name,)), 0, 0)
        grid.addLayout(_labelled((self.silence,)), 0, 1)
        grid.addLayout(dimse, 1, 0)
        grid.addLayout(web, 1, 1)
        grid.addLayout(_labelled((self.query, self.retrieval, self.sending)), 2, 0, 1, 2)
        grid.setColumnStretch(0, 1)
        grid.setColumnStretch(1, 1)
        grid.setRowStretch(3, 1)

    def _bind(self) -> None:
        fields = (self.name, self.called, self.host, self.calling, self.url, self.user, self.secret)
        for field in fields:
            field.textEdited.connect(self.changed)
        for number in (self.port, self.own_port, self.silence):
            number.valueChanged.connect(self.changed)
        for choice in (self.login, self.query, self.retrieval, self.sending):
            choice.currentIndexChanged.connect(self._on_choice)
        for check in (self.has_dimse, self.has_web, self.is_encrypted):
            check.toggled.connect(self._on_choice)
        for certificates in (self.dimse_certificates, self.web_certificates):
            certificates.changed.connect(self.changed)

    def show_node(self, node: Node | None) -> None:
        """Show an archive, or the fields for a new one."""
        self.blockSignals(True)
        dimse, web = (None, None) if node is None else (node.dimse, node.web)
        self.name.setText(tr(_NEW) if node is None else node.name)
        self.has_dimse.setChecked(node is None or dimse is not None)
        self.called.setText("" if dimse is None else dimse.called_title)
        self.host.setText("" if dimse is None else dimse.host)
        self.port.setValue(_DICOM_PORT if dimse is None else dimse.port)
        self.calling.setText(OWN_TITLE if dimse is None else dimse.calling_title)
        self.own_port.setValue(OWN_PORT if dimse is None else dimse.own_port)
        self.is_encrypted.setChecked(dimse is not None and dimse.is_encrypted)
        self.has_web.setChecked(web is not None)
        self.url.setText("" if web is None else web.url)
        _select(self.login, LoginKind.NONE if web is None else web.login)
        self.user.setText("" if web is None else web.user)
        self.secret.clear()
        is_stored = web is not None and web.login is not LoginKind.NONE
        self.secret.setPlaceholderText(tr("In the system's credential store") if is_stored else "")
        _select(self.query, Transport.DIMSE if node is None else node.query)
        _select(self.retrieval, Retrieval.GET_OR_MOVE if node is None else node.retrieval)
        _select(self.sending, Transport.DIMSE if node is None else node.sending)
        self.silence.setValue(round(SILENCE_S if node is None else node.silence_s))
        none = Certificates()
        self.dimse_certificates.show_certificates(none if dimse is None else dimse.certificates)
        self.web_certificates.show_certificates(none if web is None else web.certificates)
        self.blockSignals(False)
        self._update_enabled()

    def node(self) -> Node:
        """Return the archive that the fields describe.

        Raises
        ------
        UsageError
            When a value is invalid.
        """
        dimse = web = None
        if self.has_dimse.isChecked():
            dimse = DimseAddress(
                self.host.text().strip(),
                self.port.value(),
                self.called.text().strip(),
                self.calling.text().strip(),
                self.own_port.value(),
                self.is_encrypted.isChecked(),
                self.dimse_certificates.certificates(),
            )
        if self.has_web.isChecked():
            login = LoginKind(self.login.currentData())
            user = self.user.text().strip() if login is LoginKind.BASIC else ""
            url = self.url.text().strip().rstrip("/")
            web = WebAddress(url, login, user, self.web_certificates.certificates())
        return Node(
            self.name.text().strip(),
            dimse=dimse,
            web=web,
            query=Transport(self.query.currentData()),
            retrieval=Retrieval(self.retrieval.currentData()),
            sending=Transport(self.sending.currentData()),
            silence_s=float(self.silence.value()),
        )

    def _on_choice(self) -> None:
        self._use_single_address()
        self._update_enabled()
        self.changed.emit()

    def _use_single_address(self) -> None:
        """If there is only one address, use it for all services."""
        has_dimse, has_web = self.has_dimse.isChecked(), self.has_web.isChecked()
        if has_dimse == has_web or self.signalsBlocked():
            return
        transport = Transport.DIMSE if has_dimse else Transport.WEB
        for choice in (self.query, self.sending):
            _select(choice, transport)
        is_web = Retrieval(self.retrieval.currentData()) is Retrieval.WEB
        if is_web == has_dimse:
            _select(self.retrieval, Retrieval.GET_OR_MOVE if has_dimse else Retrieval.WEB)

    def _update_enabled(self) -> None:
        has_dimse, has_web = self.has_dimse.isChecked(), self.has_web.isChecked()
        for widget in (self.called, self.host, self.port, self.calling, self.own_port):
            widget.setEnabled(has_dimse)
        self.is_encrypted.setEnabled(has_dimse)
        login = self.login.currentData()
        self.url.setEnabled(has_web)
        self.login.setEnabled(has_web)
        self.user.setEnabled(has_web and login == LoginKind.BASIC)
        self.secret.setEnabled(has_web and login != LoginKind.NONE)
        for choice in (self.query, self.retrieval, self.sending):
            choice.setEnabled((has_dimse and has_web) or (choice is self.retrieval and has_dimse))
        self.dimse_certificates.setEnabled(has_dimse and self.is_encrypted.isChecked())
        self.web_certificates.setEnabled(has_web)


def _field(name: str) -> QLineEdit:
    field = QLineEdit()
    field.setAccessibleName(name)
    field.setMinimumWidth(_FIELD_PX)
    return field


def _port(name: str) -> QSpinBox:
    field = QSpinBox()
    field.setRange(1, 65535)
    field.setAccessibleName(name)
    return field


def _combo_box(name: str, texts: Mapping[Kind, str]) -> QComboBox:
    box = QComboBox()
    box.setAccessibleName(name)
    for kind, text in texts.items():
        box.addItem(tr(text), kind.value)
    return box


def _select(box: QComboBox, kind: StrEnum) -> None:
    box.setCurrentIndex(max(0, box.findData(kind.value)))


def _labelled(fields: Sequence[QWidget]) -> QGridLayout:
    """Return a column of fields, each with its label on the left."""
    grid = QGridLayout()
    grid.setHorizontalSpacing(GAP_M)
    grid.setVerticalSpacing(GAP_S)
    for row, field in enumerate(fields):
        label = QLabel(field.accessibleName())
        label.setBuddy(field)
        grid.addWidget(label, row, 0)
        grid.addWidget(field, row, 1)
    grid.setColumnMinimumWidth(0, 130)
    grid.setColumnStretch(1, 1)
    return grid


def _column(switch: QCheckBox, fields: Sequence[QWidget], *widgets: QWidget) -> QVBoxLayout:
    column = QVBoxLayout()
    column.setSpacing(GAP_M)
    column.addWidget(switch)
    column.addLayout(_labelled(fields))
    for widget in widgets:
        column.addWidget(widget)
    column.addStretch(1)
    return column
