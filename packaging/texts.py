"""Collect every string of the window for translation, and compile what the program loads.

`make texts` runs it. Strings are found by the functions of `spineviewer.wording` and
`spineviewer.gui.kit.language` to which they are passed. `spineviewer/gui/translations` holds
`xx.ts` to translate (with any editor, or Qt Linguist), and `xx.qm`, which the program reads.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ET
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "spineviewer" / "gui" / "translations"
#: Functions and errors whose first argument is translated; the errors come last.
MARKS = (
    "worded", "mark", "ImageReadError", "GeometryError", "ModelError", "InferenceError",
    "ExportError", "ArchiveError", "NotSupportedError", "BrokenConnectionError",
)  # fmt: skip
#: Commands without a window, whose strings are only in English.
_ENGLISH = ("bench", "training")
_NOTE = r"\s*<extracomment>.*?</extracomment>"


def begin(code: str) -> None:
    """Create a translation into another language, unless it exists."""
    source = FOLDER / f"{code}.ts"
    if not source.exists():
        head = '<?xml version="1.0" encoding="utf-8"?>\n<!DOCTYPE TS>\n'
        source.write_text(f'{head}<TS version="2.1" language="{code}"></TS>\n', encoding="utf-8")


def gather(source: Path) -> None:
    """Update a file of strings: new ones are added as unfinished, removed ones are dropped."""
    folders = [
        str(ROOT / "spineviewer" / name)
        for name in sorted(path.name for path in (ROOT / "spineviewer").iterdir())
        if name not in _ENGLISH
    ]
    with tempfile.NamedTemporaryFile("w", suffix=".lst") as listed:
        paths = sorted(path for folder in folders for path in _modules(Path(folder)))
        listed.write("\n".join(map(str, paths)))
        listed.flush()
        aliases = ",".join(f"tr+={name}" for name in MARKS)
        _run(
            "pyside6-lupdate", f"@{listed.name}", "-ts", str(source), "-tr-function-alias",
            aliases, "-no-obsolete", "-silent",
            "-locations", "none", "-sort-messages", "-disable-heuristic", "similartext",
            "-source-language", "en_GB",
        )  # fmt: skip
    # lupdate takes every `#:` above a string for a note to translators, but those are arguments
    gathered = source.read_text(encoding="utf-8")
    source.write_text(re.sub(_NOTE, "", gathered, flags=re.DOTALL), encoding="utf-8")


def compile_texts(source: Path, target: Path) -> None:
    """Write the file that the program loads."""
    _run("pyside6-lrelease", str(source), "-qm", str(target), "-silent", "-nounfinished")


def unfinished(source: Path) -> list[str]:
    """Return the strings without a translation."""
    found = []
    for message in ET.parse(source).iter("message"):
        translation = message.find("translation")
        forms = (
            []
            if translation is None
            else [translation.text or "", *(form.text or "" for form in translation)]
        )
        if (
            translation is None
            or translation.get("type") == "unfinished"
            or not any(form.strip() for form in forms)
        ):
            found.append(message.findtext("source") or "")
    return found


def _modules(path: Path) -> list[Path]:
    return [path] if path.suffix == ".py" else sorted(path.rglob("*.py"))


def _run(tool: str, *arguments: str) -> None:
    subprocess.run([str(Path(sys.executable).parent / tool), *arguments], check=True)


def main(codes: list[str]) -> int:
    """Create the given languages, collect strings, report missing translations, compile."""
    for code in codes:
        begin(code)
    waiting = 0
    for source in sorted(FOLDER.glob("*.ts")):
        gather(source)
        missing = unfinished(source)
        waiting += len(missing)
        for text in missing:
            print(f"{source.name}: {text!r}")
        compile_texts(source, source.with_suffix(".qm"))
        print(f"{source.name}: {len(missing)} strings without a translation")
    return 1 if waiting else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
