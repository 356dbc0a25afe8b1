"""Overlay layers: modules that draw something over the scan, listed in `stack.py`."""
