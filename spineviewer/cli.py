"""The command line: without a command it opens the window, otherwise it runs the command.

Progress goes to stderr, results to stdout. Every error of the program's own family is one line on
stderr and an exit code: 0 done, 2 usage, 3 unreadable input, 4 geometry, 5 model, 6 inference, 7
export, 8 archive, 130 cancelled.
"""

from __future__ import annotations

import argparse
import gc
import importlib
import json
import os
import signal
import sys
import time
import traceback
from collections.abc import Iterator, Sequence
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from spineviewer import __version__
from spineviewer.app.terminal import (
    CommandParser,
    TerminalProgress,
    add_segmenting_options,
    say,
    tuning_from,
)
from spineviewer.child import run_if_child
from spineviewer.compiled import PREPARING, is_prepared, keep_compiled_code_in_own_folder
from spineviewer.errors import Cancelled, InferenceError, SpineViewerError, UsageError

if TYPE_CHECKING:
    from spineviewer.app.pipeline import Segmenter
    from spineviewer.app.vertebra_naming import NameRequest
    from spineviewer.inference.loaded import LoadedNetworks
    from spineviewer.io.sandbox.prewarmed import PrewarmedReader
    from spineviewer.model import ModelConfiguration
    from spineviewer.volume.geometry import Geometry
    from spineviewer.volume.volume import CtVolume

#: Commands in other modules: module with `main(argv) -> int`, and what they do.
ELSEWHERE = {
    "batch": (
        "spineviewer.app.batch_command",
        "segment a list or a folder of scans; resumes where it stopped",
    ),
    "pacs": (
        "spineviewer.app.archive_command",
        "find, retrieve, send and receive studies of an image archive",
    ),
    "anonymise": (
        "spineviewer.app.anonymise_command",
        "copy DICOM files without patient data",
    ),
    "prepare": (
        "spineviewer.app.warm_up",
        "prepare this computer after installation, so that the first scan is fast",
    ),
    "evaluate": (
        "spineviewer.training.evaluation.evaluate",
        "compare a mask with a reference, or evaluate a folder of cases",
    ),
    "fit-labelling": (
        "spineviewer.training.fit.fit_labelling",
        "fit the parameters for naming vertebrae",
    ),
    "tune": (
        "spineviewer.training.evaluation.tune",
        "choose threshold and sigma on labelled scans",
    ),
    "realism": ("spineviewer.training.synthetic.realism", "compare synthetic with real scans"),
    "study": (
        "spineviewer.training.evaluation.study",
        "measure robustness: thick slices, cropped fields of view",
    ),
    "train": ("spineviewer.training.fit.fitting", "train one of the two networks"),
    "synthesise": (
        "spineviewer.training.synthetic.synthesis",
        "make random CT scans from label maps, for training",
    ),
    "whole-field": (
        "spineviewer.training.synthetic.whole_field",
        "extend a cropped case to a whole field of view",
    ),
    "publish": ("spineviewer.training.fit.publish", "install trained weights in the models folder"),
    "precision": (
        "spineviewer.training.evaluation.precision",
        "compare masks from 8-bit and full precision",
    ),
    "phantom": (
        "spineviewer.training.synthetic.phantom",
        "make a synthetic scan with an exact mask",
    ),
    "bench": ("spineviewer.bench", "benchmark this machine; 'bench views' measures the window"),
}
HERE = {
    "segment": "segment a scan and write the mask",
    "info": "show what a file or folder contains; without a path, which device is used",
}
#: Results of `segment`: the name in its JSON, its option, and the `ExportKind`.
_RESULTS = (
    ("mask", "output", "MASK"),
    ("attention", "attention", "ATTENTION"),
    ("probability", "probability", "PROBABILITY"),
    ("surface", "surface", "SURFACE"),
)
#: The files of numbered vertebrae and of their surfaces, by their names in the JSON.
_VERTEBRAE, _VERTEBRA_SURFACES = "vertebrae_file", "vertebra_surfaces"
#: The file of measurements, by its name in the JSON.
_MEASUREMENTS = "measurements_file"
#: Set to see where an unexpected error came from.
DEBUG_VARIABLE = "SPINEVIEWER_DEBUG"


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command; returns the exit code."""
    keep_compiled_code_in_own_folder()
    if run_if_child(sys.argv):
        return 0
    arguments = list(sys.argv[1:] if argv is None else argv)
    with suppress(ValueError):  # only the main thread may; elsewhere the caller decides
        signal.signal(signal.SIGTERM, _interrupt)
    try:
        code = _run(arguments)
        if argv is None and arguments[:1] == ["segment"]:
            _end_process(code)
    except SpineViewerError as error:
        say(f"spineviewer: {error}")
        return error.exit_code
    except (Cancelled, KeyboardInterrupt):
        say("spineviewer: cancelled, nothing was written.")
        return Cancelled.exit_code
    except BrokenPipeError:
        os.dup2(
            os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno()
        )  # so that the interpreter's own flush is quiet
        return 1
    except MemoryError:
        say(
            "spineviewer: this computer has too little memory. Close other programs, or use a "
            "smaller scan."
        )
        return InferenceError.exit_code
    except Exception as error:  # noqa: BLE001  # the outermost frame: an unexpected error is one line, too
        if os.environ.get(DEBUG_VARIABLE):
            traceback.print_exc()
        say(
            f"spineviewer: unexpected error ({type(error).__name__}: {error}). Set "
            f"{DEBUG_VARIABLE}=1 to see where."
        )
        return 1
    return code


def _end_process(code: int) -> NoReturn:
    """End at once. Choice: otherwise Python spends 0.2 s on unloading numba and OpenVINO."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def _run(arguments: list[str]) -> int:
    command = arguments[0] if arguments else ""
    if command in {"-h", "--help"}:
        print(_overview())
        return 0
    if command == "--version":
        print(f"spineviewer {__version__}")
        return 0
    if command == "segment":
        return _segment(_segment_parser().parse_args(arguments[1:]))
    if command == "info":
        return _info(_info_parser().parse_args(arguments[1:]))
    module = ELSEWHERE[command][0] if command in ELSEWHERE else "spineviewer.gui.main"
    try:
        with _no_garbage_collection():
            run: Any = importlib.import_module(module)
    except ModuleNotFoundError as error:
        raise UsageError(
            f"'{command or 'the window'}' needs {error.name}, which is not installed. "
            "The commands that train and tune need: pip install 'spineviewer[train]'"
        ) from error
    if command in ELSEWHERE:
        return int(run.main(arguments[1:]))
    return int(run.run(arguments))


