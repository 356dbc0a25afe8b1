"""The command `spineviewer segment`, which segments one scan."""

from __future__ import annotations

import argparse
import importlib
import json
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from spineviewer.app.terminal import (
    TerminalProgress,
    add_segmenting_options,
    say,
    tuning_from,
)
from spineviewer.command_parser import CommandParser
from spineviewer.compiled import PREPARING, is_prepared
from spineviewer.errors import UsageError

if TYPE_CHECKING:
    from spineviewer.app.pipeline import FusedResult, Segmenter
    from spineviewer.app.run_record import RunRecord
    from spineviewer.app.vertebra_naming import NameRequest
    from spineviewer.inference.loaded import LoadedNetworks
    from spineviewer.io.sandbox.prewarmed import PrewarmedReader
    from spineviewer.labelling.vertebrae import Vertebrae
    from spineviewer.measurements.results import Measurements
    from spineviewer.model import ModelConfiguration
    from spineviewer.tuning import Tuning
    from spineviewer.volume.volume import CtVolume

#: JSON key of the surfaces of the vertebrae, which are several files.
_VERTEBRA_SURFACES = "vertebra_surfaces"
#: Results of `segment`: the JSON key, the option, and the `ExportKind`.
_RESULTS = (
    ("mask", "output", "MASK"),
    ("attention", "attention", "ATTENTION"),
    ("probability", "probability", "PROBABILITY"),
    ("surface", "surface", "SURFACE"),
    ("vertebrae_file", "vertebrae", "VERTEBRAE"),
    ("measurements_file", "measurements", "MEASUREMENTS"),
    (_VERTEBRA_SURFACES, "vertebra_surfaces", "VERTEBRA_SURFACES"),
)


@dataclass(frozen=True)
class _Result:
    """Results of the command; vertebrae and measurements are None if not requested."""

    fused: FusedResult
    run_record: RunRecord
    vertebrae: Vertebrae | None = None
    measurements: Measurements | None = None


def main(argv: Sequence[str]) -> int:
    """Segment a scan and write the results; return the exit code."""
    from spineviewer.io.sandbox.prewarmed import PrewarmedReader

    options = _parser().parse_args(argv)
    with PrewarmedReader() as reader:
        reader.prepare()  # starts in parallel with the imports of the networks, which take longer
        _segment(options, reader)
    return 0


def _segment(options: argparse.Namespace, reader: PrewarmedReader) -> None:
    from spineviewer.app.exporting import ExportKind, check_targets, export, order_for_run
    from spineviewer.app.vertebra_files import require_dicom_seg
    from spineviewer.model import load_configuration
    from spineviewer.resources import models_dir

    outputs = _outputs(options)
    targets = {ExportKind[kind]: outputs[name] for name, _, kind in _RESULTS if name in outputs}
    request = _name_request(options)
    if options.labelmap:
        require_dicom_seg(options.vertebrae)
    check_targets(targets, may_overwrite=options.overwrite)
    progress = TerminalProgress()
    started = time.perf_counter()
    configuration = load_configuration(models_dir())
    tuning = tuning_from(options, configuration.defaults)
    reading_started = time.perf_counter()
    opened = _open(options, configuration, progress, reader)
    segmenter, writers, source = opened.segmenter, opened.writers, opened.volume.source
    seconds = {"reading": opened.reading_ended - reading_started}
    progress.note(segmenter.message)
    for warning in source.warnings:
        progress.note(f"warning: {warning}")
    for note in check_targets(
        targets, may_overwrite=options.overwrite, voxels=opened.volume.hu.size, source=source
    ):
        progress.note(f"warning: {note}")
    scans = [opened.volume]
    del opened
    result = _compute(options, scans, segmenter, tuning, request, progress)
    writing_started = time.perf_counter()
    writers.result()
    order = order_for_run(
        result.fused,
        source,
        targets,
        may_overwrite=options.overwrite,
        vertebrae=result.vertebrae,
        measurements=result.measurements,
        as_label_map=options.labelmap,
    )
    written = export(order, progress)
    progress.end()
    ended = time.perf_counter()
    seconds |= result.run_record.seconds
    seconds |= {"writing": ended - writing_started, "total": ended - started}
    if options.json:
        files: dict[str, Any] = {name: str(path) for name, path in outputs.items()}
        if _VERTEBRA_SURFACES in files:
            files[_VERTEBRA_SURFACES] = [str(path) for path in written[len(targets) - 1 :]]
        print(json.dumps(files | _record(result, tuning, seconds)))
        return
    for warning in result.run_record.warnings[len(source.warnings) :]:
        progress.note(f"warning: {warning}")
    _print_summary(written, result, seconds["total"])


