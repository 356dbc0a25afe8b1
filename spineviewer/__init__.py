"""Spineviewer: see, check, correct and export the spine in a CT scan. Research use, not a medical device."""

__version__ = "0.1.0"
