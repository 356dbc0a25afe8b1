"""Spineviewer: segment, check, measure and export the spine in a CT scan.

For research use only; not a medical device. From Python: `import spineviewer as sv`, then
`sv.read`, `sv.segment` and everything else in `sv.__all__` (`api.py`). Imports happen on first use.
"""

import importlib

__version__ = "0.1.0"

__all__ = [
    "Cancelled",
    "Scan",
    "Segmentation",
    "Segmenter",
    "SpineViewerError",
    "Tuning",
    "read",
    "segment",
]


def __getattr__(name):  # type: ignore[no-untyped-def]  # __init__.pyi has the types
    if name not in __all__:
        raise AttributeError(f"module 'spineviewer' has no attribute '{name}'")
    return getattr(importlib.import_module("spineviewer.api"), name)


def __dir__():  # type: ignore[no-untyped-def]  # as above
    return [*globals(), *__all__]
