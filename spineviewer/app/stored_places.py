"""The form in which sessions store points in the patient; msgspec checks their limits."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

#: Maximum number of corrections or points; a session with more is damaged.
MAX_STORED = 10_000
_Millimetres = Annotated[float, Meta(ge=-1e5, le=1e5)]
#: Towards the patient's left, back and head (LPS), in mm.
StoredPlace = tuple[_Millimetres, _Millimetres, _Millimetres]
