"""The history of all manual changes to a scan, in chronological order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from spineviewer.app import landmarks
from spineviewer.app.hand_naming import HandNaming, from_stored, stored
from spineviewer.app.report_draft import KeyImage
from spineviewer.measuring_tools.measurement import Measurement
from spineviewer.measuring_tools.measurement_tables import measurements_from, stored_measurements

#: Maximum number of steps that can be undone; older ones are final.
MAX_STEPS = 1000
#: Maximum number of steps that a session stores.
MAX_KEPT_STEPS = 200


@dataclass(frozen=True, eq=False)
class CorrectionStep:
    """A change to the mask; the layer of corrections holds its voxels."""

    name: str


@dataclass(frozen=True, eq=False)
class MeasurementStep:
    """All measurements before and after a change."""

    name: str
    before: tuple[Measurement, ...]
    after: tuple[Measurement, ...]


@dataclass(frozen=True, eq=False)
class NamingStep:
    """The manual naming of vertebrae before and after a change."""

    name: str
    before: HandNaming
    after: HandNaming


@dataclass(frozen=True, eq=False)
class LandmarkStep:
    """The landmarks moved by hand before and after a change."""

    name: str
    before: landmarks.MovedPoints
    after: landmarks.MovedPoints


@dataclass(frozen=True, eq=False)
class TextStep:
    """Findings and impression of the report before and after a period of writing."""

    name: str
    before: tuple[str, str]
    after: tuple[str, str]


@dataclass(frozen=True, eq=False)
class ImageStep:
    """The key images of the report before and after a change."""

    name: str
    before: tuple[KeyImage, ...]
    after: tuple[KeyImage, ...]


Step = CorrectionStep | MeasurementStep | NamingStep | LandmarkStep | TextStep | ImageStep


@dataclass(frozen=True, eq=False)
class History:
    """The steps that can be undone and those that can be redone, the newest of each last."""

    done: tuple[Step, ...] = ()
    undone: tuple[Step, ...] = ()

    def with_step(self, step: Step) -> History:
        """Return the history with a step added; undone steps can no longer be redone."""
        return History((*self.done, step)[-MAX_STEPS:])

    def without_last(self, *, is_kept: bool) -> History:
        """Return the history with the last step undone, or dropped if it could not be."""
        return History(self.done[:-1], (*self.undone, self.done[-1]) if is_kept else self.undone)

    def with_next(self, *, is_kept: bool) -> History:
        """Return the history with the last undone step redone, or dropped if it could not be."""
        return History((*self.done, self.undone[-1]) if is_kept else self.done, self.undone[:-1])


_TwoTexts = tuple[tuple[str, str], tuple[str, str]]
_TwoImageLists = tuple[tuple[KeyImage, ...], tuple[KeyImage, ...]]


class _StoredStep(msgspec.Struct):
    kind: str
    name: str
    before: Any = None
    after: Any = None


class _StoredHistory(msgspec.Struct):
    done: list[_StoredStep]
    undone: list[_StoredStep]


def stored_history(history: History) -> dict[str, Any]:
    """Return a history as JSON values; only the newest steps of a long one."""
    return {
        "done": [_stored_step(step) for step in history.done[-MAX_KEPT_STEPS:]],
        "undone": [_stored_step(step) for step in history.undone[-MAX_KEPT_STEPS:]],
    }


def history_from(values: Mapping[str, Any] | None) -> History:
    """Return the history from the result of `stored_history`; empty for None.

    Raises
    ------
    msgspec.ValidationError, ValueError, TypeError, LookupError
        When it is damaged.
    """
    if values is None:
        return History()
    found = msgspec.convert(values, _StoredHistory)
    return History(_steps(found.done), _steps(found.undone))


def _stored_step(step: Step) -> dict[str, Any]:
    match step:
        case MeasurementStep(name, before, after):
            texts = stored_measurements(before), stored_measurements(after)
            return {"kind": "measurements", "name": name, "before": texts[0], "after": texts[1]}
        case NamingStep(name, was, is_now):
            return {"kind": "names", "name": name, "before": stored(was), "after": stored(is_now)}
        case LandmarkStep(name, was_at, is_at):
            places = landmarks.stored(was_at), landmarks.stored(is_at)
            return {"kind": "landmarks", "name": name, "before": places[0], "after": places[1]}
        case TextStep(name, texts_before, texts_after):
            return {"kind": "texts", "name": name, "before": texts_before, "after": texts_after}
        case ImageStep(name, some, others):
            images = msgspec.to_builtins(some), msgspec.to_builtins(others)
            return {"kind": "images", "name": name, "before": images[0], "after": images[1]}
        case CorrectionStep(name):
            return {"kind": "correction", "name": name}


def _steps(found: Sequence[_StoredStep]) -> tuple[Step, ...]:
    if len(found) > MAX_STEPS:
        raise ValueError("too many steps")
    return tuple(map(_step, found))


def _step(found: _StoredStep) -> Step:
    match found.kind:
        case "measurements":
            before, after = measurements_from(found.before), measurements_from(found.after)
            return MeasurementStep(found.name, before, after)
        case "names":
            return NamingStep(found.name, from_stored(found.before), from_stored(found.after))
        case "landmarks":
            was, is_now = landmarks.from_stored(found.before), landmarks.from_stored(found.after)
            return LandmarkStep(found.name, was, is_now)
        case "texts":
            texts = msgspec.convert((found.before, found.after), _TwoTexts)
            return TextStep(found.name, *texts)
        case "images":
            images = msgspec.convert((found.before, found.after), _TwoImageLists)
            return ImageStep(found.name, *images)
        case "correction":
            return CorrectionStep(found.name)
    raise ValueError("an unknown kind of step")
