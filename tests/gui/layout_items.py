"""Wrappers of layout items that Qt has deleted, which crash the program later.

A layout that is added to another layout, or to a widget, after it has been filled gets a Python
wrapper for each of its items. If Qt deletes such an item, because its widget is deleted or moved,
PySide does not notice: the wrapper remains registered for the address. When another Qt object is
created at that address and deleted, PySide uses memory that it has already freed.

Layouts whose widgets come and go must therefore be added before they are filled.
"""

from PySide6.QtWidgets import QLayout, QLayoutItem
from shiboken6 import Shiboken


def outdated_layout_items():
    """Return the wrappers of layout items that are no longer in any layout."""
    wrappers = Shiboken.getAllValidWrappers()
    layouts = [each for each in wrappers if isinstance(each, QLayout)]
    items = [
        each for each in wrappers if isinstance(each, QLayoutItem) and not isinstance(each, QLayout)
    ]
    present = {
        _address(layout.itemAt(number)) for layout in layouts for number in range(layout.count())
    }
    return [item for item in items if _address(item) not in present]


def _address(item):
    return Shiboken.getCppPointer(item)[0]
