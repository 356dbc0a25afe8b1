#!/bin/sh
# Build dist/Spineviewer-VERSION.dmg with Spineviewer.app. Run on macOS. It is signed only ad hoc and not notarised.
# With --with-torch it also computes on Apple's GPU.
set -eu
cd "$(dirname "$0")/.."
PYTHON=${PYTHON:-.venv/bin/python}
name=Spineviewer
[ "${1:-}" != --with-torch ] || name=Spineviewer-torch
"$PYTHON" packaging/installer.py "$@"

version=$("$PYTHON" -c 'import spineviewer; print(spineviewer.__version__)')
app=build/dmg/Spineviewer.app
rm -rf build/dmg
mkdir -p "$app/Contents/MacOS" "$app/Contents/Resources"
cp -R dist/spineviewer/. "$app/Contents/MacOS/"
cat >"$app/Contents/Info.plist" <<PLIST
<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
<dict>
    <key>CFBundleName</key><string>Spineviewer</string>
    <key>CFBundleIdentifier</key><string>org.spineviewer.Spineviewer</string>
    <key>CFBundleExecutable</key><string>spineviewer</string>
    <key>CFBundlePackageType</key><string>APPL</string>
    <key>CFBundleShortVersionString</key><string>$version</string>
    <key>CFBundleVersion</key><string>$version</string>
    <key>NSHighResolutionCapable</key><true/>
    <key>LSMinimumSystemVersion</key><string>13.0</string>
    <key>CFBundleDocumentTypes</key>
    <array>
        <dict>
            <key>CFBundleTypeName</key><string>CT scan</string>
            <key>CFBundleTypeRole</key><string>Viewer</string>
            <key>LSItemContentTypes</key><array><string>public.data</string><string>public.folder</string></array>
        </dict>
    </array>
</dict>
</plist>
PLIST
# Macs with Apple processors do not start a program that has no signature at all.
codesign --force --deep --sign - "$app"
ln -s /Applications build/dmg/Applications
hdiutil create -volname Spineviewer -srcfolder build/dmg -ov -format UDZO "dist/$name-$version.dmg"
