"""Notices above the views: errors, warnings and confirmations."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QEvent, QObject, QPoint, Qt, QTimer, QUrl, Signal
from PySide6.QtGui import QDesktopServices, QIcon, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from spineviewer.app.notices import Notice, Notices, Severity
from spineviewer.gui.kit.card import fit_height
from spineviewer.gui.kit.elided_label import ElidedLabel
from spineviewer.gui.kit.icons import icon, set_icon
from spineviewer.gui.kit.language import tr
from spineviewer.gui.kit.styled import styled_button, without_margins
from spineviewer.gui.kit.theme import GAP_L, GAP_M, GAP_S
from spineviewer.gui.viewing.legend import Entry, Legend
from spineviewer.wording import is_critical

_STYLES = {
    Severity.INFO: ("banner-info", "info", "accent"),
    Severity.WARNING: ("banner-warn", "warn", "warn"),
    Severity.ERROR: ("banner-bad", "error", "bad"),
}
_SEVERITIES = list(_STYLES)
#: A new warning comes before errors and questions for this time, because it responds to an action
#: of the user.
_FRESH_MS = 5_000
#: Information disappears after this time; if it has buttons, after the longer one.
_PASSING_MS, _PASSING_BUTTONS_MS = 20_000, 60_000
#: Height of the line of notices.
_LINE_PX = 38
#: Maximum number of rows of text in the line.
_ROWS = 2
#: Minimum width to which a notice is shortened.
_MIN_TEXT_PX = 200


class Banner(QFrame):
    """One notice with its icon and, unless it is persistent, a button to dismiss it.

    Attributes
    ----------
    fresh_timer
        Runs while the notice is new and therefore comes before older ones.
    passing_timer
        Runs until information disappears.
    """

    def __init__(self, notice: Notice, parent: BannerStack, *, is_whole: bool) -> None:
        super().__init__(parent)
        self.notice, self.fresh_timer = notice, QTimer(self, singleShot=True)
        self.passing_timer = QTimer(self, singleShot=True)
        has_buttons = bool(notice.buttons or notice.paths)
        self.passing_timer.setInterval(_PASSING_BUTTONS_MS if has_buttons else _PASSING_MS)
        role, icon_name, colour = _STYLES[notice.severity]
        self.setProperty("role", role)
        symbol = QLabel()
        symbol.setPixmap(icon(icon_name, colour).pixmap(18, 18))
        self.text = QLabel(tr(notice.text))
        if is_whole:
            self.text.setWordWrap(True)
            self.text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        else:
            self.text = ElidedLabel(lines=_ROWS)
            self.text.setAlignment(Qt.AlignmentFlag.AlignVCenter)
            self.text.show_text(" ".join(tr(notice.text).split()))
        layout = QHBoxLayout(self)
        layout.setContentsMargins(GAP_L, 2, GAP_S + 2, 2)
        layout.setSpacing(GAP_M)
        layout.addWidget(symbol)
        layout.addWidget(self.text, 1)
        self.more = styled_button("plain")
        self.more.clicked.connect(parent.toggle)
        self.more.hide()
        layout.addWidget(self.more)
        for text, run in notice.buttons:
            button = styled_button("plain", tr(text))
            button.clicked.connect(lambda _=False, run=run: run())
            layout.addWidget(button)
        if notice.paths:
            folder = QUrl.fromLocalFile(str(notice.paths[0].parent))
            show = styled_button("plain", tr("Show folder"))
            show.clicked.connect(lambda: QDesktopServices.openUrl(folder))
            layout.addWidget(show)
        if not notice.is_lasting:
            close = styled_button(
                "plain", tip=tr("Dismiss"), name=tr("Dismiss this notice"), icon_name="close"
            )
            close.clicked.connect(lambda: parent.dismiss(notice.topic))
            layout.addWidget(close)
        self.setAccessibleName(tr(notice.text))

    @property
    def full_width(self) -> int:
        """The minimum width for the whole text on its rows, in pixels."""
        text_width = self.text.whole_width if isinstance(self.text, ElidedLabel) else 0
        return self.minimumSizeHint().width() + text_width


class _AllNotices(QFrame):
    """The list of all notices in full, which covers the pictures."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setProperty("role", "card")
        self.setAccessibleName(tr("All notices"))
        self._rows = QVBoxLayout(self)
        self._rows.setContentsMargins(GAP_M, GAP_M, GAP_M, GAP_M)
        self._rows.setSpacing(GAP_S)
        self.hide()

    def show_banners(self, banners: list[Banner], at: QPoint, width: int) -> None:
        while (item := self._rows.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        for banner in banners:
            self._rows.addWidget(banner)
            banner.show()
        fit_height(self, width)
        self.move(at)
        self.show()
        self.raise_()


class BannerStack(QWidget):
    """Shows critical notices in full, and below them a line with one other notice and the legend.

    A notice never moves the pictures below: critical ones appear together with the scan, the space
    of the line is reserved, and the list of all notices covers the pictures. The line shows the
    newest notice for a while, then the most severe one; information never covers a warning, and
    disappears by itself.

    Thread ownership: GUI thread.
    """

    dismissed = Signal(str)
    #: The text of new information that a warning covers; empty once it is no longer new.
    news_changed = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._news = ""
        self._banners: dict[str, Banner] = {}
        self._all: _AllNotices | None = None
        self._is_space_reserved = False
        #: Of the active scan, and of the one on the right.
        self._legends: tuple[tuple[Entry, ...], tuple[Entry, ...]] = (), ()
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(GAP_M, 2, GAP_M, 2)
        self._layout.setSpacing(GAP_S)
        self._line = QWidget()
        self._line.setFixedHeight(_LINE_PX)
        row = without_margins(QHBoxLayout(self._line), GAP_L)
        self._line_layout = without_margins(QVBoxLayout())
        row.addLayout(self._line_layout, 1)
        self.legend = Legend()
        row.addWidget(self.legend)
        self._layout.addWidget(self._line)
        self.hide()

    def reserve_space(self, is_reserved: bool) -> None:
        """Set whether the line takes up space without a notice, so that nothing below moves."""
        self._is_space_reserved = is_reserved
        self._arrange()

    def show_notice(self, notice: Notice) -> None:
        """Show a notice, which replaces an older one on the same topic.

        A notice about files also replaces equally severe notices about files.
        """
        self._drop(notice.topic)
        if notice.paths:
            for other in self.notices():
                if other.paths and other.severity is notice.severity:
                    self._drop(other.topic)
        banner = Banner(notice, self, is_whole=is_critical(notice.text))
        self._banners[notice.topic] = banner
        if is_critical(notice.text):
            self._layout.insertWidget(self._layout.count() - 1, banner)
            banner.show()
        else:
            self._line_layout.addWidget(banner)
        banner.fresh_timer.timeout.connect(self._arrange)
        banner.fresh_timer.start(_FRESH_MS)
        if notice.is_passing:
            banner.passing_timer.timeout.connect(partial(self._expire, banner))
            banner.passing_timer.start()
        self._arrange()

    def remove(self, topic: str) -> None:
        """Remove the notice on a topic."""
        self._drop(topic)
        self._arrange()

    def show_notices(self, notices: Notices) -> None:
        """Show these notices and no others."""
        for topic, banner in list(self._banners.items()):
            if not any(notice is banner.notice for notice in notices):
                self._drop(topic)
        shown = self.notices()
        for notice in notices:
            if not any(notice is other for other in shown):
                self.show_notice(notice)
        self._arrange()

    def dismiss(self, topic: str) -> None:
        """Dismiss the notice on a topic."""
        self.remove(topic)
        self.dismissed.emit(topic)

    def _expire(self, banner: Banner) -> None:
        """Dismiss information that was shown long enough, unless the user may be reading it."""
        is_read = self.is_open or banner.underMouse() or not self.window().isActiveWindow()
        if is_read:
            banner.passing_timer.start()
        else:
            self.dismiss(banner.notice.topic)

    @property
    def is_open(self) -> bool:
        """Whether all notices are listed."""
        return self._all is not None and self._all.isVisible()

    def toggle(self) -> None:
        """List all notices in full over the pictures, or close the list."""
        if self.is_open:
            self.close_list()
            return
        if self._all is None:
            self._all = _AllNotices(self.window())
            self.window().installEventFilter(self)
        self._fill_list()
        self._arrange()

    def close_list(self) -> None:
        """Hide the list of all notices."""
        if self._all is not None:
            self._all.hide()
        self._arrange()

    def notices(self) -> list[Notice]:
        """Return all notices, the oldest first."""
        return [banner.notice for banner in self._banners.values()]

    def _drop(self, topic: str) -> None:
        banner = self._banners.pop(topic, None)
        if banner is not None:
            banner.hide()
            banner.deleteLater()

    def _by_priority(self) -> list[Banner]:
        """Return the notices of the line: a fresh one first, the others by severity and age.

        Among equally severe warnings and errors, those with buttons come first. Information comes
        after all of them, even if it is fresh; the newest comes first.
        """

        def priority(numbered: tuple[int, Banner]) -> tuple[bool, bool, int, bool, int]:
            number, banner = numbered
            is_fresh = number == newest and banner.fresh_timer.isActive()
            severity = _SEVERITIES.index(banner.notice.severity)
            is_warning = banner.notice.severity is not Severity.INFO
            is_question = is_warning and bool(banner.notice.buttons)
            return is_warning, is_fresh, severity, is_question, number

        in_line = [
            banner for banner in self._banners.values() if not is_critical(banner.notice.text)
        ]
        newest = len(in_line) - 1
        ordered = sorted(enumerate(in_line), key=priority, reverse=True)
        return [banner for _, banner in ordered]

    def _first_and_others(self) -> tuple[Banner | None, list[Banner]]:
        ordered = self._by_priority()
        return (ordered[0] if ordered else None), ordered[1:]

    def _arrange(self) -> None:
        first, others = self._first_and_others()
        for other in others:
            other.hide()
        if first is not None:
            first.show()
        self._share_line()
        self._announce_news(others)
        self._line.setVisible(self._is_space_reserved or first is not None)
        self.setVisible(self._is_space_reserved or bool(self._banners))
        if self.is_open:
            if self._banners:
                self._fill_list()
            else:
                self.close_list()

    def _announce_news(self, covered: list[Banner]) -> None:
        """Announce new information behind a warning, such as that a report was saved."""
        new = [
            banner
            for banner in covered
            if banner.notice.severity is Severity.INFO and banner.fresh_timer.isActive()
        ]
        news = tr(new[0].notice.text) if new else ""
        if news != self._news:
            self._news = news
            self.news_changed.emit(news)

    def _share_line(self) -> None:
        """Share the line between the first notice and the legend."""
        first, others = self._first_and_others()
        if first is not None:
            self._update_more_button(first, others)
        else:
            self.legend.fit(self._line.width(), self._line.width())

    def _update_more_button(self, first: Banner, others: list[Banner]) -> None:
        """Update the button that opens the list, and the form of the legend."""
        count = len(others)
        if self.is_open:
            first.more.setText(tr("Close"))
            first.more.setAccessibleName(tr("Close the list of notices"))
        elif count:
            first.more.setText(_summary(others))
            first.more.setAccessibleName(tr("Show %n more notice(s)", "", count))
        else:
            first.more.setText(tr("Read more"))
            first.more.setAccessibleName(tr("Show the whole notice"))
        has_list = bool(count) or self.is_open
        first.more.setVisible(has_list)
        free_px = self._line.width() - GAP_L
        beside_px = free_px - first.full_width
        # names in the legend make way for a new notice if the whole notice then fits
        gives_way = first.fresh_timer.isActive() and beside_px >= self.legend.min_width
        min_width = first.minimumSizeHint().width() + _MIN_TEXT_PX
        self.legend.fit(beside_px, beside_px if gives_way else free_px - min_width)
        has_legend = self.legend.isVisibleTo(self._line)
        room_px = free_px - self.legend.sizeHint().width() if has_legend else self._line.width()
        first.more.setVisible(has_list or first.full_width > room_px)
        severities = (other.notice.severity for other in others)
        worst = max(severities, key=_SEVERITIES.index, default=Severity.INFO)
        if count and not self.is_open:
            set_icon(first.more, *_STYLES[worst][1:])
        else:
            first.more.setIcon(QIcon())

    def _fill_list(self) -> None:
        assert self._all is not None
        banners = [Banner(banner.notice, self, is_whole=True) for banner in self._by_priority()]
        corner = self.mapTo(self.window(), QPoint(GAP_M, self.height() - GAP_S))
        self._all.show_banners(banners, corner, min(self.width() - 2 * GAP_M, 900))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._share_line()

    def show_legend(self, entries: tuple[Entry, ...]) -> None:
        """Show these entries in the legend beside the notices."""
        self._legends = entries, self._legends[1]
        self._update_legend()

    def show_other_legend(self, entries: tuple[Entry, ...]) -> None:
        """Add the entries of the scan on the right to the legend."""
        self._legends = self._legends[0], entries
        self._update_legend()

    def _update_legend(self) -> None:
        mine, others = self._legends
        self.legend.show_entries(tuple(dict.fromkeys((*mine, *others))))
        self._share_line()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Close the list if the window is resized."""
        if event.type() is QEvent.Type.Resize and self.is_open:
            self.close_list()
        return super().eventFilter(watched, event)


def _summary(covered: Sequence[Banner]) -> str:
    """Return the short texts of covered notices, and how many notices have none."""
    names = [tr(banner.notice.short_text) for banner in covered if banner.notice.short_text]
    count = len(covered) - len(names)
    return ", ".join([*names, *([tr("%n more", "", count)] if count else [])])
