"""`spineviewer info`: show what a file contains, or which device is used."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from spineviewer import __version__
from spineviewer.app.terminal import say
from spineviewer.command_parser import CommandParser


def main(argv: Sequence[str]) -> int:
    """Show what a file or folder contains, or which device is used; return the exit code."""
    parser = CommandParser(
        prog="spineviewer info",
        description="Show what a file or folder contains, or which device Spineviewer uses on this "
        "computer.",
    )
    parser.add_argument(
        "path", type=Path, nargs="?", metavar="PATH", help="file, folder or zip file"
    )
    parser.add_flag("--json", "print one JSON object to stdout")
    options = parser.parse_args(argv)
    if options.path is None:
        _show_computer(is_json=options.json)
    else:
        _show_contents(options.path, is_json=options.json)
    return 0


def _show_contents(path: Path, *, is_json: bool) -> None:
    from spineviewer.inference.device import unused_gpu
    from spineviewer.io.scan import describe

    contents = describe(path)
    if unused := unused_gpu():
        say(unused)
    if is_json:
        print(json.dumps(contents))
        return
    count = len(contents["series"])
    print(
        f"{contents['path']}: " + (f"{contents['format']}, {count} series" if count else "no scan")
    )
    for series in contents["series"]:
        spacing = series["spacing_zyx_mm"]
        spacing_text = (
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
        print(f"    {size} voxels, {spacing_text}")
        if series["uid"]:
            print(f"    UID {series['uid']}")
        for problem in series["problems"]:
            print(f"    problem: {problem}")
    for other in contents["others"]:
        print(f"  also contains: {other}")
    for unreadable in contents["unreadable"]:
        print(f"  not read: {unreadable}")


def _show_computer(*, is_json: bool) -> None:
    from spineviewer.inference.device import choose_device, is_installed

    chosen = choose_device()
    if is_json:
        contents = {
            "version": __version__,
            "device": chosen.device,
            "backend": chosen.backend,
            "message": chosen.message,
            "has_pytorch": is_installed("torch"),
        }
        print(json.dumps(contents))
    else:
        print(f"Spineviewer {__version__}")
        print(chosen.message)
