"""The networks, loaded on a device.

This module does not import numba, so that one thread can load the networks while another imports
numba.
"""

from __future__ import annotations

import time
from contextlib import suppress

from spineviewer.errors import InferenceError
from spineviewer.inference.backends.backend import Backend, BackendOutOfMemory
from spineviewer.inference.device import DeviceChoice, choose_device, load_backend, precision_note
from spineviewer.inference.grid import likely_size
from spineviewer.model import ModelConfiguration
from spineviewer.volume.geometry import Geometry
from spineviewer.volume.working_grid import working_geometry


class LoadedNetworks:
    """Both networks on a device, ready to be compiled for a scan.

    Thread ownership: one thread at a time.

    Parameters
    ----------
    device
        'auto', 'cpu', 'cuda', 'mps' or 'intel-gpu'.

    Raises
    ------
    UsageError, InferenceError
        When the device is unknown, or cannot be used.
    ModelError
        When the weights cannot be used.
    """

    def __init__(self, device: str, configuration: ModelConfiguration) -> None:
        started = time.perf_counter()
        self.configuration = configuration
        self.chosen: DeviceChoice = choose_device(device)
        self.backend: Backend = load_backend(self.chosen, configuration)
        self.seconds = time.perf_counter() - started

    @property
    def message(self) -> str:
        """Sentences that describe the device and the precision."""
        note = precision_note(self.backend, self.configuration)
        return " ".join(filter(None, (self.chosen.message, note)))

    def expect(self, scan: Geometry) -> None:
        """Compile the networks for a scan's slices in advance.

        A failure here is reported when the scan is segmented.
        """
        rows, columns, _ = working_geometry(scan).shape_zyx
        size = likely_size(
            rows, columns, max_voxels=self.backend.memory_bytes // self.backend.bytes_per_voxel
        )
        if size is not None:
            with suppress(InferenceError, BackendOutOfMemory):
                self.backend.make_ready(size)
