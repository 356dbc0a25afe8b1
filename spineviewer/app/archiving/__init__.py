"""What the window does with archives: search, retrieve, send, receive. Without Qt.

`access.ArchiveAccess` combines the small objects of this package; a workspace has one.
"""
