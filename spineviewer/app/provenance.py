"""The provenance of a result: how it was computed, as exported files state it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass

from spineviewer import __version__
from spineviewer.tuning import Tuning
from spineviewer.volume.volume import ScanSource

#: Fields of the run's record that files contain. Seconds and memory are left out because they
#: differ from run to run.
_RECORDED = ("device", "backend", "precision", "weights", "model_version")


@dataclass(frozen=True)
class Provenance:
    """How a result was computed. Omits the scan's file name, which often names the patient.

    Attributes
    ----------
    source
        The scan.
    tuning
        The tuning with which the mask was computed.
    record
        The run's record (`run_record.RunRecord.fields`).
    is_corrected_by_hand
        Whether the mask was edited after the fusion.
    """

    source: ScanSource
    tuning: Tuning
    record: Mapping[str, object]
    is_corrected_by_hand: bool = False

    @property
    def fields(self) -> dict[str, object]:
        """The facts that files contain; their names do not change between versions."""
        from spineviewer.io.write.export import source_facts

        return {
            **PROGRAM,
            **asdict(self.tuning),
            "corrected_by_hand": self.is_corrected_by_hand,
            "source": source_facts(self.source),
            **self.run,
        }

    @property
    def run(self) -> dict[str, object]:
        """The recorded facts about the run: device, backend, precision and weights."""
        return {name: self.record[name] for name in _RECORDED if name in self.record}


#: The program that wrote a file, and the restriction on its use.
PROGRAM: Mapping[str, object] = {
    "program": f"Spineviewer {__version__}",
    "status": "Research use only; not a medical device",
}
