"""Passwords and tokens of archives, from a credential store or an environment variable."""

from __future__ import annotations

import os
from typing import Any

from spineviewer.archive.node import LoginKind, Node
from spineviewer.errors import ArchiveError
from spineviewer.wording import worded

SERVICE = "Spineviewer archive"
#: Environment variable with the password or token, for computers without a credential store.
SECRET_VARIABLE = "SPINEVIEWER_PACS_SECRET"
#: keyring backends that write plain or weakly protected files, or store nothing.
_UNSAFE = ("keyrings.alt.", "keyring.backends.null.")


def secret_for(node: Node) -> str:
    """Return the password or token for a node's login; empty if it needs none.

    Raises
    ------
    ArchiveError
        When a password or token is needed but none is stored, or when the credential store cannot
        be used.
    """
    if node.web is None or node.web.login is LoginKind.NONE:
        return ""
    if secret := os.environ.get(SECRET_VARIABLE):
        return secret
    secret = _use_store(lambda store: store.get_password(SERVICE, node.name))
    if not secret:
        raise ArchiveError(
            "No password or token is stored for {name}. Enter one in the archive's settings "
            "(spineviewer pacs nodes --secret {name}).",
            name=node.name,
        )
    return str(secret)


def save_secret(name: str, secret: str) -> None:
    """Save a node's password or token in the credential store.

    Raises
    ------
    ArchiveError
        When there is no credential store, or it reports an error.
    """
    _use_store(lambda store: store.set_password(SERVICE, name, secret))


def delete_secret(name: str) -> None:
    """Remove a node's password or token; do nothing if there is none or the store is unusable."""
    try:
        _use_store(lambda store: store.delete_password(SERVICE, name))
    except ArchiveError:
        return


def _use_store(operation: Any) -> Any:
    """Return the result of an operation on the credential store; convert errors to ArchiveError."""
    try:
        import keyring
        import keyring.errors
    except ImportError as error:
        raise ArchiveError(_no_store()) from error
    store = keyring.get_keyring()
    kind = f"{type(store).__module__}.{type(store).__qualname__}"
    if kind.startswith(_UNSAFE):
        raise ArchiveError(_no_store())
    try:
        return operation(store)
    except keyring.errors.NoKeyringError as error:
        raise ArchiveError(_no_store()) from error
    except (keyring.errors.KeyringError, OSError, RuntimeError) as error:
        raise ArchiveError(
            "The system's credential store is not responding. Unlock it, or set the "
            "environment variable {variable} before you start Spineviewer.",
            variable=SECRET_VARIABLE,
        ) from error


def _no_store() -> str:
    return worded(
        "This system has no secure credential store for passwords, and Spineviewer never writes "
        "passwords to a file. Install a credential store (GNOME Keyring, KWallet), or set the "
        "environment variable {variable} before you start Spineviewer.",
        variable=SECRET_VARIABLE,
    )
