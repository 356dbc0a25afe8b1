"""OpenVINO without its telemetry: the only module that imports it.

`import openvino` sends usage data by default, through a library that its tools package calls. If
that library is replaced by None before the first import, OpenVINO uses its own empty stub.
"""

import sys

sys.modules["openvino_telemetry"] = None  # type: ignore[assignment]  # the documented way to make an import fail

import openvino  # noqa: E402
import openvino.opset13 as opset  # noqa: E402

__all__ = ["openvino", "opset"]
