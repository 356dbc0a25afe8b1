"""The history of all manual changes to a scan, in chronological order."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta

from spineviewer.app.hand_naming import HandNaming
from spineviewer.app.landmarks import MovedPoints
from spineviewer.app.region_search import UncertaintyKind
from spineviewer.app.report_draft import KeyImage
from spineviewer.measuring_tools.measurement import Measurement
from spineviewer.measuring_tools.measurement_tables import StoredMeasurement
from spineviewer.tuning import Tuning
from spineviewer.volume.geometry import IndexTriple

#: Maximum number of steps that can be undone; older ones are final.
MAX_STEPS = 1000
#: Maximum sigma; a session with a larger one is damaged.
MAX_SIGMA_MM = 100.0
#: Maximum number of steps to undo, and of steps to redo, that a session stores.
MAX_STORED_STEPS = 200


class CorrectionStep(msgspec.Struct, frozen=True, eq=False, tag_field="kind", tag="correction"):
    """A change to the mask; the layer of corrections contains its voxels."""

    name: str


class TuningStep(msgspec.Struct, frozen=True, eq=False, tag_field="kind", tag="tuning"):
    """The thresholds and sigma before and after a change; a drag of a slider is one change."""

    name: str
    before: Tuning
    after: Tuning


@dataclass(frozen=True, eq=False)
class MeasurementStep:
    """All measurements before and after a change."""

    name: str
    before: tuple[Measurement, ...]
    after: tuple[Measurement, ...]


class NamingStep(msgspec.Struct, frozen=True, eq=False, tag_field="kind", tag="names"):
    """The manual naming of vertebrae before and after a change."""

    name: str
    before: HandNaming
    after: HandNaming


class LandmarkStep(msgspec.Struct, frozen=True, eq=False, tag_field="kind", tag="landmarks"):
    """The landmarks moved by hand before and after a change."""

    name: str
    before: MovedPoints
    after: MovedPoints


class TextStep(msgspec.Struct, frozen=True, eq=False, tag_field="kind", tag="texts"):
    """Findings and impression of the report before and after a period of writing."""

    name: str
    before: tuple[str, str]
    after: tuple[str, str]


class ImageStep(msgspec.Struct, frozen=True, eq=False, tag_field="kind", tag="images"):
    """The key images of the report before and after a change."""

    name: str
    before: tuple[KeyImage, ...]
    after: tuple[KeyImage, ...]


class TickStep(msgspec.Struct, frozen=True, eq=False, tag_field="kind", tag="tick"):
    """A tick that the user set (`is_seen`) or removed in the checklist of uncertain regions."""

    name: str
    region_kind: UncertaintyKind
    index_zyx: IndexTriple
    is_seen: bool


@dataclass(frozen=True, eq=False)
class ComparisonStep:
    """The file of the second mask before and after a change; None for no comparison."""

    name: str
    before: Path | None
    after: Path | None


Step = (
    CorrectionStep
    | TuningStep
    | MeasurementStep
    | NamingStep
    | LandmarkStep
    | TextStep
    | ImageStep
    | TickStep
    | ComparisonStep
)


@dataclass(frozen=True, eq=False)
class History:
    """The steps that can be undone and the steps that can be redone, both with the newest last."""

    done: tuple[Step, ...] = ()
    undone: tuple[Step, ...] = ()

    def with_step(self, step: Step) -> History:
        """Return the history with a step added; undone steps can no longer be redone."""
        return History((*self.done, step)[-MAX_STEPS:])

    def with_last(self, step: Step) -> History:
        """Return the history with its last step replaced by one that continues it."""
        return History((*self.done[:-1], step))

    def without_last(self, *, is_kept: bool) -> History:
        """Return the history with the last step undone or, if that is impossible, dropped."""
        return History(self.done[:-1], (*self.undone, self.done[-1]) if is_kept else self.undone)

    @property
    def without_paths(self) -> History:
        """The history without steps that contain the path of a file."""
        done, undone = (
            tuple(step for step in steps if not isinstance(step, ComparisonStep))
            for steps in (self.done, self.undone)
        )
        return History(done, undone)

    def with_next(self, *, is_kept: bool) -> History:
        """Return the history with the last undone step redone or, if impossible, dropped."""
        return History((*self.done, self.undone[-1]) if is_kept else self.done, self.undone[:-1])


class _StoredMeasurementStep(msgspec.Struct, tag_field="kind", tag="measurements"):
    name: str
    before: tuple[StoredMeasurement, ...]
    after: tuple[StoredMeasurement, ...]

    @property
    def step(self) -> MeasurementStep:
        before, after = (
            tuple(stored_step.measurement for stored_step in stored)
            for stored in (self.before, self.after)
        )
        return MeasurementStep(self.name, before, after)


class _StoredComparisonStep(msgspec.Struct, tag_field="kind", tag="comparison"):
    name: str
    before: str
    after: str

    @property
    def step(self) -> ComparisonStep:
        before, after = (Path(path) if path else None for path in (self.before, self.after))
        return ComparisonStep(self.name, before, after)


_StoredStep = (
    CorrectionStep
    | TuningStep
    | _StoredMeasurementStep
    | NamingStep
    | LandmarkStep
    | TextStep
    | ImageStep
    | TickStep
    | _StoredComparisonStep
)
_StoredSteps = Annotated[tuple[_StoredStep, ...], Meta(max_length=MAX_STEPS)]


class StoredHistory(msgspec.Struct):
    """The form in which sessions store a history: the newest steps only."""

    done: _StoredSteps
    undone: _StoredSteps

    @classmethod
    def of(cls, history: History) -> StoredHistory:
        """Return the stored form of a history."""
        done, undone = (
            tuple(map(_stored, steps[-MAX_STORED_STEPS:]))
            for steps in (history.done, history.undone)
        )
        return cls(done, undone)

    @property
    def history(self) -> History:
        """The restored history.

        Raises
        ------
        ValueError, KeyError
            When a step contains an impossible measurement or tuning.
        """
        if any(_is_impossible(step) for step in (*self.done, *self.undone)):
            raise ValueError("sigma is out of range")
        done, undone = (
            tuple(
                stored.step
                if isinstance(stored, _StoredMeasurementStep | _StoredComparisonStep)
                else stored
                for stored in steps
            )
            for steps in (self.done, self.undone)
        )
        return History(done, undone)


def _is_impossible(step: object) -> bool:
    return isinstance(step, TuningStep) and max(step.before.sigma_mm, step.after.sigma_mm) > (
        MAX_SIGMA_MM
    )


def _stored(step: Step) -> _StoredStep:
    """Return the form in which sessions store a step."""
    if isinstance(step, ComparisonStep):
        paths = ("" if path is None else str(path.absolute()) for path in (step.before, step.after))
        return _StoredComparisonStep(step.name, *paths)
    if not isinstance(step, MeasurementStep):
        return step
    before, after = (tuple(map(StoredMeasurement.of, side)) for side in (step.before, step.after))
    return _StoredMeasurementStep(step.name, before, after)
