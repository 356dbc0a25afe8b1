"""nibabel without its import of pydicom, which takes longer than the rest of nibabel.

nibabel cannot read DICOM in a process that imports this module. Modules that need pydicom import it
as usual.

Thread ownership: import this module while no other thread imports pydicom; otherwise the import of
pydicom fails.
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
