"""Image archives (PACS): find, retrieve and send studies with DICOM's network protocol or DICOMweb.

`Archive` (`client.py`) is the entry point. All code that uses the network runs in a child process
(`archive_worker.py`), so that an unresponsive archive never blocks the caller and a cancellation
takes effect immediately. Only this package imports pynetdicom, dicomweb-client and keyring; they
are installed with the optional extra `pacs`.
"""
