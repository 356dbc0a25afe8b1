"""What can be drawn over a scan. A layer is a module here and an entry in `stack.py`."""
