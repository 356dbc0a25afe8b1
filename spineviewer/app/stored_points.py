"""The form in which sessions store points in the patient; msgspec checks their limits."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

#: Maximum number of corrections or points; a session with more is damaged.
MAX_STORED = 10_000
_Millimetres = Annotated[float, Meta(ge=-1e5, le=1e5)]
#: A point (LPS) in mm.
StoredPoint = tuple[_Millimetres, _Millimetres, _Millimetres]
