"""Damage guided by coverage (atheris), for the parsers that are written in Python.

    python tests/fuzz/guided.py --seconds 60
        every parser in turn; its numbers go into the table of `campaign.py`

Needs `pip install atheris`, which exists only for Linux; without it, the campaign runs alone.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))


def parsers(folder: Path) -> dict[str, tuple[Callable[[bytes], object], str]]:
    """Return each parser, and the target of the corpus from which its inputs start."""
    from spineviewer.app.session import unpack_session
    from spineviewer.io.dicom.codestream import codestream_header
    from spineviewer.io.dicom.quick_header import quick_header
    from spineviewer.io.dicom.series_search import LIBRARY_ERRORS, find_series
    from spineviewer.io.images.loading import load_image

    def image(ending: str) -> Callable[[bytes], object]:
        path = folder / f"scan.{ending}"

        def load(content: bytes) -> None:
            path.write_bytes(content)
            load_image(path)

        return load

    def header(content: bytes) -> None:
        path = folder / "IM"
        path.write_bytes(content)
        for group in find_series(path).groups:
            try:
                group.stack()
            except LIBRARY_ERRORS:
                raise RuntimeError("a foreign error left the judging of slices") from None

    return {
        "quick header": (quick_header, "dicom-explicit"),
        "DICOM header": (header, "dicom-implicit"),
        "enhanced header": (header, "dicom-enhanced"),
        "NIfTI": (image("nii"), "nifti"),
        "NRRD": (image("nrrd"), "nrrd-raw"),
        "NRRD text": (image("nrrd"), "nrrd-text"),
        "MetaImage": (image("mha"), "metaimage"),
        "codestream": (codestream_header, "dicom-jpeg-lossless"),
        "session": (lambda content: unpack_session(content, Path("work.spineview")), "session"),
    }


def fuzz(name: str, seconds: int) -> None:
    """Fuzz one parser in this process, which libFuzzer ends."""
    import atheris

    with atheris.instrument_imports(
        include=["spineviewer.io", "spineviewer.app", "spineviewer.editing"]
    ):
        pass
    from corpus import targets

    from spineviewer.errors import SpineViewerError

    folder = Path(tempfile.mkdtemp(prefix="spineviewer-guided-", dir="/dev/shm"))
    call, target = parsers(folder)[name]
    seeds = folder / "seeds"
    seeds.mkdir()
    for number, content in enumerate(targets()[target].files.values()):
        (seeds / str(number)).write_bytes(content)

    def one(content: bytes) -> None:
        try:
            call(content)
        except SpineViewerError:
            return

    atheris.Setup(
        [
            "guided",
            str(seeds),
            f"-max_total_time={seconds}",
            "-timeout=10",
            "-rss_limit_mb=3000",
            f"-artifact_prefix={folder}/",
        ],
        one,
    )
    atheris.Fuzz()


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--only")
    options = parser.parse_args()
    if options.only:
        fuzz(options.only, options.seconds)
        return 0
    from campaign import RECORD, save

    record: dict[str, Any] = (
        json.loads(RECORD.read_text(encoding="utf-8")) if RECORD.exists() else {}
    )
    bad = 0
    with tempfile.TemporaryDirectory() as folder:
        names = list(parsers(Path(folder)))
    for name in names:
        command = [
            sys.executable,
            str(Path(__file__)),
            "--only",
            name,
            "--seconds",
            str(options.seconds),
        ]
        done = subprocess.run(
            command, capture_output=True, text=True, errors="replace", check=False
        )
        runs = [
            int(n)
            for n in re.findall(r"#(\d+)\s+DONE|Done (\d+) runs", done.stderr)
            for n in n
            if n
        ]
        coverage = [int(n) for n in re.findall(r"cov: (\d+)", done.stderr)]
        fault = next(
            (
                line
                for line in done.stderr.splitlines()
                if " === " in line or "Error" in line or "SUMMARY" in line
            ),
            "",
        )
        entry = record.setdefault("guided", {}).setdefault(
            name, {"runs": 0, "coverage": 0, "findings": []}
        )
        entry["runs"] += max(runs, default=0)
        entry["coverage"] = max(entry["coverage"], max(coverage, default=0))
        if done.returncode:
            bad += 1
            entry["findings"].append(f"{fault} {' '.join(done.stderr.split())[-200:]}"[:300])
        save(record)
        sys.stdout.write(f"{name}: {max(runs, default=0)} runs, exit code {done.returncode}\n")
    return 1 if bad else 0


if __name__ == "__main__":
    raise SystemExit(main())
