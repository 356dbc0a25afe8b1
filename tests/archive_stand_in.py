"""A simulated archive that a test controls."""

from pathlib import Path

from spineviewer.archive.client import SentFile
from spineviewer.archive.node import DimseAddress, Node
from spineviewer.archive.query import FoundPatient, FoundSeries, FoundStudy, SearchResult
from spineviewer.errors import ArchiveError

NODE = Node("ward", DimseAddress("127.0.0.1", 104, "PACS"))


def study(uid, date, modalities=("CT",), series=()):
    return FoundStudy(uid, date, "CT spine", "A1", modalities, 1, 10, series)


SERIES = (FoundSeries("1.2.1.1", 3, "CT", "Bone 0.6", 10),)
FOUND = SearchResult(
    (
        FoundPatient(
            "4711",
            "Doe Jane",
            "1964-08-12",
            (
                study("1.2.1", "2024-03-15", series=SERIES),
                study("1.2.2", "2023-01-01"),
                study("1.2.3", "2025-01-01"),
            ),
        ),
        FoundPatient("47110", "Doe John", "", (study("1.2.9", "2020-01-01"),)),
    )
)


class StandInArchive:
    """Answers with `FOUND`; a retrieval waits for `gate` and fails with `fault` once."""

    def __init__(self):
        self.requested, self.gate, self.fault, self.refusal = [], None, "", ""
        self.sent, self.shares = [], {}

    def __call__(self, node, secret):
        self.requested.append((node.name, secret))
        return self

    def echo(self, progress=None):
        return {"dicom": 0.02}

    def find(self, query, *, with_series=True, progress=None):
        if self.fault:
            raise ArchiveError(self.fault)
        patients = [
            FoundPatient(p.patient_id, p.name, p.birth_date, chosen)
            for p in FOUND.patients
            if p.patient_id.startswith(query.patient_id)
            and (chosen := tuple(s for s in p.studies if query.study_uid in ("", s.uid)))
        ]
        return SearchResult(tuple(patients))

    def retrieve(self, study_uid, series_uid="", *, store, progress=None):
        if self.gate is not None:
            while not self.gate.wait(0.02):
                progress.step("Retrieving images", self.shares.get(study_uid, 0.5))
        if self.fault:
            raise ArchiveError(self.fault)
        folder = store.folder_for(study_uid, series_uid)
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def send(self, files, progress=None):
        self.sent = [Path(path) for path in files]
        assert all(path.is_file() for path in files)
        return tuple(
            SentFile(path, self.refusal if path.name.startswith("report") else "") for path in files
        )

    def confirm(self, files, *, timeout_s=60.0, progress=None):
        return tuple(SentFile(path, "not there" if "mask" in path.name else "") for path in files)
