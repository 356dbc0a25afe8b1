"""Sentences above the views: what went wrong, what to keep in mind, what was done."""

from __future__ import annotations

from PySide6.QtCore import Qt, QUrl, Signal
from PySide6.QtGui import QDesktopServices, QIcon
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from spineviewer.app.notices import Level, Notice, Notices
from spineviewer.gui.kit.icons import give_icon, icon
from spineviewer.gui.kit.language import tr
from spineviewer.gui.kit.theme import GAP_L, GAP_M, GAP_S

_LOOKS = {
    Level.INFO: ("banner-info", "info", "accent"),
    Level.WARN: ("banner-warn", "warn", "warn"),
    Level.BAD: ("banner-bad", "error", "bad"),
}


class Banner(QFrame):
    """One notice with its icon and, unless it lasts, a button to dismiss it."""

    def __init__(self, notice: Notice, parent: BannerStack) -> None:
        super().__init__(parent)
        self.notice = notice
        role, picture, colour = _LOOKS[notice.level]
        self.setProperty("role", role)
        mark = QLabel()
        mark.setPixmap(icon(picture, colour).pixmap(18, 18))
        self.text = QLabel(tr(notice.text))
        self.text.setWordWrap(True)
        self.text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(GAP_L, GAP_S + 2, GAP_S + 2, GAP_S + 2)
        layout.setSpacing(GAP_M)
        layout.addWidget(mark)
        layout.addWidget(self.text, 1)
        self.more = QPushButton()
        self.more.setProperty("kind", "plain")
        self.more.clicked.connect(parent.toggle)
        self.more.hide()
        layout.addWidget(self.more)
        for text, run in notice.buttons:
            button = QPushButton(tr(text))
            button.setProperty("kind", "plain")
            button.clicked.connect(lambda _=False, run=run: run())
            layout.addWidget(button)
        if notice.paths:
            folder = QUrl.fromLocalFile(str(notice.paths[0].parent))
            show = QPushButton(tr("Show folder"))
            show.setProperty("kind", "plain")
            show.clicked.connect(lambda: QDesktopServices.openUrl(folder))
            layout.addWidget(show)
        if not notice.is_lasting:
            close = QPushButton()
            give_icon(close, "close")
            close.setProperty("kind", "plain")
            close.setToolTip(tr("Dismiss"))
            close.setAccessibleName(tr("Dismiss this notice"))
            close.clicked.connect(lambda: parent.dismiss(notice.topic))
            layout.addWidget(close)
        self.setAccessibleName(tr(notice.text))


class BannerStack(QWidget):
    """The newest notice, and on demand all that are up; one per topic.

    The pictures below keep their room.
    """

    dismissed = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._banners: dict[str, Banner] = {}
        self._is_open = False
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(GAP_M, GAP_M, GAP_M, 0)
        self._layout.setSpacing(GAP_S)
        self.hide()

    def show_notice(self, notice: Notice) -> None:
        """Put a notice up in place of an older one of its topic.

        What was written last takes the place of what was before.
        """
        self.remove(notice.topic)
        if notice.paths:
            for other in [
                other for other in self.notices() if other.paths and other.level is notice.level
            ]:
                self.remove(other.topic)
        banner = Banner(notice, self)
        self._banners[notice.topic] = banner
        self._layout.insertWidget(0, banner)
        self._arrange()

    def remove(self, topic: str) -> None:
        """Take a topic's notice down."""
        banner = self._banners.pop(topic, None)
        if banner is not None:
            self._layout.removeWidget(banner)
            banner.hide()
            banner.deleteLater()
        self._arrange()

    def show_notices(self, notices: Notices) -> None:
        """Show these and no others; those that are new come on top."""
        for topic, banner in list(self._banners.items()):
            if not any(notice is banner.notice for notice in notices):
                self.remove(topic)
        up = self.notices()
        for notice in notices:
            if not any(notice is other for other in up):
                self.show_notice(notice)

    def dismiss(self, topic: str) -> None:
        """Take a topic's notice down for good."""
        self.remove(topic)
        self.dismissed.emit(topic)

    def toggle(self) -> None:
        """Show all notices, or the newest alone."""
        self._is_open = not self._is_open
        self._arrange()
        newest = next(reversed(self._banners.values()), None)
        if newest is not None:
            newest.more.setFocus()

    def _arrange(self) -> None:
        """Show the newest on top, with the number of the others and the icon of the most severe."""
        newest, *others = reversed(self._banners.values()) if self._banners else (None,)
        self._is_open = self._is_open and bool(others)
        for other in others:
            other.setVisible(self._is_open)
            other.more.hide()
        if newest is not None:
            newest.show()
            newest.more.setVisible(bool(others))
            count = len(others)
            text = tr("Only this one") if self._is_open else tr("%n more", "", count)
            name = (
                tr("Show only the newest notice")
                if self._is_open
                else tr("Show %n more notice(s)", "", count)
            )
            newest.more.setText(text)
            newest.more.setAccessibleName(name)
            if self._is_open:
                newest.more.setIcon(QIcon())
            else:
                worst = max(
                    (other.notice.level for other in others),
                    key=list(_LOOKS).index,
                    default=Level.INFO,
                )
                give_icon(newest.more, *_LOOKS[worst][1:])
        self.setVisible(newest is not None)

    def notices(self) -> list[Notice]:
        """Return the visible notices."""
        return [banner.notice for banner in self._banners.values()]
