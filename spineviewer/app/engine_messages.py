"""Messages between the window (`engine.py`) and its worker process (`worker.py`)."""

from __future__ import annotations

from spineviewer.app.run_record import RunRecord
from spineviewer.child import Conversation, MappedFile, Message, Step
from spineviewer.tuning import Tuning
from spineviewer.volume.geometry import Geometry


class Start(Message, frozen=True):
    """The first message: load the networks on this device."""

    device: str


class Segment(Message, frozen=True):
    """Segment as much of a scan as a mask with the tuning `needed_for` needs (None: every voxel).

    Attributes
    ----------
    hu, values, attention
        int16 voxels of the scan, and where to write the probability (uint16) and the attention map
        (float32).
    warnings
        Warnings about the scan's source.
    """

    hu: MappedFile
    values: MappedFile
    attention: MappedFile
    geometry: Geometry
    warnings: tuple[str, ...]
    needed_for: Tuning | None


class Extend(Message, frozen=True):
    """Compute the missing voxels that a mask with the tuning `needed_for` needs (None: all)."""

    needed_for: Tuning | None


class Expect(Message, frozen=True):
    """Prepare for a scan with this geometry, which may be segmented soon; there is no answer."""

    geometry: Geometry


class Cancel(Message, frozen=True):
    """Stop the current request."""


class Pause(Message, frozen=True):
    """Pause the current request."""


class Resume(Message, frozen=True):
    """Resume the paused request."""


class ScanRead(Message, frozen=True):
    """The scan has been read; its memory may be freed."""


class AttentionReady(Message, frozen=True):
    """The attention map is complete."""


class SlicesReady(Message, frozen=True):
    """The sagittal slices computed so far, as ranges [start, stop)."""

    runs: tuple[tuple[int, int], ...]


class Done(Message, frozen=True):
    """The request is complete."""

    run_record: RunRecord


class Stopped(Message, frozen=True):
    """The request was cancelled."""


class Failed(Message, frozen=True):
    """The request failed; `error` names a class in `spineviewer.errors`."""

    error: str
    message: str


Request = Start | Segment | Extend | Expect | Cancel | Pause | Resume
Answer = Step | ScanRead | AttentionReady | SlicesReady | Done | Stopped | Failed
CONVERSATION = Conversation[Request, Answer]("spineviewer.app.worker", Request, Answer)
