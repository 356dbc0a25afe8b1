"""The devices that compute faster in bfloat16 than in float32."""

from __future__ import annotations

import torch


def has_bfloat16(device: torch.device) -> bool:
    """Return whether a device computes bfloat16 natively."""
    if device.type != "cpu":
        return True
    capabilities = torch.cpu.get_capabilities()
    return bool(capabilities.get("avx512_bf16") or capabilities.get("amx_bf16"))
