"""Image archives (PACS): find, retrieve and send studies by DICOM's network protocol or by DICOMweb.

`Archive` (`client.py`) is the way in. Everything that talks to the network runs in a
child process (`worker.py`), so that a stalled peer never holds the caller up and a cancel takes
effect at once. pynetdicom, dicomweb-client and keyring are imported here and nowhere else; they
come with the optional extra `pacs`.
"""
