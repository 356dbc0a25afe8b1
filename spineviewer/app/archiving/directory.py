"""The configured archives: add, change, remove, and test the connection."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from spineviewer.app.archives import nodes
from spineviewer.app.archiving.connection import Connect
from spineviewer.app.job_runner import Jobs
from spineviewer.app.jobs import JobKind, Outcome, Succeeded, ignore
from spineviewer.app.settings_store import SettingsStore
from spineviewer.archive.credentials import delete_secret, save_secret, secret_for
from spineviewer.archive.node import LoginKind, Node
from spineviewer.errors import ArchiveError
from spineviewer.progress import Progress

#: Response time of an archive in seconds, for each transport.
ResponseTimes = Mapping[str, float]


class ArchiveDirectory:
    """The archives in the settings, and the passwords in the system's credential store.

    Thread ownership: the window's thread; jobs access the credential store and the network.
    """

    def __init__(self, jobs: Jobs, settings: SettingsStore, connect: Connect) -> None:
        self._jobs = jobs
        self._settings = settings
        self._connect = connect

    @property
    def nodes(self) -> tuple[Node, ...]:
        """The configured archives that can be used, in the order in which they were added."""
        return nodes(self._settings.current)

    def named(self, name: str) -> Node | None:
        """Return the archive with this name; None if there is none."""
        return next((node for node in self.nodes if node.name == name), None)

    def save(
        self,
        node: Node,
        *,
        former_name: str = "",
        secret: str = "",
        on_end: Callable[[Outcome[None]], None] = ignore,
    ) -> None:
        """Add or change an archive.

        The credential store is updated first: if that fails, the settings stay unchanged.

        Parameters
        ----------
        former_name
            Former name of the archive; empty for a new one.
        secret
            New password or token; empty to keep the current one.
        """
        former = self.named(former_name)

        def store(_: Progress) -> None:
            if node.web is None or node.web.login is LoginKind.NONE:
                delete_secret(former_name or node.name)
                return
            new = secret
            if not new and former is not None and former.name != node.name:
                new = _stored_secret(former)
            if new:
                save_secret(node.name, new)
            if former is not None and former.name != node.name:
                delete_secret(former.name)

        def on_stored(outcome: Outcome[None]) -> None:
            if isinstance(outcome, Succeeded):
                self._put(node, former_name)
            on_end(outcome)

        self._jobs.start(JobKind.CREDENTIALS, store, on_end=on_stored)

    def remove(self, name: str) -> None:
        """Remove an archive and its password."""
        if self.named(name) is not None:
            self._jobs.start(JobKind.CREDENTIALS, lambda _: delete_secret(name))
            entries = self._settings.current.archives
            self._settings.update(archives=[e for e in entries if e.get("name") != name])

    def echo(
        self, node: Node, secret: str, on_end: Callable[[Outcome[ResponseTimes]], None]
    ) -> None:
        """Test the connection to an archive, which does not have to be saved.

        Parameters
        ----------
        secret
            Password or token as typed; empty to use the one in the credential store.
        """
        archive = self._connect(node, secret)
        self._jobs.start(JobKind.ECHO, archive.echo, on_end=on_end)

    def stop_echo(self) -> None:
        """Stop the connection test; its outcome is not reported."""
        self._jobs.withdraw(JobKind.ECHO)

    def _put(self, node: Node, former_name: str) -> None:
        """Replace the archive called `former_name` with this one, or append it if there is none."""
        entries = self._settings.current.archives
        former = former_name or node.name
        others = [
            node.as_fields() if fields.get("name") == former else fields
            for fields in entries
            if fields.get("name") in (former, None) or fields.get("name") != node.name
        ]
        exists = any(fields.get("name") == former for fields in entries)
        self._settings.update(archives=others if exists else [*others, node.as_fields()])


def _stored_secret(node: Node) -> str:
    try:
        return secret_for(node)
    except ArchiveError:
        return ""
