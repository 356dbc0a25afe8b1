"""Long names on little room."""

from __future__ import annotations


def shortened(text: str, longest: int) -> str:
    """Long names lose their middle, where series numbers rarely stand."""
    if len(text) <= longest:
        return text
    half = (longest - 1) // 2
    return f"{text[:half]}…{text[-half:]}"
