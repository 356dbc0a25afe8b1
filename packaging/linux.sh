#!/bin/sh
# Build the packages for Linux in dist/: spineviewer_VERSION_ARCHITECTURE.deb, and a .tar.xz that runs from any folder.
# Called by `make deb`. With --with-torch they also compute on NVIDIA GPUs, and their names say so.
set -eu
cd "$(dirname "$0")/.."
PYTHON=${PYTHON:-.venv/bin/python}
command -v dpkg-deb >/dev/null || { echo "dpkg-deb is missing. Build the package on Debian or Ubuntu." >&2; exit 1; }
name=spineviewer
[ "${1:-}" != --with-torch ] || name=spineviewer-torch
"$PYTHON" packaging/installer.py "$@"

version=$("$PYTHON" -c 'import spineviewer; print(spineviewer.__version__)')
architecture=$(dpkg --print-architecture)
root=build/deb
rm -rf "$root"
mkdir -p "$root/DEBIAN" "$root/usr/lib" "$root/usr/bin" "$root/usr/share/applications" "$root/usr/share/doc/$name" \
    "$root/usr/share/icons/hicolor/scalable/apps"
cp -r dist/spineviewer "$root/usr/lib/spineviewer"
ln -s ../lib/spineviewer/spineviewer "$root/usr/bin/spineviewer"
cp packaging/spineviewer.desktop "$root/usr/share/applications/"
icon=$(find assets -name 'spineviewer.svg' | head -n 1)
[ -z "$icon" ] || cp "$icon" "$root/usr/share/icons/hicolor/scalable/apps/spineviewer.svg"
cp LICENSE "$root/usr/share/doc/$name/copyright"
[ "$name" = spineviewer ] && other=spineviewer-torch || other=spineviewer
cat >"$root/DEBIAN/control" <<CONTROL
Package: $name
Version: $version
Architecture: $architecture
Maintainer: The Spineviewer developers <spineviewer@invalid>
Installed-Size: $(du -sk "$root/usr" | cut -f 1)
Depends: libc6, libgl1, libegl1, libfontconfig1, libdbus-1-3, libglib2.0-0 | libglib2.0-0t64, libxkbcommon-x11-0, libxcb-cursor0,
 libxcb-icccm4, libxcb-keysyms1, libxcb-shape0
Conflicts: $other
Replaces: $other
Section: science
Priority: optional
Description: segment, check, measure and export the spine in a CT scan
 Opens a CT scan, segments the spine with two neural networks, names and measures the
 vertebrae, and exports the results. Research use only; not a medical device.
CONTROL
# Compile the inner loops for this processor once, so that the first scan of every user is fast.
cat >"$root/DEBIAN/postinst" <<'POSTINST'
#!/bin/sh
set -e
[ "$1" != configure ] || HOME=/nonexistent /usr/lib/spineviewer/spineviewer prepare ||
    echo "Spineviewer will be prepared when it is first started." >&2
POSTINST
cat >"$root/DEBIAN/prerm" <<'PRERM'
#!/bin/sh
set -e
find /usr/lib/spineviewer \( -name '*.nbi' -o -name '*.nbc' -o -name 'spineviewer-compiled.*' \) -delete
PRERM
chmod 755 "$root/DEBIAN/postinst" "$root/DEBIAN/prerm"
dpkg-deb --root-owner-group -Zxz --build "$root" "dist/${name}_${version}_${architecture}.deb"
tar -C dist --transform "s,^spineviewer,$name-$version," -cJf "dist/$name-$version-linux-$architecture.tar.xz" spineviewer
ls -l "dist/${name}_${version}_${architecture}.deb" "dist/$name-$version-linux-$architecture.tar.xz"
