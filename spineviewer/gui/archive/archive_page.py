"""The page for searching archives and retrieving studies."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from spineviewer.app.archiving.access import ArchiveAccess
from spineviewer.app.archiving.retrievals import RequestedStudy, Retrieval
from spineviewer.app.archiving.searching import PRIOR_MODALITY
from spineviewer.app.settings_store import SettingsStore
from spineviewer.archive.node import Node
from spineviewer.archive.query import MAX_STUDIES, Query
from spineviewer.gui.archive.result_tree import ResultTree, study_title
from spineviewer.gui.archive.retrieval_list import RetrievalList
from spineviewer.gui.archive.search_form import SearchForm
from spineviewer.gui.kit.language import tr
from spineviewer.gui.kit.pages import BackButton
from spineviewer.gui.kit.styled import styled_button, styled_label
from spineviewer.gui.kit.subscriptions import Subscriptions
from spineviewer.gui.kit.theme import GAP_L, GAP_M, GAP_XL

#: Wide enough for a sentence on one or two lines.
_MESSAGE_WIDTH = 560


class ArchivePage(QWidget):
    """Searches one archive at a time and lists the retrievals from all archives.

    Thread ownership: GUI thread.
    """

    back_requested = Signal()
    settings_requested = Signal()
    #: A complete `Retrieval`.
    open_requested = Signal(object)
    local_requested = Signal()

    def __init__(
        self,
        access: ArchiveAccess,
        settings: SettingsStore,
        subscriptions: Subscriptions,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._access = access
        self.setAccessibleName(tr("Archive"))
        self.archive = QComboBox()
        self.archive.setAccessibleName(tr("Archive"))
        self.archive.setMinimumWidth(220)
        self.settings_button = QPushButton(tr("Archives…"))
        self.settings_button.setToolTip(tr("Set up archives, the receiver and the local store"))
        self.local_button = QPushButton(tr("On this computer…"))
        self.local_button.setToolTip(tr("Browse the studies that were retrieved or received"))
        self.form = SearchForm()
        self.tree = ResultTree()
        self.message = _Message()
        self.busy = QProgressBar()
        self.busy.setRange(0, 0)
        self.busy.setTextVisible(False)
        self.busy.setAccessibleName(tr("Searching"))
        self.summary = styled_label("quiet")
        self.retrievals = RetrievalList()
        self.back_button = BackButton(tr("Retrievals continue in the background"))
        self.clear_button = QPushButton(tr("Clear list"))
        self.clear_button.setToolTip(tr("Remove finished retrievals from the list"))
        self.priors_button = QPushButton(tr("Prior CT"))
        self.priors_button.setToolTip(tr("List the CT studies of this patient"))
        self.retrieve_button = styled_button("primary", tr("Retrieve and open"))
        self._lay_out()
        self._bind(subscriptions, settings)
        self._show_archives()
        self._show_search()
        self._show_retrievals()

    def _lay_out(self) -> None:
        heading = styled_label("title", tr("Archive"))
        top = QHBoxLayout()
        top.setSpacing(GAP_M)
        top.addWidget(heading)
        top.addSpacing(GAP_L)
        top.addWidget(self.archive)
        top.addWidget(self.settings_button)
        top.addStretch(1)
        top.addWidget(self.local_button)
        self.stack = QStackedWidget()
        self.stack.addWidget(self.tree)
        self.stack.addWidget(self.message)
        bottom = QHBoxLayout()
        bottom.setSpacing(GAP_M)
        bottom.addWidget(self.back_button)
        bottom.addStretch(1)
        bottom.addWidget(self.clear_button)
        bottom.addWidget(self.priors_button)
        bottom.addWidget(self.retrieve_button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(GAP_XL * 2, GAP_XL, GAP_XL * 2, GAP_XL)
        layout.setSpacing(GAP_L)
        layout.addLayout(top)
        layout.addWidget(self.form)
        layout.addWidget(self.busy)
        layout.addWidget(self.stack, 1)
        layout.addWidget(self.summary)
        layout.addWidget(self.retrievals)
        layout.addLayout(bottom)

    def _bind(self, subscriptions: Subscriptions, settings: SettingsStore) -> None:
        access = self._access
        subscriptions.add(access.search.changed, self._show_search)
        subscriptions.add(access.search.series_found, self._show_series)
        subscriptions.add(access.retrievals.changed, self._show_retrievals)
        subscriptions.add(access.retrievals.updated, self._show_retrieval)
        subscriptions.add(settings.changed, self._show_archives)
        self.form.search_requested.connect(self._search)
        self.form.cancel_requested.connect(access.search.cancel)
        self.tree.series_requested.connect(access.search.request_series)
        self.tree.retrieval_requested.connect(self.retrieve)
        self.tree.currentItemChanged.connect(self._update_buttons)
        self.retrievals.cancel_requested.connect(access.retrievals.cancel)
        self.retrievals.retry_requested.connect(access.retrievals.retry)
        self.retrievals.open_requested.connect(self.open_requested)
        self.retrievals.priors_requested.connect(self._list_priors)
        self.settings_button.clicked.connect(self.settings_requested)
        self.local_button.clicked.connect(self.local_requested)
        self.back_button.clicked.connect(self.back_requested)
        self.clear_button.clicked.connect(access.retrievals.clear_ended)
        self.priors_button.clicked.connect(lambda: self.find_priors(self.tree.chosen_patient_id))
        self.retrieve_button.clicked.connect(lambda: self.retrieve(*self.tree.chosen))

    # actions

    @property
    def node(self) -> Node | None:
        """The chosen archive; None if none is configured."""
        return self._access.directory.named(self.archive.currentText())

    def find_priors(self, patient_id: str, node: Node | None = None) -> None:
        """List a patient's CT studies in `node`, or in the chosen archive if `node` is None.

        An empty ID only fills in the form.
        """
        if node is not None:
            self.archive.setCurrentText(node.name)
        query = Query(patient_id=patient_id, modality=PRIOR_MODALITY)
        self.form.show_query(query)
        if patient_id:
            self._search(query)

    def retrieve(self, study_uid: str, series_uid: str) -> None:
        """Retrieve a study from the search results, or one of its series."""
        found, node = self._access.search.study(study_uid), self._access.search.node
        if found is None or node is None:
            return
        patient, study = found
        title = study_title(study)
        for series in self._access.search.series_of(study_uid) or ():
            if series.uid == series_uid:
                title = f"{title}  ·  {series.description or tr('No description')}"
        self._access.retrievals.retrieve(
            RequestedStudy(
                node,
                study_uid,
                series_uid,
                title,
                patient_id=patient.patient_id,
                date=study.date,
                patient_name=patient.name,
            )
        )

    def _search(self, query: Query) -> None:
        node = self.node
        if node is not None:
            self._access.search.search(node, query)

    def _list_priors(self, retrieval: Retrieval) -> None:
        self.find_priors(retrieval.study.patient_id, retrieval.study.node)

    # display

    def focusInEvent(self, event: object) -> None:
        QTimer.singleShot(0, self.form.name, self.form.name.setFocus)

    def _show_archives(self) -> None:
        names = [node.name for node in self._access.directory.nodes]
        if names != [self.archive.itemText(k) for k in range(self.archive.count())]:
            chosen = self.archive.currentText()
            self.archive.clear()
            self.archive.addItems(names)
            self.archive.setCurrentText(chosen)
            self._show_search()

    def _show_search(self) -> None:
        search, obstacle = self._access.search, tr(self._access.obstacle)
        is_usable = bool(self.archive.count()) and not obstacle
        self.form.setEnabled(is_usable)
        self.archive.setEnabled(is_usable)
        self.form.show_running(search.is_running)
        self.busy.setVisible(search.is_running)
        self.summary.clear()
        if obstacle:
            self._show_message(obstacle)
        elif not self.archive.count():
            self._show_message(
                tr("No archive is configured yet."),
                tr("Add an archive…"),
                self.settings_requested.emit,
            )
        elif search.is_running:
            self._show_message(
                tr("Searching {archive}…", archive=search.node.name if search.node else "")
            )
        elif search.error:
            self._show_message(tr(search.error), tr("Try again"), search.repeat, is_bad=True)
        elif search.found is None:
            self._show_message(tr("Type a search term and press Enter."))
        elif not search.found.patients:
            self._show_message(tr("No matches."), *self._wider_search())
        else:
            self.tree.show_found(search.found)
            self.stack.setCurrentWidget(self.tree)
            text = tr("%n stud(y|ies) found", "", search.found.study_count)
            if search.found.is_cut:
                text = tr("More than {most} studies match. Narrow the search.", most=MAX_STUDIES)
            self.summary.setText(text)
            self.tree.setFocus()
        self._update_buttons()

    def _wider_search(self) -> tuple[str, Callable[[], object]] | tuple[()]:
        """Return the text and action of a button that searches for IDs containing the entered text.

        Empty if no ID was entered or the ID already contains a wildcard.
        """
        query = self._access.search.query
        if query is None or not query.patient_id or "*" in query.patient_id:
            return ()
        wider = replace(query, patient_id=f"*{query.patient_id}*")

        def search() -> None:
            self.form.show_query(wider)
            self._search(wider)

        return tr("Search for IDs that contain {text}", text=query.patient_id), search

    def _show_message(
        self,
        text: str,
        action: str = "",
        act: Callable[[], object] | None = None,
        *,
        is_bad: bool = False,
    ) -> None:
        self.message.show_text(text, action, act, is_bad=is_bad)
        self.stack.setCurrentWidget(self.message)

    def _show_series(self, study_uid: str) -> None:
        self.tree.show_series(study_uid, self._access.search.series_of(study_uid))

    def _update_buttons(self) -> None:
        is_listed = self.stack.currentWidget() is self.tree
        study_uid, series_uid = self.tree.chosen
        self.retrieve_button.setEnabled(is_listed and bool(study_uid))
        self.retrieve_button.setToolTip(
            tr("Retrieve this series") if series_uid else tr("Retrieve all series of the study")
        )
        self.priors_button.setEnabled(is_listed and bool(self.tree.chosen_patient_id))

    def _show_retrievals(self) -> None:
        self.retrievals.show_retrievals(self._access.retrievals.retrievals)
        self._update_clear_button()

    def _show_retrieval(self, retrieval: Retrieval) -> None:
        self.retrievals.show_retrieval(retrieval)
        self._update_clear_button()

    def _update_clear_button(self) -> None:
        self.clear_button.setVisible(
            any(not retrieval.is_open for retrieval in self._access.retrievals.retrievals)
        )


class _Message(QWidget):
    """A sentence in the middle of an empty list, with an optional button."""

    def __init__(self) -> None:
        super().__init__()
        self.text = QLabel()
        self.text.setWordWrap(True)
        self.text.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.text.setFixedWidth(_MESSAGE_WIDTH)
        self.button = QPushButton()
        self._act: Callable[[], object] | None = None
        self.button.clicked.connect(self._on_click)
        layout = QVBoxLayout(self)
        layout.setSpacing(GAP_L)
        layout.addStretch(1)
        layout.addWidget(self.text, 0, Qt.AlignmentFlag.AlignHCenter)
        layout.addWidget(self.button, 0, Qt.AlignmentFlag.AlignHCenter)
        layout.addStretch(1)

    def show_text(
        self, text: str, action: str, act: Callable[[], object] | None, *, is_bad: bool
    ) -> None:
        """Show a sentence, with a button if there is an action."""
        self.text.setText(text)
        self.text.setProperty("role", "warn" if is_bad else "quiet")
        self.text.style().polish(self.text)
        self.button.setText(action)
        self.button.setVisible(act is not None)
        self._act = act

    def _on_click(self) -> None:
        if self._act is not None:
            self._act()