def _compute(
    options: argparse.Namespace,
    scans: list[CtVolume],
    segmenter: Segmenter,
    tuning: Tuning,
    request: NameRequest | None,
    progress: TerminalProgress,
) -> _Result:
    """Compute the results of one scan, and release the networks.

    `scans` contains only this scan and is emptied, so that the scan's memory is freed while the
    networks run, unless the scan is needed later to name and measure the vertebrae.
    """
    from spineviewer.app.pipeline import fuse

    needs_names = request is not None or options.json
    scan = scans[0] if needs_names else None
    needed_for = None if options.probability else tuning
    segmentation = segmenter.segment(scans.pop(), needed_for=needed_for, progress=progress)
    fused = fuse(segmentation, tuning, progress)
    segmenter.release()
    result = _Result(fused, fused.run_record)
    if scan is None:
        return result
    from spineviewer.app.vertebra_naming import name_vertebrae

    progress.step("labelling", 0.0)
    named = name_vertebrae(
        fused.mask.mask, segmentation.probability, scan, fused.run_record, request
    )
    vertebrae = named.labelling.vertebrae
    result = replace(result, run_record=named.run_record, vertebrae=vertebrae)
    if options.measurements:
        from spineviewer.app.measuring import measure_vertebrae

        measurements, run_record = measure_vertebrae(
            vertebrae, scan, segmentation.probability, result.run_record, progress
        )
        result = replace(result, run_record=run_record, measurements=measurements)
    return result


def _record(result: _Result, tuning: Tuning, seconds: Mapping[str, float]) -> dict[str, Any]:
    """Return the JSON object that `--json` prints, without the files."""
    mask, vertebrae = result.fused.mask, result.vertebrae
    record = {
        "voxels": mask.mask.voxel_count,
        "volume_ml": round(mask.mask.volume_ml, 3),
        **asdict(tuning),
        "islands_left_out_ml": round(mask.left_out_ml, 3),
        **result.run_record.fields,
        "seconds": {stage: round(value, 3) for stage, value in seconds.items()},
    }
    if vertebrae is not None:
        record["vertebrae"] = [vertebra.record for vertebra in vertebrae]
        record["naming"] = vertebrae.naming.record
    if result.measurements is not None:
        from spineviewer.measurements.table import measurements_record

        record |= measurements_record(result.measurements)
    return record


def _print_summary(written: Sequence[Path], result: _Result, total_s: float) -> None:
    mask = result.fused.mask.mask
    print(f"{written[0]}: {mask.voxel_count} voxels, {mask.volume_ml:.1f} ml, {total_s:.1f} s")
    for path in written[1:]:
        print(path)
    if (vertebrae := result.vertebrae) is not None:
        naming = vertebrae.naming
        names = " ".join(
            vertebra.name + ("*" if vertebra.is_incomplete else "") for vertebra in vertebrae
        )
        partial = "; * cut off at the edge of the scan" if "*" in names else ""
        print(
            f"{names or 'no vertebra'} ({naming.convention.value}, probability "
            f"{naming.probability:.2f}{partial})"
        )


def _name_request(options: argparse.Namespace) -> NameRequest | None:
    """Return the user's request for names; None if vertebrae are not requested."""
    if (
        options.vertebrae is None
        and options.vertebra_surfaces is None
        and options.measurements is None
        and not options.name
        and not options.shift
        and not options.no_anomalies
    ):
        return None
    from spineviewer.app.vertebra_naming import NameRequest

    return NameRequest(
        tuple(_parse_named_point(text) for text in options.name),
        options.shift,
        not options.no_anomalies,
    )


def _parse_named_point(text: str) -> tuple[int, tuple[float, float, float]]:
    """Return the VerSe label and the point (LPS, mm) from a string such as `L1=X,Y,Z`."""
    from spineviewer.volume.levels import level_number

    name, _, coordinates = text.partition("=")
    label = level_number(name)
    try:
        x, y, z = (float(number) for number in coordinates.split(","))
    except ValueError as error:
        raise UsageError(
            f"--name {text}: specify a level and a point in LPS mm, such as L1=12.5,-40,310."
        ) from error
    return label, (x, y, z)


def _outputs(options: argparse.Namespace) -> dict[str, Path]:
    paths = {name: getattr(options, option) for name, option, _ in _RESULTS}
    outputs = {name: path for name, path in paths.items() if path is not None}
    if len({path.resolve() for path in outputs.values()}) < len(outputs):
        raise UsageError(
            "Two results would be written to the same file. Choose a different name for each."
        )
    if Path(options.scan).resolve() in {path.resolve() for path in outputs.values()}:
        raise UsageError(f"{options.scan} is the scan itself. Choose another name for the result.")
    return outputs


def _local_path(scan: str, progress: TerminalProgress) -> Path:
    """Return the path of a scan; retrieve a scan in an archive first."""
    if "://" not in scan:
        return Path(scan)
    from spineviewer.app.archives import local_scan

    return local_scan(scan, progress)


