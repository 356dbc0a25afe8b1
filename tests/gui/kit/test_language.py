"""The window in the user's language: no text is missing, and switching is immediate."""

import ast
import re
import shutil
import string
import sys
import xml.etree.ElementTree as ET
from pathlib import Path
from types import SimpleNamespace

import pytest
from fakes import FakeBackend, spine_volume
from PySide6.QtCore import QCoreApplication, QLocale, Qt, QTranslator
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QDialogButtonBox,
    QLineEdit,
    QListView,
    QTextEdit,
    QToolButton,
    QWidget,
)
from whole_window import OWN_WORDS, every_part

import spineviewer
from spineviewer.app.features.reports import ReportOrder
from spineviewer.app.notices import Notice, Severity
from spineviewer.app.report import ReportFormat
from spineviewer.app.settings import load_settings
from spineviewer.bench.verbs import Verbs
from spineviewer.errors import ImageReadError
from spineviewer.gui.kit.elided_label import ElidedLabel
from spineviewer.gui.kit.language import FOLDER, languages, select_language, tr, use_language
from spineviewer.gui.main import WindowHost
from spineviewer.gui.reporting.report_dialog import ReportDialog
from spineviewer.gui.viewing.layouts import Layout
from spineviewer.gui.window.qt_workspace import qt_workspace
from spineviewer.measuring_tools.lines import Distance
from spineviewer.measuring_tools.measurement import Measurement
from spineviewer.volume.planes import Plane
from spineviewer.wording import formatted_number, worded

sys.path.insert(0, str(Path(__file__).parents[3] / "packaging"))
import texts

sys.path.pop(0)


ERRORS = texts.MARKS[2:]


@pytest.fixture
def german(qapp):
    use_language("de")
    yield
    use_language("en")


def messages():
    return list(ET.parse(FOLDER / "de.ts").iter("message"))


def forms_of(message):
    translation = message.find("translation")
    return [form.text or "" for form in translation] or [translation.text or ""]


def test_every_text_has_a_german_translation_and_the_program_loads_them_all(tmp_path):
    """After changing text: `make texts`, translate what it names in de.ts, `make texts`."""
    source = tmp_path / "de.ts"
    shutil.copy(FOLDER / "de.ts", source)
    texts.gather(source)
    assert texts.unfinished(source) == []
    assert source.read_text(encoding="utf-8") == (FOLDER / "de.ts").read_text(encoding="utf-8")
    texts.compile_texts(source, tmp_path / "de.qm")
    assert (tmp_path / "de.qm").read_bytes() == (FOLDER / "de.qm").read_bytes()


