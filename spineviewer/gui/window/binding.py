"""Bindings that update a part of the window when a value of the active scan has changed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from spineviewer.app.open_scan import OpenScan


@dataclass
class _Binding:
    show: Callable[..., object]
    get_values: Callable[[OpenScan], tuple[Any, ...]]
    without_scan: tuple[Any, ...]
    shown_values: tuple[Any, ...] | None = None


class Bindings:
    """The parts of the window, and the values that each of them shows.

    Thread ownership: GUI thread.
    """

    def __init__(self) -> None:
        self._bindings: list[_Binding] = []

    def add(
        self,
        show: Callable[..., object],
        get_values: Callable[[OpenScan], tuple[Any, ...]],
        without_scan: tuple[Any, ...],
    ) -> None:
        """Have `show` called with values of the active scan whenever these have changed.

        It is called at the next update, and later at each update at which the values differ. Parts
        are updated in the order in which they were added.

        Parameters
        ----------
        get_values
            Returns the arguments of `show`.
        without_scan
            The arguments if no scan is open.
        """
        self._bindings.append(_Binding(show, get_values, without_scan))

    def show(self, scan: OpenScan | None) -> None:
        """Update every part whose values have changed since its last update."""
        for binding in self._bindings:
            values = binding.without_scan if scan is None else binding.get_values(scan)
            shown = binding.shown_values
            if shown is None or any(map(_differ, shown, values)):
                binding.shown_values = values
                binding.show(*values)


def _differ(old: object, new: object) -> bool:
    return old is not new and (
        isinstance(new, np.ndarray) or isinstance(old, np.ndarray) or old != new
    )
