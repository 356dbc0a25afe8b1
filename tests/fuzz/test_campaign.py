"""A short campaign of damaged files: no crash, hang, excessive memory or unexpected error."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from campaign import BAD, Worker
from corpus import Target, targets
from mutation import damaged_files

SEEDS = range(20_000, 20_012)  # beyond those of the table

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="workers are forked and limited")


@pytest.fixture(scope="module")
def worker(tmp_path_factory):
    worker = Worker(tmp_path_factory.mktemp("fuzz"))
    worker.ask("nifti", 0)
    yield worker
    worker.end()


@pytest.mark.parametrize("name", targets())
def test_a_few_damaged_files_of_every_format_are_opened_or_reported(name, worker):
    outcomes = {seed: worker.ask(name, seed) for seed in SEEDS}
    assert {seed: told for seed, told in outcomes.items() if told[0] in BAD} == {}


@pytest.mark.parametrize(
    ("name", "seed", "words"),
    [
        ("dicom-jpeg-lossless", 1457, "cannot be decoded"),
        ("dicom-jpeg-lossless", 1579, "cannot be decoded"),
        ("dicom-jpeg-ls", 46, "cannot be decoded"),
        ("metaimage", 3312, "which is missing"),
        ("zip", 2407, "damaged zip file"),
        ("zip", 3124, "damaged zip file"),
        ("zip", 3267, "damaged zip file"),
    ],
)
def test_what_was_found_and_fixed_is_reported(name, seed, words, worker):
    outcome, told = worker.ask(name, seed)
    assert outcome == "told"
    assert words in told


def test_damage_outside_the_pixels_leaves_every_value_correct(tmp_path):
    from spineviewer.io.scan import read_scan

    target = targets()["dicom-jpeg-lossless"]
    scans = []
    for name, files in (("whole", target.files), ("damaged", damaged_files(target, 1613))):
        (tmp_path / name).mkdir()
        for file, content in files.items():
            (tmp_path / name / file).write_bytes(content)
        scans.append(read_scan(tmp_path / name / target.opened))
    assert (scans[0].hu == scans[1].hu).all()


@pytest.mark.parametrize("name", targets())
def test_undamaged_files_open(name, worker, tmp_path):
    target = targets()[name]
    for file, content in target.files.items():
        (tmp_path / file).write_bytes(content)
    if target.reader == "scan":
        from spineviewer.io.scan import read_scan

        assert read_scan(tmp_path / target.opened).hu.size > 0


def test_a_seed_reproduces_the_same_damage():
    target = Target("x", {"a": bytes(range(256)) * 8}, ("a",), "a")
    assert damaged_files(target, 7) == damaged_files(target, 7)
    assert damaged_files(target, 7) != damaged_files(target, 8)