def test_every_constant_text_is_found_for_translation():
    """Qt's tool does not look into f-strings."""
    known = {message.findtext("source") for message in messages()}
    missing = []
    for path in Path(spineviewer.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            is_call = isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
            if not (is_call and node.func.id in {"tr", *texts.MARKS[:2]} and node.args):
                continue
            text = node.args[0]
            if isinstance(text, ast.Constant) and text.value and text.value not in known:
                missing.append((path.name, text.value))
    assert not missing


def test_translations_have_the_fields_of_their_sources():
    def fields(text):
        return sorted(
            f"{name}{':' if spec else ''}{spec}"
            for _, name, spec, _ in string.Formatter().parse(text)
            if name is not None
        )

    for message in messages():
        source = message.findtext("source")
        assert len(forms_of(message)) == (2 if message.get("numerus") else 1), source
        for form in forms_of(message):
            if "{" in source and not source.startswith("\n##"):
                assert fields(form) == fields(source), source
            assert ("%n" in form) == ("%n" in source), source
            assert form.count("\n## ") == source.count("\n## "), source
            assert (source[-1] == "…") == (form[-1] == "…"), source


def test_no_text_in_the_window_names_a_command_line_option(german):
    def named(text):
        fields = {name: 1 for _, name, _, _ in string.Formatter().parse(text) if name}
        shown = tr(worded(text, "", 1 if "%n" in text else None, **fields))
        return "--" in shown or "spineviewer pacs" in shown

    options = ("(--", "(spineviewer ", " --")
    sources = [message.findtext("source") for message in messages()]
    with_options = [text for text in sources if any(option in text for option in options)]
    own = [text for text in with_options if not text.startswith("\n##")]  # Help names them
    assert len(own) > 5
    assert [text for text in own if named(text)] == []


def test_numbers_plurals_and_fields_are_german(german):
    assert tr("Show %n more notice(s)", "", 1) == "1 weitere Meldung zeigen"
    assert tr("Show %n more notice(s)", "", 2) == "2 weitere Meldungen zeigen"
    assert tr(formatted_number(3.14159, ".1f", "mm")) == "3,1 mm"
    assert tr(formatted_number(1234.5, ",.1f", "ml")) == "1\u2009234,5 ml"
    assert tr(formatted_number(-3.14159, "+.1f", "°")) == "\u22123,1°"
    assert tr("{time} left", time="8 s") == "noch 8 s"
    error = ImageReadError(
        "{group} in {file}: {reason}",
        group=worded("The series"),
        file="Mask",
        reason=formatted_number(2.5, ".1f"),
    )
    assert tr(str(error)) == "Die Serie in Mask: 2,5"  # file names are not translated
    assert QLocale().decimalPoint() == ","


def test_numbers_and_plurals_are_english_in_english(qapp):
    use_language("en")
    assert (tr("%n region(s)", "", 1), tr("%n region(s)", "", 2)) == ("1 region", "2 regions")
    assert tr(formatted_number(3.14159, ".1f", "mm")) == "3.1 mm"
    assert tr(formatted_number(1234.5, ",.1f", "ml")) == "1\u2009234.5 ml"


def test_numbers_have_a_minus_sign_and_none_if_they_round_to_zero(qapp):
    assert tr(formatted_number(-3.14159, ".1f", "mm")) == "\u22123.1 mm"
    assert tr("{hu} HU in {file}", hu=-1024, file="a-1.nii") == "\u22121024 HU in a-1.nii"
    assert tr(formatted_number(-0.04, "+.1f", "mm")) == "0.0 mm"
    assert tr(worded("{slip}", slip=formatted_number(-0.3, ".0f", "%"))) == "0%"


def test_the_systems_language_is_used_if_there_is_a_translation(monkeypatch):
    system = SimpleNamespace(uiLanguages=lambda: ["fr-FR", "de-AT", "en-GB"])
    monkeypatch.setattr(QLocale, "system", lambda: system)
    assert (select_language(""), select_language("en"), select_language("xx")) == ("de", "en", "de")


def test_menus_buttons_and_qts_own_texts_are_german(german, make_window):
    window = make_window(scan=spine_volume())
    assert [action.text() for action in window.menuBar().actions()][:2] == ["Datei", "Wirbelsäule"]
    assert window.panel.run_box.segment_button.text() == "Wirbelsäule segmentieren"
    assert window.status.research_label.text() == "Nur für die Forschung, kein Medizinprodukt"
    assert window.actions_by_name["open"].shortcut().toString() == "Ctrl+O"
    assert window.actions_by_name["open"].toolTip().startswith("Scan öffnen (Strg+O)")
    box = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel, window)
    assert box.button(QDialogButtonBox.StandardButton.Cancel).text() == "Abbrechen"


def test_a_sentence_from_a_lower_layer_is_shown_in_german(german, make_window):
    window = make_window()
    text = worded(
        "{file} is truncated: only {received_mb:.1f} of {declared_mb:.1f} MB of voxel data is "
        "present. Copy it again from the source.",
        file="a.nii",
        received_mb=1,
        declared_mb=2.5,
    )
    window.workspace.tell(Notice(Severity.ERROR, text, "open"))
    (banner,) = window.banners._banners.values()
    assert banner.text.text() == (
        "a.nii ist unvollständig: Nur 1,0 von 2,5 MB Voxel sind vorhanden. "
        "Kopieren Sie die Datei erneut von der Quelle."
    )


def test_switching_the_language_keeps_the_open_scan_and_stops_nothing(qtbot, qapp, tmp_path):
    front = WindowHost(qt_workspace(FakeBackend(), tmp_path / "settings.json"))
    first = front.window
    verbs = Verbs(first.workspace)
    try:
        first.show()
        verbs.show_scan(spine_volume())
        verbs.add_measurement(Measurement(Distance(), Plane.SAGITTAL, ((0, 0, 0), (4, 0, 0))))
        first.area.set_layout_kind(Layout.GRID)
        first.area.views[Plane.CORONAL].zoom_by(2.0)
        first.area.toggle_maximised(Plane.AXIAL)
        first.panel.hide()
        first.actions_by_name["tool_distance"].trigger()
        first.actions_by_name["measurement_sheet"].trigger()
        first.actions_by_name["report"].trigger()
        first.setWindowState(Qt.WindowState.WindowMaximized)
        shown, first_tool = first.area.state, first.area.tool.name
        with qtbot.waitSignal(first.destroyed):
            first.actions_by_name["language_de"].trigger()
        window = front.window
        assert window.isMaximized()
        assert window.area.state.zooms.keys() == shown.zooms.keys()
        assert (window.area.layout_kind, window.area.maximised) == (Layout.GRID, Plane.AXIAL)
        assert window.panel.isHidden()
        assert window.area.tool.name == first_tool
        assert window.spine_measurer.sheet.isVisible()
        (report,) = (one for one in window.findChildren(ReportDialog) if one.isVisible())
        assert report.windowTitle().startswith("Bericht")
        report.reject()
        assert window is not first
        assert window.panel.run_box.segment_button.text() == "Wirbelsäule segmentieren"
        assert window.actions_by_name["language_de"].isChecked()
        assert not window.panel.measurements.isHidden()
        assert verbs.state is not None
        assert not window.has_ended
        verbs.scroll(Plane.AXIAL, 1)
        assert verbs.runner.wait_for_writes(60.0)
        assert load_settings(tmp_path / "settings.json").language == "de"
    finally:
        use_language("en")
        with qtbot.waitSignal(front.finished):
            front.window.close()
        front.window.deleteLater()
        front.deleteLater()


