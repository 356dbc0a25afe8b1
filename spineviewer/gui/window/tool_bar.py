"""The tool bar, which shows names if there is room, and collapses groups if there is not."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt, QTimer
from PySide6.QtGui import QAction, QFontMetrics, QResizeEvent
from PySide6.QtWidgets import QMenu, QSizePolicy, QStyle, QToolBar, QToolButton, QWidget

from spineviewer.app.state import PRESETS, Preset, window_presets
from spineviewer.gui.kit.actions import Actions
from spineviewer.gui.kit.icons import set_icon
from spineviewer.gui.kit.language import local_number, tr
from spineviewer.gui.kit.names import shortened
from spineviewer.gui.viewing.window_control import WindowControl
from spineviewer.gui.window.menus import FOLDED_TOOLS, LINE, NAMED_TOOLS, TOOL_BARS
from spineviewer.volume.volume import CtVolume, WindowLevel

_ICON = QSize(20, 20)
_PRESET_PX = 140
#: Space left free if tools are shown with their names.
_SPARE_PX = 40


class _GroupButton:
    """A button with a menu of a group's commands; it is checked if one of them is.

    Attributes
    ----------
    in_bar
        The action that represents the button in the tool bar.
    """

    in_bar: QAction

    def __init__(self, title: str, icon_name: str, names: Sequence[str]) -> None:
        self.names, self._has_own_icon = tuple(names), bool(icon_name)
        self.button = button = QToolButton()
        button.setText("▾")
        button.setToolTip(tr(title))
        button.setAccessibleName(tr(title))
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        button.setAutoRaise(True)
        button.setCheckable(True)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        if icon_name:
            set_icon(button, icon_name)
        self._actions: list[QAction] = []

    def fill(self, actions: Actions) -> None:
        """Fill the menu with the commands."""
        menu = QMenu(self.button)
        self._actions = [actions[name] for name in self.names]
        menu.addActions(self._actions)
        menu.aboutToShow.connect(actions.refresh)
        menu.aboutToHide.connect(self._refresh)
        self.button.setMenu(menu)
        self.button.clicked.connect(self._refresh)  # a click must not change its state
        for action in self._actions:
            action.changed.connect(self._refresh)
        self._refresh()

    def _refresh(self) -> None:
        checked = [action for action in self._actions if action.isChecked()]
        self.button.setChecked(bool(checked))
        self.button.setEnabled(any(action.isEnabled() for action in self._actions))
        if not self._has_own_icon:
            self.button.setIcon((checked or self._actions)[0].icon())


class ToolBar(QToolBar):
    """The most frequently used commands, and the grey-scale window.

    No command is ever hidden. If the bar is narrow, groups of buttons collapse into one button
    with a menu; if it is wide, the tools are shown with their names.

    Thread ownership: GUI thread.
    """

    def __init__(self, actions: Actions, parent: QWidget) -> None:
        super().__init__(tr("Tools"), parent)
        self.setMovable(False)
        self.setIconSize(_ICON)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)
        self._actions, self._buttons = actions, dict[str, QToolButton]()
        self._in_bar: dict[str, QAction] = {}
        self._groups = {
            names[0]: _GroupButton(title, icon, names) for title, icon, names in FOLDED_TOOLS
        }
        files, left, right = TOOL_BARS
        self._fill(files)
        self.addWidget(self._make_preset_button())
        self.addSeparator()
        self._fill(left)
        spacer = QWidget()
        spacer.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.addWidget(spacer)
        self._fill(right)
        #: Numbers of named and of collapsed groups; the first state that fits is used.
        #: Names are worth more than one button for each layout.
        self._states = [
            *(
                (named, collapsed)
                for named in range(len(NAMED_TOOLS), -1, -1)
                for collapsed in (0, 1)
            ),
            *((0, collapsed) for collapsed in range(2, len(FOLDED_TOOLS) + 1)),
        ]
        self._state = 0, 0
        self._set_up_more_button()

    def button(self, name: str) -> QToolButton:
        """Return the button of a command."""
        return self._buttons[name]

    def group_button(self, name: str) -> QToolButton:
        """Return the button that replaces the group of a command if there is little room."""
        return next(group.button for group in self._groups.values() if name in group.names)

    def _fill(self, names: Sequence[str]) -> None:
        for name in names:
            if name == LINE:
                self.addSeparator()
                continue
            if name in self._groups:
                group = self._groups[name]
                group.fill(self._actions)
                group.in_bar = self.addWidget(group.button)
                group.in_bar.setVisible(False)
            button = QToolButton()
            button.setDefaultAction(self._actions[name])
            button.setAutoRaise(True)
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            button.setAccessibleName(self._actions[name].iconText())
            self._buttons[name] = button
            self._in_bar[name] = self.addWidget(button)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Name as many tools and collapse as few groups as the width allows."""
        super().resizeEvent(event)
        QTimer.singleShot(0, self, self._fit_to_width)

    def _fit_to_width(self) -> None:
        icons_px = self.sizeHint().width() - self._extra_px(self._state)
        fitting = (
            state for state in self._states if icons_px + self._extra_px(state) <= self.width()
        )
        named, collapsed = next(fitting, self._states[-1])
        if (named, collapsed) == self._state:
            return
        self._state = named, collapsed
        for number, names in enumerate(NAMED_TOOLS):
            style = (
                Qt.ToolButtonStyle.ToolButtonTextBesideIcon
                if number < named
                else Qt.ToolButtonStyle.ToolButtonIconOnly
            )
            for name in names:
                self._buttons[name].setToolButtonStyle(style)
        for number, group in enumerate(self._groups.values()):
            group.in_bar.setVisible(number < collapsed)
            for name in group.names:
                self._in_bar[name].setVisible(number >= collapsed)

    def _extra_px(self, state: tuple[int, int]) -> int:
        """Return how much wider the bar is in a state than with all icons and no names."""
        named, collapsed = state
        extra = _SPARE_PX if named else 0
        for names in NAMED_TOOLS[:named]:
            buttons = [self._buttons[name] for name in names]
            metrics = QFontMetrics(buttons[0].font())
            extra += sum(metrics.horizontalAdvance(button.text()) + 8 for button in buttons)
        gap = self.style().pixelMetric(QStyle.PixelMetric.PM_ToolBarItemSpacing, None, self)
        for group in list(self._groups.values())[:collapsed]:
            extra += group.button.sizeHint().width() + gap
            extra -= sum(self._buttons[name].sizeHint().width() + gap for name in group.names)
        return extra

    def _make_preset_button(self) -> QToolButton:
        self.preset_button = QToolButton()
        self.preset_button.setToolTip(
            tr("Grey-scale window with histogram (Shift+W; presets: keys 1 to 8)")
        )
        self.preset_button.setAccessibleName(tr("Grey-scale window"))
        self.preset_button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        # the other buttons must not move when the text changes
        self.preset_button.setFixedWidth(_PRESET_PX)
        self.preset_button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.window_control = WindowControl(self)
        self.preset_button.clicked.connect(self.open_window_control)
        return self.preset_button

    def _set_up_more_button(self) -> None:
        """Make Qt's button for buttons that do not fit visible on a dark background."""
        more = self.findChild(QToolButton, "qt_toolbar_ext_button")
        if more is not None:
            set_icon(more, "more")
            more.setToolTip(tr("More tools"))
            more.setAccessibleName(tr("More tools"))

    def open_window_control(self) -> None:
        """Open the histogram and presets below their button."""
        self.window_control.open_below(self.preset_button)

    def show_window(
        self, window: WindowLevel | None, scan: CtVolume | None, own_presets: tuple[Preset, ...]
    ) -> None:
        """Show the name of a grey-scale window, or its width and level if it is not a preset."""
        if window is None or scan is None:
            self.preset_button.setText("")
            return
        names = {preset.window: preset.name for preset in own_presets}
        names |= {preset.window: tr(preset.name) for preset in (*window_presets(scan), *PRESETS)}
        name = names.get(window) or " / ".join(
            local_number(hu, ".0f") for hu in (window.width_hu, window.level_hu)
        )
        self.preset_button.setText(f"{shortened(name, 16)}  ▾")
