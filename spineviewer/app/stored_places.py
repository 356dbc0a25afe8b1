"""Places in the patient as sessions store them; msgspec checks their limits."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

#: A session with more corrections or points is damaged.
MAX_STORED = 10_000
_Millimetres = Annotated[float, Meta(ge=-1e5, le=1e5)]
#: Left, posterior and superior in mm.
StoredPlace = tuple[_Millimetres, _Millimetres, _Millimetres]
