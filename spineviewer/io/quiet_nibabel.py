"""nibabel without its import of pydicom, which takes longer than the rest of nibabel.

For processes of this program only: nibabel cannot read DICOM in them, which is not needed. Modules
that need pydicom import it as usual.

Thread ownership: to be imported while no other thread imports pydicom, which would fail.
"""

import sys

if "pydicom" in sys.modules:
    import nibabel
else:
    sys.modules["pydicom"] = None  # type: ignore[assignment]  # the documented way to make an import fail
    try:
        import nibabel
    finally:
        del sys.modules["pydicom"]

__all__ = ["nibabel"]
