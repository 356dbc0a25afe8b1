"""The receiver tab: a switch, the address of the receiver, permitted senders and limits."""

from __future__ import annotations

from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from spineviewer.app.archiving.receiver_switch import ReceiverSwitch
from spineviewer.archive.node import is_loopback, require_title
from spineviewer.archive.receiver_settings import ReceiverSettings
from spineviewer.errors import UsageError
from spineviewer.gui.archive.certificate_fields import RECEIVER_FILES, CertificateFields
from spineviewer.gui.kit.language import tr
from spineviewer.gui.kit.screen_fit import ContentScrollArea
from spineviewer.gui.kit.styled import styled_label, without_margins
from spineviewer.gui.kit.subscriptions import Subscriptions
from spineviewer.gui.kit.theme import GAP_L, GAP_M, GAP_S
from spineviewer.wording import mark

_HOSTS = (
    (mark("This computer only"), "127.0.0.1"),
    (mark("All networks"), "0.0.0.0"),
)
_MEGABYTE = 1_000_000


class ReceiverTab(QWidget):
    """Turns the receiver on or off and stores its settings.

    Thread ownership: GUI thread.
    """

    def __init__(
        self,
        receiver: ReceiverSwitch,
        subscriptions: Subscriptions,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._receiver = receiver
        hint = styled_label(
            "quiet",
            tr(
                "Other computers can send studies to Spineviewer while the receiver is on. It is "
                "off when Spineviewer starts."
            ),
            is_wrapped=True,
        )
        self.switch = QPushButton()
        self.sentence = QLabel()
        self.sentence.setWordWrap(True)
        self.title = QLineEdit()
        self.port = QSpinBox()
        self.port.setRange(1, 65535)
        self.host = QComboBox()
        self.host.setEditable(True)
        for text, host in _HOSTS:
            self.host.addItem(tr(text), host)
        self.titles = QLineEdit()
        self.titles.setPlaceholderText(tr("Any; separate multiple entries with commas"))
        self.addresses = QLineEdit()
        self.addresses.setPlaceholderText(tr("Any; separate multiple entries with commas"))
        self.object_mb = _number_field(" MB", 1_000_000)
        self.study_mb = _number_field(" MB", 1_000_000)
        self.settle = _number_field(" s", 3600)
        self.settle.setToolTip(
            tr("A study is considered complete when nothing more has arrived for this many seconds")
        )
        self.silence = _number_field(" s", 3600)
        self.silence.setToolTip(
            tr("A connection is closed after this many seconds without traffic")
        )
        self.is_encrypted = QCheckBox(tr("Encrypted (TLS), with your certificate"))
        self.certificates = CertificateFields(RECEIVER_FILES)
        self.warning = styled_label("warn", is_wrapped=True)
        self.save_button = QPushButton(tr("Save"))
        self._lay_out(hint)
        self.show_settings(receiver.choice)
        self._bind()
        subscriptions.add(receiver.changed, self._show_state)
        self._show_state()

    def _lay_out(self, hint: QLabel) -> None:
        top = QHBoxLayout()
        top.setSpacing(GAP_M)
        top.addWidget(self.switch)
        top.addWidget(self.sentence, 1)
        grid = QGridLayout()
        grid.setHorizontalSpacing(GAP_M)
        grid.setVerticalSpacing(GAP_S)
        fields = (
            (tr("Local AE title"), self.title),
            (tr("Port"), self.port),
            (tr("Listen on"), self.host),
            (tr("Allowed AE titles"), self.titles),
            (tr("Allowed addresses"), self.addresses),
            (tr("Maximum object size"), self.object_mb),
            (tr("Maximum study size"), self.study_mb),
            (tr("Study complete after"), self.settle),
            (tr("Close idle connections after"), self.silence),
        )
        half = (len(fields) + 1) // 2
        for number, (name, field) in enumerate(fields):
            field.setAccessibleName(name)
            label = QLabel(name)
            label.setBuddy(field)
            row, column = number % half, 2 * (number // half)
            grid.addWidget(label, row, column)
            grid.addWidget(field, row, column + 1)
        grid.setColumnStretch(1, 1)
        grid.setColumnStretch(3, 1)
        bottom = QHBoxLayout()
        bottom.addWidget(self.warning, 1)
        bottom.addWidget(self.save_button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(GAP_L, GAP_L, GAP_L, GAP_L)
        layout.setSpacing(GAP_L)
        layout.addWidget(hint)
        layout.addLayout(top)
        content = without_margins(QVBoxLayout(), GAP_L)
        content.addLayout(grid)
        content.addWidget(self.is_encrypted)
        content.addWidget(self.certificates)
        content.addStretch(1)
        layout.addWidget(ContentScrollArea(content), 1)
        layout.addLayout(bottom)

    def _bind(self) -> None:
        self.switch.clicked.connect(self._toggle)
        self.save_button.clicked.connect(self._save)
        for field in (self.title, self.titles, self.addresses):
            field.textEdited.connect(self._on_changed)
        for number in (self.port, self.object_mb, self.study_mb, self.settle, self.silence):
            number.valueChanged.connect(self._on_changed)
        self.host.editTextChanged.connect(self._on_changed)
        self.is_encrypted.toggled.connect(self._on_changed)
        self.certificates.changed.connect(self._on_changed)
        self.save_button.setEnabled(False)
        self._warn()

    def show_settings(self, settings: ReceiverSettings) -> None:
        self.title.setText(settings.title)
        self.port.setValue(settings.port)
        index = self.host.findData(settings.host)
        self.host.setCurrentText(settings.host if index < 0 else self.host.itemText(index))
        self.titles.setText(", ".join(settings.titles))
        self.addresses.setText(", ".join(settings.addresses))
        self.object_mb.setValue(settings.max_object_bytes // _MEGABYTE)
        self.study_mb.setValue(settings.max_study_bytes // _MEGABYTE)
        self.settle.setValue(round(settings.settle_s))
        self.silence.setValue(round(settings.silence_s))
        self.is_encrypted.setChecked(settings.is_encrypted)
        self.certificates.show_certificates(settings.certificates)

    def entered_settings(self) -> ReceiverSettings:
        """Return the settings in the fields.

        Raises
        ------
        UsageError
            When a value is invalid.
        """
        files = self.certificates.certificates()
        if self.is_encrypted.isChecked() and not files.own_file:
            raise UsageError(
                tr("An encrypted receiver needs its own certificate. Choose your certificate file.")
            )
        return ReceiverSettings(
            title=require_title(self.title.text().strip()),
            port=self.port.value(),
            host=self._host,
            titles=tuple(require_title(title) for title in _split(self.titles.text())),
            addresses=_split(self.addresses.text()),
            max_object_bytes=self.object_mb.value() * _MEGABYTE,
            max_study_bytes=self.study_mb.value() * _MEGABYTE,
            settle_s=float(self.settle.value()),
            silence_s=float(self.silence.value()),
            certificates=files,
            is_encrypted=self.is_encrypted.isChecked(),
        )

    @property
    def _host(self) -> str:
        text = self.host.currentText().strip()
        return next((host for name, host in _HOSTS if tr(name) == text), text)

    def _on_changed(self) -> None:
        self.save_button.setEnabled(True)
        self._warn()

    def _warn(self, problem: str = "") -> None:
        is_public = not is_loopback(self._host)
        is_restricted = bool(self.titles.text().strip() or self.addresses.text().strip())
        self.certificates.setEnabled(self.is_encrypted.isChecked())
        if not problem and is_public and not is_restricted:
            problem = tr("Anyone on the network can send studies. Specify who may send.")
        self.warning.setText(problem)

    def _save(self) -> bool:
        try:
            settings = self.entered_settings()
        except UsageError as error:
            self._warn(tr(str(error)))
            return False
        self._receiver.choose(settings)
        self.save_button.setEnabled(False)
        return True

    def _toggle(self) -> None:
        if self._receiver.is_on:
            self._receiver.stop()
        elif not self.save_button.isEnabled() or self._save():
            self._receiver.start()

    def _show_state(self) -> None:
        self.switch.setText(tr("Switch off") if self._receiver.is_on else tr("Switch on"))
        self.sentence.setText(tr(self._receiver.sentence))


def _number_field(unit: str, maximum: int) -> QSpinBox:
    field = QSpinBox()
    field.setRange(1, maximum)
    field.setSuffix(unit)
    return field


def _split(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())
