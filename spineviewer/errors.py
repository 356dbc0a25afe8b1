"""The errors that Spineviewer raises on purpose.

Every message says what is wrong, in which file, with which numbers, and what to do. Foreign errors
are translated at the border of the layer that meets them (``raise ... from``).
"""


class SpineViewerError(Exception):
    """Base of all errors whose message is meant for the user."""

    exit_code = 1
    #: Whether the person is asked something, and nothing failed.
    is_question = False


class UsageError(SpineViewerError):
    """The command or setting makes no sense as given."""

    exit_code = 2


class ImageReadError(SpineViewerError):
    """A file or folder cannot be read as an image."""

    exit_code = 3


class GeometryError(SpineViewerError):
    """Position, spacing or orientation is missing, irregular, or does not fit."""

    exit_code = 4


class ModelError(SpineViewerError):
    """Weights or their configuration are missing, damaged, or do not match the program."""

    exit_code = 5


class InferenceError(SpineViewerError):
    """The networks could not be run (memory, device)."""

    exit_code = 6


class ExportError(SpineViewerError):
    """A result could not be written."""

    exit_code = 7


class ArchiveError(SpineViewerError):
    """An image archive (PACS) cannot be reached, refuses, or answers wrongly."""

    exit_code = 8


class Cancelled(Exception):
    """The person asked for the work to stop. Not an error: nothing went wrong."""

    exit_code = 130


class MadeRoom(Cancelled):
    """Paused work freed its memory for the user's and must be started again."""
