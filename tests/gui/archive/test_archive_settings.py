"""The settings of archives, receiver and local store."""

import pytest
from archive_stand_in import NODE, StandInArchive
from conftest import when_asked
from fakes import FakeBackend
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDialog, QMessageBox

from spineviewer.archive.node import Certificates, Retrieval, Transport
from spineviewer.gui.archive.certificate_fields import CLIENT_FILES, CertificateFile


@pytest.fixture
def archive():
    return StandInArchive()


@pytest.fixture
def settings(make_window, archive):
    window = make_window(FakeBackend())
    window.workspace.archives.directory._connect = archive
    window.actions_by_name["archive_settings"].trigger()
    dialog = next(d for d in window.findChildren(QDialog) if d.isVisible())
    yield dialog
    dialog.nodes._discard()
    dialog.receiver.save_button.setEnabled(False)
    dialog.close()


def describe(form, name="ward"):
    for field, text in ((form.name, name), (form.called, "PACS"), (form.host, "127.0.0.1")):
        field.clear()
        QTest.keyClicks(field, text)
    form.port.setValue(104)


def save(qtbot, tab):
    tab.save_button.click()
    qtbot.waitUntil(lambda: tab.answer.text() == "Saved.")


def test_an_archive_is_entered_saved_and_changed_while_no_other_can_be_chosen(qtbot, settings):
    tab = settings.nodes
    describe(tab.form)
    assert not tab.list.isEnabled()
    save(qtbot, tab)
    assert tab.list.isEnabled()
    assert tab._directory.nodes == (NODE,)
    tab.add_button.click()
    describe(tab.form)
    tab.save_button.click()
    assert tab.answer.text() == "Another archive already has this name. Choose another name."
    tab.form.name.clear()
    QTest.keyClicks(tab.form.name, "clinic")
    save(qtbot, tab)
    assert [node.name for node in tab._directory.nodes] == ["ward", "clinic"]


def test_invalid_entries_are_reported_before_the_archive_is_contacted(settings, archive):
    tab = settings.nodes
    describe(tab.form)
    tab.form.called.setText("a title that is too long")
    tab.echo_button.click()
    assert "is not a valid AE title" in tab.answer.text()
    tab.form.has_dimse.setChecked(False)
    tab.form.has_web.setChecked(True)
    tab.form.url.setText("ftp://pacs")
    tab.echo_button.click()
    assert "is not the address of a DICOMweb archive" in tab.answer.text()
    assert archive.requested == []


def test_one_address_is_used_for_everything_and_with_two_each_transport_can_be_chosen(settings):
    form = settings.nodes.form
    describe(form)
    form.has_web.setChecked(True)
    form.url.setText("https://pacs.example.org/dicom-web")
    form.retrieval.setCurrentIndex(form.retrieval.findData(Retrieval.WEB.value))
    node = form.node()
    assert (node.query, node.retrieval) == (Transport.DIMSE, Retrieval.WEB)
    form.has_dimse.setChecked(False)
    node = form.node()
    assert (node.query, node.retrieval, node.sending) == (
        Transport.WEB,
        Retrieval.WEB,
        Transport.WEB,
    )
    assert not form.query.isEnabled()


def test_each_transport_has_certificates_of_its_own(qtbot, settings, tmp_path):
    tab, form = settings.nodes, settings.nodes.form
    describe(form)
    form.has_web.setChecked(True)
    form.url.setText("https://pacs.example.org/dicom-web")
    assert not form.dimse_certificates.isEnabled()
    form.is_encrypted.setChecked(True)
    paths = {}
    for part, fields in (("dicom", form.dimse_certificates), ("web", form.web_certificates)):
        for file, field in fields.fields.items():
            path = tmp_path / f"{part}-{file.value[0]}.pem"
            path.touch()
            paths[part, file] = str(path)
            QTest.keyClicks(field, str(path))
    save(qtbot, tab)
    node = tab._directory.named("ward")
    assert node.dimse.certificates == Certificates(*(paths["dicom", f] for f in CertificateFile))
    trusted, client, key = (paths["web", file] for file in CLIENT_FILES)
    assert node.web.certificates == Certificates(trusted, "", "", client, key)
    QTest.keyClicks(form.web_certificates.fields[CertificateFile.CLIENT], "x")
    tab.save_button.click()
    assert "does not exist" in tab.answer.text()


def test_a_test_of_the_connection_shows_time_or_reason(qtbot, settings, archive):
    tab = settings.nodes
    describe(tab.form)
    tab.echo_button.click()
    qtbot.waitUntil(lambda: tab.answer.text() == "The archive responds: DICOM in 20 ms.")


def test_an_open_receiver_shows_a_warning_and_an_encrypted_one_needs_a_certificate(settings):
    tab = settings.receiver
    assert tab.sentence.text() == "The receiver is off."
    assert tab.warning.text() == ""
    tab.host.setCurrentIndex(1)
    assert "Anyone on the network can send studies" in tab.warning.text()
    tab.titles.setText("MODALITY1, MODALITY2")
    tab.addresses.setText("10.0.0.7")
    choice = tab.entered_settings()
    assert (choice.host, choice.titles, choice.addresses) == (
        "0.0.0.0",
        ("MODALITY1", "MODALITY2"),
        ("10.0.0.7",),
    )
    tab.is_encrypted.setChecked(True)
    tab.save_button.click()
    assert "needs its own certificate" in tab.warning.text()


def test_testing_the_connection_leaves_the_focus_where_it_is_and_nothing_is_discarded(
    qtbot, settings
):
    tab = settings.nodes
    describe(tab.form)
    qtbot.waitUntil(settings.isActiveWindow)
    tab.echo_button.setFocus()
    for _ in range(3):
        QTest.keyClick(settings.focusWidget(), Qt.Key.Key_Space)
        assert settings.focusWidget() is tab.echo_button
    qtbot.waitUntil(lambda: "responds" in tab.answer.text())
    assert settings.focusWidget() is tab.echo_button
    assert tab.is_changed
    assert tab.form.name.text() == "ward"


def test_enter_in_a_confirmation_neither_discards_nor_deletes(qtbot, settings):
    tab = settings.nodes
    describe(tab.form)
    answers = []

    def press_enter(question):
        answers.append(question.text())
        QTest.keyClick(question, Qt.Key.Key_Return)

    when_asked(press_enter, QMessageBox)
    settings.reject()
    assert answers == ["Close without saving the changes?"]
    assert settings.isVisible()
    assert tab.is_changed
    save(qtbot, tab)
    when_asked(press_enter, QMessageBox)
    tab.remove_button.click()
    assert len(answers) == 2
    assert tab._directory.nodes == (NODE,)


def test_one_day_is_singular(settings):
    tab = settings.store
    texts = []
    for count in (2, 1, 0):
        tab.days.setValue(count)
        texts.append(tab.days.text())
    assert texts == ["2 days", "1 day", "Never"]