@dataclass(frozen=True)
class _Inputs:
    """The inputs of `segment`.

    Attributes
    ----------
    writers
        Done when the modules that write results have been imported. Wait for it before writing:
        threads that import different parts of pydicom at the same time fail.
    """

    volume: CtVolume
    segmenter: Segmenter
    reading_ended: float
    writers: Future[None]


def _open(
    options: argparse.Namespace,
    configuration: ModelConfiguration,
    progress: TerminalProgress,
    reader: PrewarmedReader,
) -> _Inputs:
    """Read the scan, and prepare the networks for it.

    A child process reads the scan. Meanwhile, the networks are loaded, and then everything else is
    imported. Both need Python's interpreter lock, so they would only delay each other. Compiling
    the networks for the scan's size does not need it, and runs in parallel with the imports.
    """
    from spineviewer.io.scan import read_scan

    pool = ThreadPoolExecutor(2)
    loading = pool.submit(_load_networks, options.device, configuration)
    importing = pool.submit(_import_pipeline, loading)
    try:
        path = _local_path(options.scan, progress)
        volume = read_scan(path, series_uid=options.series, progress=progress, reader=reader)
        reading_ended = time.perf_counter()
        loaded = loading.result()
        loaded.expect(volume.geometry)
        importing.result()
        from spineviewer.app.pipeline import Segmenter

        return _Inputs(
            volume, Segmenter(loaded=loaded), reading_ended, pool.submit(_import_writers)
        )
    finally:
        pool.shutdown(wait=False)


def _load_networks(device: str, configuration: ModelConfiguration) -> LoadedNetworks:
    from spineviewer.inference.loaded import LoadedNetworks

    return LoadedNetworks(device, configuration)


def _import_pipeline(loading: Future[LoadedNetworks]) -> None:
    """Import the segmentation modules; compile loops that the installation did not compile."""
    wait([loading])
    if is_prepared():
        importlib.import_module("spineviewer.app.pipeline")
        return
    from spineviewer.app.warm_up import prepare

    say(f"{PREPARING} (about half a minute)")
    prepare()


def _import_writers() -> None:
    """Import the modules that write results, while the networks run."""
    for name in ("spineviewer.io.write.export", "isal.igzip", "spineviewer.io.quiet_nibabel"):
        importlib.import_module(name)


def _parser() -> CommandParser:
    parser = CommandParser(
        prog="spineviewer segment", description="Segment the spine in a CT scan."
    )
    parser.add_argument(
        "scan",
        metavar="SCAN",
        help="NIfTI, NRRD or MetaImage file; DICOM file, folder or zip; or a series in an "
        "archive: pacs://NAME/STUDY/SERIES, "
        "dicom://AE-TITLE@HOST:PORT/STUDY/SERIES, https://HOST/PATH/studies/STUDY/series/SERIES",
    )
    parser.add_output(
        "MASK",
        "file for the mask on the scan's own grid: .nii.gz, .nii, .nrrd, .mha or, for a DICOM "
        "scan, .dcm (DICOM SEG)",
    )
    parser.add_file("--attention", "also write the smoothed attention map")
    parser.add_file("--probability", "also write the bone probability map")
    parser.add_file("--surface", "also write the mask's surface: .stl, .obj or .ply")
    parser.add_file(
        "--vertebrae",
        "also write the labelled vertebrae, numbered as in the VerSe data set; for a DICOM scan, "
        ".dcm writes a DICOM SEG with one segment per vertebra",
    )
    parser.add_flag(
        "--labelmap",
        "write the DICOM SEG of --vertebrae as LABELMAP, which fewer programs can read "
        "(default: BINARY)",
    )
    parser.add_file(
        "--vertebra-surfaces",
        "also write the surface of each vertebra (.stl, .obj or .ply), with its name in the "
        "file name: spine.stl becomes spine_L1.stl",
    )
    parser.add_file(
        "--measurements",
        "also measure the vertebrae: .csv, .json with discs, curves and density, or .dcm for "
        "a DICOM structured report, which refers to the DICOM SEG written by --vertebrae",
    )
    parser.add_list(
        "--name", "L1=X,Y,Z", "name the vertebra at this point (LPS, mm); can be repeated"
    )
    parser.add_count("--shift", "name every vertebra N levels lower (1: T12 becomes L1)", default=0)
    parser.add_flag("--no-anomalies", "do not consider T13, L6 or a missing T12")
    add_segmenting_options(parser)
    parser.add_argument(
        "--series",
        metavar="UID",
        help="UID of a series in a DICOM folder, or of one part of a series that has gaps",
    )
    parser.add_flag("--overwrite", "replace existing results")
    parser.add_flag("--json", "print one JSON object to stdout")
    return parser
