#!/bin/sh
# Build dist/spineviewer_VERSION_amd64.deb of dist/spineviewer/. Called by `make deb`.
set -eu
cd "$(dirname "$0")/.."
command -v dpkg-deb >/dev/null || { echo "dpkg-deb is missing: a Debian package is built on Debian or Ubuntu." >&2; exit 1; }
version=$(.venv/bin/python -c 'import spineviewer; print(spineviewer.__version__)')
architecture=$(dpkg --print-architecture)
root=build/deb
rm -rf "$root"
mkdir -p "$root/DEBIAN" "$root/usr/lib" "$root/usr/bin" "$root/usr/share/applications" "$root/usr/share/doc/spineviewer" \
    "$root/usr/share/icons/hicolor/scalable/apps"
cp -r dist/spineviewer "$root/usr/lib/spineviewer"
ln -s ../lib/spineviewer/spineviewer "$root/usr/bin/spineviewer"
cp packaging/spineviewer.desktop "$root/usr/share/applications/"
icon=$(find assets -name 'spineviewer.svg' | head -n 1)
[ -z "$icon" ] || cp "$icon" "$root/usr/share/icons/hicolor/scalable/apps/spineviewer.svg"
cp LICENSE "$root/usr/share/doc/spineviewer/copyright"
cat >"$root/DEBIAN/control" <<CONTROL
Package: spineviewer
Version: $version
Architecture: $architecture
Maintainer: The Spineviewer developers <spineviewer@invalid>
Installed-Size: $(du -sk "$root/usr" | cut -f 1)
Depends: libc6, libgl1, libegl1, libfontconfig1, libdbus-1-3, libglib2.0-0 | libglib2.0-0t64, libxkbcommon-x11-0, libxcb-cursor0,
 libxcb-icccm4, libxcb-keysyms1, libxcb-shape0
Section: science
Priority: optional
Description: see, check, correct and export the spine in a CT scan
 Opens a CT scan, finds the spine in it with two neural networks, shows it in linked
 views, and exports the mask on the scan's own grid. For research: not a medical device.
CONTROL
dpkg-deb --root-owner-group -Zzstd --build "$root" "dist/spineviewer_${version}_${architecture}.deb"
