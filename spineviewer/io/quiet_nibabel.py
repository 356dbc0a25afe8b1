"""nibabel without pydicom, which it imports by itself and which takes longer than the rest of it.

For processes that belong to this program alone: in them, nibabel cannot read DICOM, which nothing
here asks of it. Whoever needs pydicom imports it as always.

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
