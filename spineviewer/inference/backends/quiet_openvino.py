"""OpenVINO without telemetry; no other module imports it directly.

By default, `import openvino` sends usage data through a library. If this library is replaced by
None before the first import, OpenVINO uses an empty stub instead. The converter of other programs'
models, which this program does not use, is left out in the same way, because importing it takes
0.03 s.
"""

import sys

for name in ("openvino_telemetry", "openvino.tools.ovc"):
    sys.modules[name] = None  # type: ignore[assignment]  # the documented way to make an import fail

import openvino  # noqa: E402
import openvino.opset13 as opset  # noqa: E402

__all__ = ["openvino", "opset"]
