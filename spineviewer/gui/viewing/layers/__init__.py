"""Overlay layers. A layer is a module here and an entry in `stack.py`."""
