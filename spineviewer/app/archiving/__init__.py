"""The archive functions of the window: search, retrieve, send and receive. Without Qt.

`access.ArchiveAccess` combines the small objects of this package; a workspace has one.
"""