def test_switching_the_language_keeps_two_scans_side_by_side(qtbot, qapp, tmp_path):
    front = WindowHost(qt_workspace(FakeBackend(), tmp_path / "settings.json"))
    first = front.window
    verbs = Verbs(first.workspace)
    try:
        first.show()
        for name in ("a", "b"):
            verbs.show_scan(spine_volume(path=tmp_path / f"{name}.nii.gz"))
        first.actions_by_name["side_by_side"].trigger()
        first.other_view.header.lock.setChecked(True)
        first.other_view.views[Plane.SAGITTAL].scrolled.emit(5)
        place = first.other_view.state.crosshair_zyx
        with qtbot.waitSignal(first.destroyed):
            first.actions_by_name["language_de"].trigger()
        window = front.window
        assert window.other_view.isVisible()
        assert window.other_view.state.crosshair_zyx == place
        verbs.scroll(Plane.SAGITTAL, 2)
        assert window.other_view.state.crosshair_zyx == (*place[:2], place[2] + 2)
        window.actions_by_name["batch"].trigger()
        with qtbot.waitSignal(window.destroyed):
            window.actions_by_name["language_en"].trigger()
        assert front.window.batch_page.isVisible()
    finally:
        use_language("en")
        with qtbot.waitSignal(front.finished):
            front.window.close()
        front.window.deleteLater()
        front.deleteLater()


class Brackets(QTranslator):
    """A language in which every text is in brackets, so that untranslated ones are visible."""

    def translate(self, context, source, disambiguation=None, n=-1):
        return f"⟦{source}⟧" if context == "" else None


@pytest.fixture
def brackets(qapp):
    translator = Brackets(qapp)
    QCoreApplication.installTranslator(translator)
    yield
    QCoreApplication.removeTranslator(translator)
    translator.deleteLater()


#: Qt translates these itself.
OF_QT = ("Cancel", "Close", "Open", "Scroll Left", "Scroll Right")
#: Not translated: the user's own words, names of formats and measures, keys, languages.
KEPT = re.compile(
    "|".join(
        [
            *map(re.escape, OWN_WORDS),
            r"[\w.-]+\.(nii\.gz|nii|nrrd|mha|stl|dcm|csv|png)\b",
            r"/[\w/.-]+",
        ]
    )
    + r"|Spineviewer|NIfTI|DICOM|PDF|HTML|CSV|JSON|HU|Dice|HD95|ASSD|MIP|Ctrl|Shift"
    + r"|Alt|Enter|Esc|English|Deutsch"
    + r"|Use English|Deutsch verwenden|sub-01_report"
    + r"|[a-z0-9_]+\.(py|json)|\bcpu\b|\bfake\b|\bf32\b|CT|SD|test_\w+"
)


def shown_texts(root):
    """Yield all text of a widget and its children."""
    for widget in [root, *root.findChildren(QWidget)]:
        if widget.objectName().startswith("qt_") and not isinstance(widget, QToolButton):
            continue
        said = [
            widget.toolTip(),
            widget.accessibleName(),
            widget.accessibleDescription(),
            widget.windowTitle(),
        ]
        if isinstance(widget, ElidedLabel):
            said.append(widget.whole_text)
        elif not isinstance(widget, (QLineEdit, QTextEdit)):
            said += [
                ask()
                for ask in (getattr(widget, name, None) for name in ("text", "title", "suffix"))
                if callable(ask)
            ]
        if isinstance(widget, QLineEdit):
            said.append(widget.placeholderText())
        if isinstance(widget, QTextEdit):
            said.append(widget.toPlainText())
        if isinstance(widget, QComboBox):
            said += [widget.itemText(k) for k in range(widget.count())]
        if isinstance(widget, QAbstractItemView) and widget.model() is not None:
            model, top = widget.model(), widget.rootIndex()
            columns = range(1 if isinstance(widget, QListView) else model.columnCount(top))
            said += [
                str(model.index(row, column, top).data() or "")
                for row in range(model.rowCount(top))
                for column in columns
            ]
            said += [
                str(model.headerData(column, Qt.Orientation.Horizontal) or "") for column in columns
            ]
        said += [text for action in widget.actions() for text in (action.text(), action.toolTip())]
        for text in said:
            yield type(widget).__name__, text


