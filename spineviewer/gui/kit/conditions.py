"""Conditions shared by commands of several subpackages."""

from __future__ import annotations

from spineviewer.gui.kit.command import Condition
from spineviewer.wording import mark

#: A mask with the current thresholds exists or can be computed.
MASK = Condition(
    lambda context: context.parts is not None and context.parts.is_mask_possible,
    mark("needs a mask: segment first"),
)
#: There is a mask to correct, even if its computation has not finished.
CORRECTABLE_MASK = Condition(
    lambda context: context.parts is not None and context.parts.is_correctable,
    mark("needs a mask: segment first"),
)
DICOM_SLICES = Condition(
    lambda context: (
        context.parts is not None and context.parts.state.scan.source.slices is not None
    ),
    mark("needs DICOM slices; this scan came from another format or a zip file, or was resampled"),
)
SEVERAL_SCANS = Condition(
    lambda context: len(context.workspace.scans) > 1, mark("needs another open scan")
)