@contextmanager
def _no_garbage_collection() -> Iterator[None]:
    """Do not search for garbage: imports create much that stays, which is searched repeatedly."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


# segment


def _segment(options: argparse.Namespace) -> int:
    from spineviewer.io.sandbox.prewarmed import PrewarmedReader

    with _no_garbage_collection(), PrewarmedReader() as reader:
        reader.prepare()  # starts in parallel with the imports of the networks, which take longer
        return _segmented(options, reader)


def _segmented(options: argparse.Namespace, reader: PrewarmedReader) -> int:
    from spineviewer.app.exporting import ExportKind, ExportOrder, check_targets, export
    from spineviewer.app.measurement_files import check_measurements_file
    from spineviewer.app.vertebra_files import (
        check_vertebra_surfaces,
        check_vertebrae_file,
        write_vertebra_surfaces,
        write_vertebrae,
    )
    from spineviewer.editing.correction import Correction
    from spineviewer.model import load_configuration
    from spineviewer.resources import models_dir

    outputs = _outputs(options)
    kinds = {name: ExportKind[kind] for name, _, kind in _RESULTS}
    targets = {kinds[name]: path for name, path in outputs.items() if name in kinds}
    request = _name_request(options)
    check_targets(targets, may_overwrite=options.overwrite)
    if options.vertebrae:
        check_vertebrae_file(options.vertebrae, may_overwrite=options.overwrite)
    if options.vertebra_surfaces:
        check_vertebra_surfaces(options.vertebra_surfaces, may_overwrite=options.overwrite)
    if options.measurements:
        check_measurements_file(options.measurements, may_overwrite=options.overwrite)
    progress = TerminalProgress()
    started = time.perf_counter()
    configuration = load_configuration(models_dir())
    tuning = tuning_from(options, configuration.defaults)
    reading_started = time.perf_counter()
    opened = _opened(options, configuration, progress, reader)
    volume, segmenter = opened.volume, opened.segmenter
    seconds = {"reading": opened.reading_ended - reading_started}
    from spineviewer.app.pipeline import fuse

    progress.note(segmenter.message)
    source, geometry = volume.source, volume.geometry
    for warning in source.warnings:
        progress.note(f"warning: {warning}")
    for note in check_targets(
        targets, may_overwrite=options.overwrite, voxels=volume.hu.size, source=source
    ):
        progress.note(f"warning: {note}")
    if options.vertebrae:
        check_vertebrae_file(options.vertebrae, may_overwrite=options.overwrite, source=source)
    if options.measurements:
        check_measurements_file(
            options.measurements, may_overwrite=options.overwrite, source=source
        )
    keep = None if options.probability else tuning
    is_named = request is not None or options.json
    scan = volume if is_named else None
    scans = [volume]
    writers = opened.writers
    del volume, opened  # frees its memory while the networks run, unless ribs are needed
    result = segmenter.segment(scans.pop(), keep=keep, progress=progress)
    fused = fuse(result, tuning, progress)
    report, vertebrae, measurements = fused.report, None, None
    if is_named and scan is not None:
        from spineviewer.app.vertebra_naming import name_vertebrae

        progress.step("labelling", 0.0)
        named = name_vertebrae(fused.mask.mask, result.probability, scan, report, request)
        report, vertebrae = named.report, named.labelling.vertebrae
        if options.measurements:
            from spineviewer.app.measuring import measure_vertebrae

            measurements, report = measure_vertebrae(
                vertebrae, scan, result.probability, report, progress
            )
        del scan, named
    writing_started = time.perf_counter()
    writers.result()
    order = ExportOrder(
        source=source,
        geometry=geometry,
        fusion=fused.fusion,
        fused=fused.mask,
        correction=Correction(geometry.shape_zyx),
        tuning=tuning,
        report=report.record,
        targets=targets,
        may_overwrite=options.overwrite,
    )
    if options.vertebrae and vertebrae is not None:
        write_vertebrae(
            vertebrae, order.provenance, options.vertebrae, as_label_map=options.labelmap
        )
    surfaces: tuple[Path, ...] = ()
    if options.vertebra_surfaces and vertebrae is not None:
        surfaces = write_vertebra_surfaces(
            vertebrae,
            order.provenance,
            options.vertebra_surfaces,
            may_overwrite=options.overwrite,
            progress=progress,
        )
    export(order, progress)
    if options.measurements and measurements is not None:
        from spineviewer.app.measurement_files import MeasurementOrder, write_measurements

        write_measurements(
            MeasurementOrder(
                measurements,
                source,
                options.measurements,
                facts=order.provenance.fields,
                segmentation=_dicom_or_none(options.vertebrae),
                may_overwrite=options.overwrite,
            )
        )
    progress.end()
    seconds |= report.seconds | {"writing": time.perf_counter() - writing_started}
    seconds["total"] = time.perf_counter() - started
    mask = fused.mask.mask
    record = {
        **{name: str(path) for name, path in outputs.items() if name != _VERTEBRA_SURFACES},
        "voxels": mask.voxel_count,
        "volume_ml": round(mask.volume_ml, 3),
        **asdict(tuning),
        "islands_left_out_ml": round(fused.mask.left_out_ml, 3),
        **report.record,
        "seconds": {stage: round(value, 3) for stage, value in seconds.items()},
    }
    if vertebrae is not None:
        record |= {
            "vertebrae": [vertebra.record for vertebra in vertebrae],
            "naming": vertebrae.naming.record,
        }
    if options.vertebra_surfaces:
        record[_VERTEBRA_SURFACES] = [str(path) for path in surfaces]
    if measurements is not None:
        record |= measurements.record
    if options.json:
        print(json.dumps(record))
        return 0
    for warning in report.warnings[len(source.warnings) :]:
        progress.note(f"warning: {warning}")
    print(
        f"{options.output}: {record['voxels']} voxels, {mask.volume_ml:.1f} ml, "
        f"{seconds['total']:.1f} s"
    )
    for name, path in outputs.items():
        if name not in ("mask", _VERTEBRA_SURFACES):
            print(path)
    for path in surfaces:
        print(path)
    if vertebrae is not None:
        naming = vertebrae.naming
        names = " ".join(
            vertebra.name + ("*" if vertebra.is_partial else "") for vertebra in vertebrae
        )
        print(
            f"{names or 'no vertebra'} ({naming.convention.value}, probability "
            f"{naming.probability:.2f}; * cut by the scan)"
        )
    return 0


def _name_request(options: argparse.Namespace) -> NameRequest | None:
    """Return which names are requested; None if vertebrae are not requested."""
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
        tuple(_named_point(text) for text in options.name), options.shift, not options.no_anomalies
    )


def _named_point(text: str) -> tuple[int, tuple[float, float, float]]:
    """Return number and point of `L1=X,Y,Z`."""
    from spineviewer.volume.levels import level_number

    name, _, place = text.partition("=")
    label = level_number(name)
    try:
        x, y, z = (float(number) for number in place.split(","))
    except ValueError as error:
        raise UsageError(
            f"--name {text}: write a level and a point in LPS mm, such as L1=12.5,-40,310."
        ) from error
    return label, (x, y, z)


def _dicom_or_none(path: Path | None) -> Path | None:
    """Return a path to which a DICOM SEG is written; None for other formats."""
    from spineviewer.app.measurement_files import DICOM_ENDING

    return path if path is not None and path.suffix.lower() == DICOM_ENDING else None


def _outputs(options: argparse.Namespace) -> dict[str, Path]:
    named = {name: getattr(options, option) for name, option, _ in _RESULTS}
    outputs = {
        name: path
        for name, path in {
            **named,
            _VERTEBRAE: options.vertebrae,
            _VERTEBRA_SURFACES: options.vertebra_surfaces,
            _MEASUREMENTS: options.measurements,
        }.items()
        if path is not None
    }
    if len({path.resolve() for path in outputs.values()}) < len(outputs):
        raise UsageError("Two results would be written to the same file. Give each its own.")
    if Path(options.scan).resolve() in {path.resolve() for path in outputs.values()}:
        raise UsageError(f"{options.scan} is the scan itself; a result never overwrites it.")
    return outputs


def _local(scan: str, progress: TerminalProgress) -> Path:
    """Return the path of a scan; one in an archive is retrieved first."""
    if "://" not in scan:
        return Path(scan)
    from spineviewer.app.archives import local_scan

    return local_scan(scan, progress)


@dataclass(frozen=True)
class _Opened:
    """The inputs of `segment`.

    Attributes
    ----------
    writers
        Ends when everything is imported that results are written with. Wait for it before: threads
        that import different parts of pydicom at the same time fail.
    """

    volume: CtVolume
    segmenter: Segmenter
    reading_ended: float
    writers: Future[None]


def _opened(
    options: argparse.Namespace,
    configuration: ModelConfiguration,
    progress: TerminalProgress,
    reader: PrewarmedReader,
) -> _Opened:
    """Return the scan and the networks that are ready for it.

    A child process reads the scan, while one thread loads the networks and compiles them for the
    scan's size, and another imports everything else.
    """
    from spineviewer.io.scan import read_scan

    size: Future[Geometry] = Future()
    pool = ThreadPoolExecutor(2)
    loading = pool.submit(_networks, options.device, configuration, size)
    importing = pool.submit(_import_pipeline)
    try:
        path = _local(options.scan, progress)
        volume = read_scan(path, series_uid=options.series, progress=progress, reader=reader)
        reading_ended = time.perf_counter()
        size.set_result(volume.geometry)
        importing.result()
        from spineviewer.app.pipeline import Segmenter

        segmenter = Segmenter(loaded=loading.result())
        return _Opened(volume, segmenter, reading_ended, pool.submit(_import_writers))
    finally:
        size.cancel()
        pool.shutdown(wait=False)


def _networks(
    device: str, configuration: ModelConfiguration, size: Future[Geometry]
) -> LoadedNetworks:
    from spineviewer.inference.loaded import LoadedNetworks

    loaded = LoadedNetworks(device, configuration)
    with suppress(CancelledError):  # the scan could not be read, which is reported elsewhere
        loaded.expect(size.result())
    return loaded


def _import_pipeline() -> None:
    """Import what segments; compile its loops where the installation did not.

    Then nibabel, while no thread imports pydicom.
    """
    if is_prepared():
        importlib.import_module("spineviewer.app.pipeline")
        importlib.import_module("spineviewer.io.quiet_nibabel")
        return
    from spineviewer.app.warm_up import prepare

    say(f"{PREPARING} (about half a minute)")
    prepare()


def _import_writers() -> None:
    """Import the modules for writing while the networks run."""
    for name in ("spineviewer.io.write.export", "isal.igzip", "nibabel"):
        importlib.import_module(name)


# info


def _info(options: argparse.Namespace) -> int:
    if options.path is None:
        return _computer_info(is_json=options.json)
    from spineviewer.inference.device import unused_gpu
    from spineviewer.io.scan import describe

    found = describe(options.path)
    if unused := unused_gpu():
        say(unused)
    if options.json:
        print(json.dumps(found))
        return 0
    print(f"{found['path']}: {found['format']}, {len(found['series'])} series")
    for series in found["series"]:
        spacing = series["spacing_zyx_mm"]
        spaced = (
            " x ".join(f"{v:.3f}" for v in reversed(spacing)) + " mm"
            if spacing
            else "spacing unknown"
        )
        kernel = f", kernel {series['kernel']}" if series["kernel"] else ""
        size = f"{series['columns']} x {series['rows']} x {series['slices']}"
        print(
            f"  {series['description'] or 'no description'} "
            f"({series['modality'] or 'modality unknown'}{kernel})"
        )
        print(f"    {size} voxels, {spaced}")
        if series["uid"]:
            print(f"    UID {series['uid']}")
        for problem in series["problems"]:
            print(f"    problem: {problem}")
    for other in found["others"]:
        print(f"  also there: {other}")
    for unreadable in found["unreadable"]:
        print(f"  not read: {unreadable}")
    return 0


def _computer_info(*, is_json: bool) -> int:
    from spineviewer.inference.device import choose, is_installed

    chosen = choose()
    if is_json:
        found = {
            "version": __version__,
            "device": chosen.device,
            "backend": chosen.backend,
            "message": chosen.message,
            "has_pytorch": is_installed("torch"),
        }
        print(json.dumps(found))
    else:
        print(f"Spineviewer {__version__}")
        print(chosen.message)
    return 0


# arguments


def _segment_parser() -> argparse.ArgumentParser:
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
    parser.add_argument(
        "-o",
        "--output",
        type=Path,
        required=True,
        metavar="MASK",
        help="ends in .nii.gz, .nii, .nrrd, .mha or, for a DICOM scan, .dcm for a DICOM SEG; uses "
        "the scan's own grid",
    )
    parser.add_argument(
        "--attention", type=Path, metavar="FILE", help="also write the smoothed attention map"
    )
    parser.add_argument(
        "--probability", type=Path, metavar="FILE", help="also write the bone probability map"
    )
    parser.add_argument(
        "--surface",
        type=Path,
        metavar="FILE",
        help="also write the mask's surface: .stl, .obj or .ply",
    )
    parser.add_argument(
        "--vertebrae",
        type=Path,
        metavar="FILE",
        help="also write the named vertebrae, in VerSe numbers; for a DICOM scan, .dcm writes a "
        "DICOM SEG with one segment per vertebra",
    )
    parser.add_argument(
        "--labelmap",
        action="store_true",
        help="write the vertebrae's DICOM SEG as LABELMAP, which fewer programs read (default: "
        "BINARY)",
    )
    parser.add_argument(
        "--vertebra-surfaces",
        type=Path,
        metavar="FILE",
        help="also write the surface of each vertebra (.stl, .obj or .ply); its name is added: "
        "spine.stl becomes spine_L1.stl",
    )
    parser.add_argument(
        "--measurements",
        type=Path,
        metavar="FILE",
        help="also measure the vertebrae: .csv, .json with discs, curves and density, or .dcm for "
        "a DICOM structured report, which refers to a DICOM SEG of --vertebrae",
    )
    parser.add_argument(
        "--name",
        action="append",
        default=[],
        metavar="L1=X,Y,Z",
        help="the vertebra at this point (LPS mm) has this name; may be repeated",
    )
    parser.add_argument(
        "--shift", type=int, default=0, metavar="N", help="move all names N levels towards the feet"
    )
    parser.add_argument(
        "--no-anomalies", action="store_true", help="do not consider T13, L6 or a missing T12"
    )
    add_segmenting_options(parser)
    parser.add_argument(
        "--series",
        metavar="UID",
        help="which series of a DICOM folder, or which part of a series with gaps",
    )
    parser.add_argument("--overwrite", action="store_true", help="replace existing results")
    parser.add_argument("--json", action="store_true", help="print one JSON object to stdout")
    return parser


def _info_parser() -> argparse.ArgumentParser:
    parser = CommandParser(
        prog="spineviewer info",
        description="Show what a file or folder contains, or which device this computer uses.",
    )
    parser.add_argument(
        "path", type=Path, nargs="?", metavar="PATH", help="file, folder or zip file"
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object to stdout")
    return parser


def _overview() -> str:
    commands = HERE | {name: text for name, (_, text) in ELSEWHERE.items()}
    lines = [
        f"Spineviewer {__version__}. Research use, not a medical device.",
        "",
        "  spineviewer [SCAN ...]        open the window, with scans (files or DICOM folders) if "
        "given",
        "  spineviewer SCAN --segment --screenshot FILE --quit",
        "                                open, segment, save a picture of the window, quit",
        *(f"  spineviewer {name:<13} ...    {text}" for name, text in commands.items()),
        "",
        "spineviewer COMMAND --help explains the options. To open a file that is named like a "
        "command, write ./NAME.",
    ]
    return "\n".join(lines)


def _interrupt(*_: object) -> NoReturn:
    raise KeyboardInterrupt