def bare_part(text):
    """Return the parts of a text that are not in brackets and not the user's own."""
    while (inner := re.sub(r"⟦[^⟦⟧]*⟧", "", text)) != text:
        text = inner
    return KEPT.sub("", text)


def test_no_text_in_the_window_bypasses_the_translation(qtbot, brackets, make_window, tmp_path):
    bare = set()
    for part, root in every_part(qtbot, make_window, tmp_path):
        for kind, text in shown_texts(root):
            if part == "help" and kind in ("QListWidget", "QTextBrowser"):
                continue  # pages are files, one for each language
            if re.search(r"[^\W\d_]{3,}", bare_part(text)) and text not in OF_QT:
                bare.add(f"{part}: {kind}: {text!r}")
    assert not bare, "\n".join(sorted(bare))


def test_no_error_is_raised_with_a_sentence_that_could_not_be_translated():
    """Check every call of an error or a notice, in every layer."""
    bare = []
    folder = Path(spineviewer.__file__).parent
    for path in sorted(folder.rglob("*.py")):
        if path.relative_to(folder).parts[0] in ("training", "bench", "cli.py", "__main__.py"):
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Name)
                and node.func.id in (*ERRORS, "Notice")
                and node.args
            ):
                (text, *_) = node.args
                # an error fills in its template itself, a notice does not
                if isinstance(text, ast.JoinedStr) or (
                    node.func.id == "Notice" and isinstance(text, ast.Constant)
                ):
                    bare.append(f"{path.relative_to(folder)}:{node.lineno}")
    assert not bare, bare


def test_a_report_is_german_for_people_and_english_for_programs(
    qtbot, german, make_window, tmp_path
):
    window = make_window(scan=spine_volume())
    window.verbs.add_measurement(
        Measurement(Distance(), Plane.SAGITTAL, ((10.0, 20.0, 9.0), (30.0, 20.0, 9.0)))
    )
    targets = {kind: tmp_path / f"r{kind.value}" for kind in (ReportFormat.HTML, ReportFormat.CSV)}
    window.verbs.report(ReportOrder(targets=targets, title="Titel"))
    qtbot.waitUntil(lambda: window.verbs.runner.is_idle)
    page = targets[ReportFormat.HTML].read_text(encoding="utf-8")
    assert '<html lang="de">' in page
    assert "kein Medizinprodukt" in page
    assert "1  Strecke, sagittal 10" in page
    assert "40,0 mm" in page
    assert "1,50 × 1,50 × 2,00 mm" in page
    table = targets[ReportFormat.CSV].read_text(encoding="utf-8")
    assert 'Measurements,"1  Distance, sagittal 10",40.0,mm' in table


def test_a_language_is_found_as_a_file_with_its_own_name(monkeypatch, tmp_path, qapp):
    source = tmp_path / "pt_BR.ts"
    own = "English</source>\n<comment>the name of this language in the language itself</comment>"
    message = f"<message>\n<source>{own}\n<translation>Português (Brasil)</translation></message>"
    source.write_text(
        '<?xml version="1.0" encoding="utf-8"?>\n<!DOCTYPE TS>\n<TS version="2.1" language="pt_BR">'
        f"<context><name></name>{message}</context></TS>",
        encoding="utf-8",
    )
    texts.compile_texts(source, source.with_suffix(".qm"))
    (tmp_path / "damaged.qm").write_bytes(b"no translation")
    assert [(found.code, found.name) for found in languages(tmp_path)] == [
        ("en", "English"),
        ("pt_BR", "Português (Brasil)"),
    ]
    system = SimpleNamespace(uiLanguages=lambda: ["fr-FR", "pt-BR", "en-GB"])
    monkeypatch.setattr(QLocale, "system", lambda: system)
    assert select_language("", tmp_path) == "pt_BR"


def test_every_language_is_listed_under_its_own_name():
    assert [(found.code, found.name, found.tip) for found in languages()] == [
        ("en", "English", "Use English"),
        ("de", "Deutsch", "Deutsch verwenden"),
    ]


def test_a_translation_is_created_only_once(monkeypatch, tmp_path):
    monkeypatch.setattr(texts, "FOLDER", tmp_path)
    texts.begin("fr")
    assert ET.parse(tmp_path / "fr.ts").getroot().get("language") == "fr"
    (tmp_path / "fr.ts").write_text("kept", encoding="utf-8")
    texts.begin("fr")
    assert (tmp_path / "fr.ts").read_text(encoding="utf-8") == "kept"
