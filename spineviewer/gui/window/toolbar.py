"""The toolbar: named tools if there is room, and otherwise named menus of tools."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt, QTimer
from PySide6.QtGui import QAction, QResizeEvent
from PySide6.QtWidgets import QMenu, QSizePolicy, QToolBar, QToolButton, QWidget

from spineviewer.app.state import Preset, window_presets
from spineviewer.gui.kit.actions import Actions
from spineviewer.gui.kit.icons import set_icon
from spineviewer.gui.kit.language import local_number, tr
from spineviewer.gui.kit.names import shortened
from spineviewer.gui.viewing.window_control import WindowControl
from spineviewer.gui.window.menus import (
    FOLDED_TOOLS,
    LINE,
    NAMED_TOOLS,
    TOOLBARS,
    FoldedTools,
)
from spineviewer.volume.volume import CtVolume, WindowLevel

_ICON = QSize(20, 20)
_PRESET_PX = 140
_NAMED, _UNNAMED = (
    Qt.ToolButtonStyle.ToolButtonTextBesideIcon,
    Qt.ToolButtonStyle.ToolButtonIconOnly,
)


class _GroupButton:
    """A button with a menu of a group's commands.

    It shows the name of the group or, if one of its tools is in use, the tool's name; it is
    then checked.

    Attributes
    ----------
    in_bar
        The action that represents the button in the toolbar.
    """

    in_bar: QAction

    def __init__(self, group: FoldedTools) -> None:
        self.names, self._group = group.names, group
        self._is_named = True
        self.button = button = QToolButton()
        button.setToolTip(tr(group.title))
        button.setAccessibleName(tr(group.title))
        button.setToolButtonStyle(_NAMED)
        button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        button.setAutoRaise(True)
        button.setCheckable(True)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        if group.icon:
            set_icon(button, group.icon)
        self._actions: list[QAction] = []

    def fill(self, actions: Actions, bar: QToolBar) -> None:
        """Add the button to a bar, hidden, and fill its menu with the commands."""
        self.in_bar = bar.addWidget(self.button)
        self.in_bar.setVisible(False)
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

    def width(self, *, is_named: bool) -> int:
        """Return the width of the button in pixels, with or without room for every name."""
        names = [action.iconText() for action in self._actions] if self._group.are_tools else []
        texts = (tr(self._group.title), *names) if is_named else ("",)
        text = self.button.text()
        widths = []
        for name in texts:
            self.button.setText(f"{name}  ▾".strip())
            widths.append(self.button.sizeHint().width())
        self.button.setText(text)
        return max(widths)

    def show_name(self, is_named: bool) -> None:
        """Show or hide the name; the width stays the same, so that other buttons do not move."""
        self._is_named = is_named
        self.button.setFixedWidth(self.width(is_named=is_named))
        self._refresh()

    def _refresh(self) -> None:
        checked = [action for action in self._actions if action.isChecked()]
        self.button.setChecked(bool(checked) and self._group.are_tools)
        # Qt copies this state to the button, for example when the button appears
        self.in_bar.setEnabled(any(action.isEnabled() for action in self._actions))
        if not self._group.icon:
            self.button.setIcon((checked or self._actions)[0].icon())
        in_use = checked[0].iconText() if checked and self._group.are_tools else ""
        name = (in_use or tr(self._group.title)) if self._is_named else ""
        self.button.setText(f"{name}  ▾".strip())


class Toolbar(QToolBar):
    """The most frequently used commands, and the grey-scale window.

    Every command stays within reach. Tools are shown with their names; if the bar is too narrow for
    all of them, groups of tools collapse into one button each, with a menu.

    Thread ownership: GUI thread.
    """

    def __init__(self, actions: Actions, parent: QWidget) -> None:
        super().__init__(tr("Tools"), parent)
        self.setMovable(False)
        self.setIconSize(_ICON)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)
        self._actions, self._buttons = actions, dict[str, QToolButton]()
        self._in_bar: dict[str, QAction] = {}
        self._groups = {group.names[0]: _GroupButton(group) for group in FOLDED_TOOLS}
        files, left, right = TOOLBARS
        self._fill(files)
        self.addWidget(self._make_preset_button())
        self.addSeparator()
        self._fill(left)
        spacer = QWidget()
        spacer.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.addWidget(spacer)
        self._fill(right)
        #: Number of collapsed groups, and whether their buttons are named; the first state that
        #: fits is used.
        self._states = [
            *((collapsed, True) for collapsed in range(len(FOLDED_TOOLS) + 1)),
            (len(FOLDED_TOOLS), False),
        ]
        self._state = 0, True
        self._set_up_more_button()

    def button(self, name: str) -> QToolButton:
        """Return the button of a command."""
        return self._buttons[name]

    def _fill(self, names: Sequence[str]) -> None:
        for name in names:
            if name == LINE:
                self.addSeparator()
                continue
            if name in self._groups:
                group = self._groups[name]
                group.fill(self._actions, self)
            button = QToolButton()
            button.setDefaultAction(self._actions[name])
            button.setAutoRaise(True)
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            button.setAccessibleName(self._actions[name].iconText())
            button.setToolButtonStyle(_NAMED if name in NAMED_TOOLS else _UNNAMED)
            self._buttons[name] = button
            self._in_bar[name] = self.addWidget(button)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Collapse as few groups as the width allows."""
        super().resizeEvent(event)
        QTimer.singleShot(0, self, self._fit_to_width)

    def _fit_to_width(self) -> None:
        other_px = self.sizeHint().width() - self._groups_px(self._state)
        fitting = (
            state for state in self._states if other_px + self._groups_px(state) <= self.width()
        )
        collapsed, is_named = state = next(fitting, self._states[-1])
        if state == self._state:
            return
        self._state = state
        for number, group in enumerate(self._groups.values()):
            group.show_name(is_named)
            group.in_bar.setVisible(number < collapsed)
            for name in group.names:
                self._in_bar[name].setVisible(number >= collapsed)

    def _groups_px(self, state: tuple[int, bool]) -> int:
        """Return the width of all groups in a state."""
        collapsed, is_named = state
        layout = self.layout()
        gap = 0 if layout is None else layout.spacing()
        widths: list[int] = []
        for number, group in enumerate(self._groups.values()):
            if number < collapsed:
                widths.append(group.width(is_named=is_named))
            else:
                widths += [self._buttons[name].sizeHint().width() for name in group.names]
        return sum(widths) + gap * len(widths)

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
        """Make Qt's overflow button visible on a dark background."""
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
        fixed, own = (
            next((preset.name for preset in presets if preset.window == window), "")
            for presets in (window_presets(scan), own_presets)
        )
        name = (tr(fixed) if fixed else own) or " / ".join(
            local_number(hu, ".0f") for hu in (window.width_hu, window.level_hu)
        )
        self.preset_button.setText(f"{shortened(name, 16)}  ▾")
