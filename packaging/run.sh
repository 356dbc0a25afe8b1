#!/bin/sh
# Open the sample scan and segment it; without a display, write the mask, the attention map and a screenshot to a folder.
# Called by `make run`: run.sh SCAN FOLDER
set -eu
cd "$(dirname "$0")/.."
scan=$1
out=$2
app=.venv/bin/spineviewer
[ -n "$scan" ] || { echo "The sample scan is missing from assets/sample/. Restore it with: git checkout assets" >&2; exit 1; }

# Qt aborts if DISPLAY names a screen that does not respond, so this is checked in a separate process.
has_screen() {
    case "$(uname -s)" in
        Darwin | MINGW* | MSYS*) return 0 ;;
    esac
    [ -n "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ] || return 1
    (ulimit -c 0; .venv/bin/python -c 'from PySide6.QtGui import QGuiApplication; QGuiApplication([])') >/dev/null 2>&1
}

if has_screen; then
    exec "$app" "$scan" --segment
fi
echo "No display was found: writing the results to $out/ instead of opening the window."
mkdir -p "$out"
"$app" segment "$scan" -o "$out/mask.nii.gz" --attention "$out/attention.nii.gz" --overwrite
QT_QPA_PLATFORM=offscreen "$app" "$scan" --segment --screenshot "$out/window.png" --quit
for name in mask.nii.gz attention.nii.gz window.png; do
    [ -s "$out/$name" ] || { echo "$out/$name was not written." >&2; exit 1; }
    printf '%s\n' "$(cd "$out" && pwd)/$name"
done
