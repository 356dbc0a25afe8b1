"""nibabel in the program's own processes."""

import subprocess
import sys

AFTERWARDS = """
import nibabel, pydicom
assert nibabel.Nifti1Image and pydicom.dcmread
"""


def test_nibabel_is_imported_without_pydicom_which_can_be_imported_afterwards():
    quietly = "import sys, spineviewer.io.quiet_nibabel\nassert 'pydicom' not in sys.modules"
    subprocess.run([sys.executable, "-c", f"{quietly}\n{AFTERWARDS}"], check=True)


def test_an_imported_pydicom_stays():
    before = "import pydicom, spineviewer.io.quiet_nibabel"
    subprocess.run([sys.executable, "-c", f"{before}\n{AFTERWARDS}"], check=True)
