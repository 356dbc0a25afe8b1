"""The window.

PySide6 replaces Python's import function with one that searches the source of every module
imported afterwards for uses of PySide6's optional features. Choice: restore Python's own function,
because no module uses these features and the search takes a fifth of the time that the window needs
to open.
"""

import builtins

_python_import = builtins.__import__
import PySide6.QtCore  # noqa: E402, F401

builtins.__import__ = _python_import
