"""A command: name, text, shortcut, conditions and function of one user action."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from spineviewer.gui.kit.context import Context
from spineviewer.gui.kit.language import tr
from spineviewer.wording import mark


@dataclass(frozen=True, eq=False)
class Condition:
    """A condition under which a command is available; compared by identity.

    Attributes
    ----------
    is_met
        Returns whether the condition is met; has no side effects.
    reason
        Shown to the user if the condition is not met; English, marked: "needs a mask".
    """

    is_met: Callable[[Context], bool]
    reason: str


#: Keys and menus never change a scan that another page covers.
OPEN_SCAN = Condition(lambda context: context.is_scan_in_view, mark("needs a scan in view"))


@dataclass(frozen=True, kw_only=True)
class Command:
    """One user action.

    Strings are in English and marked; `tr` translates them when they are shown.

    Attributes
    ----------
    name
        Identifies the command in tables, tests and the user's own shortcuts; after a
        rename, the old name is in `OLD_COMMANDS` of `app.settings`.
    menu
        Heading in the palette and on the sheet of shortcuts; also the menu that contains the
        command, unless `MENUS` of the window puts it elsewhere. Commands without a menu appear only
        in the palette.
    run
        Performs the action.
    keys
        Default shortcuts; the first one is shown.
    icon, tip
        For toolbars. The tooltip supplements the text.
    needs
        Conditions under which the command is enabled.
    is_checked
        Returns whether the command is switched on; None for commands that switch nothing on or off.
    is_for_views
        Whether the keys work only while a view has the focus, so that they do not affect sliders
        and fields.
    is_repeatable
        Whether the command runs again and again while its key is held down.
    """

    name: str
    text: str
    menu: str
    run: Callable[[Context], object]
    keys: tuple[str, ...] = ()
    icon: str = ""
    tip: str = ""
    needs: tuple[Condition, ...] = (OPEN_SCAN,)
    is_checked: Callable[[Context], bool] | None = None
    is_for_views: bool = False
    is_repeatable: bool = True

    def obstacle(self, context: Context) -> str:
        """Return why the command is unavailable, in the user's language; empty if available."""
        unmet = (tr(condition.reason) for condition in self.needs if not condition.is_met(context))
        return next(unmet, "")

    @property
    def title(self) -> str:
        """The text for places outside menus, in the user's language."""
        return tr(self.text).rstrip(" …")

    @property
    def searchable_text(self) -> str:
        """All text that a search matches, in the user's language."""
        return f"{tr(self.text)} {tr(self.menu)} {tr(self.tip)}"


class UnknownCommandError(KeyError):
    """A table names a command that does not exist."""

    def __str__(self) -> str:
        return str(self.args[0])


class CommandTable(Mapping[str, Command]):
    """Commands by name, in order of declaration."""

    def __init__(self, commands: Iterable[Command]) -> None:
        self._by_name: dict[str, Command] = {}
        for command in commands:
            if command.name in self._by_name:
                raise ValueError(f"Two commands are named {command.name!r}.")
            self._by_name[command.name] = command

    def __getitem__(self, name: str) -> Command:
        """Return the command with this name.

        Raises
        ------
        UnknownCommandError
            When there is no such command; the message names the most similar one.
        """
        if name not in self._by_name:
            near = difflib.get_close_matches(name, self._by_name, n=1, cutoff=0.0)
            hint = f" Did you mean {near[0]!r}?" if near else ""
            raise UnknownCommandError(f"No command is named {name!r}.{hint}")
        return self._by_name[name]

    def __contains__(self, name: object) -> bool:
        return name in self._by_name

    def __iter__(self) -> Iterator[str]:
        return iter(self._by_name)

    def __len__(self) -> int:
        return len(self._by_name)
