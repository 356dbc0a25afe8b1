"""The label maps from which scans are synthesised, prepared once and cached in a folder."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from spineviewer.errors import ImageReadError, UsageError
from spineviewer.io.images.loading import read_labels
from spineviewer.progress import Progress
from spineviewer.training.synthetic.anatomy import (
    TOTALSEGMENTATOR_VERTEBRAE,
    Anatomy,
    LabelVolume,
    anatomy_of,
    verse_numbers,
)
from spineviewer.training.synthetic.necks import neck_of
from spineviewer.volume.levels import VERSE_ORDER

#: Label maps of torsos with organs, and how often each is drawn.
TORSOS = {
    "ts-s0327": 3.0,
    "ts-s0328": 2.0,
    "lidc0001-full": 1.5,
    "ts-example": 0.7,
    "zanatomy": 1.0,
}
#: Pairs of a vertebra-only map and the torso into which it is grafted, and how often each pair is
#: drawn.
GRAFTS = {
    ("ctacardio-meshes", "ts-s0327"): 2.0,
    ("vhp-male-lumbosacral", "ts-s0327"): 1.2,
    ("vhp-male-lumbosacral", "ts-s0328"): 0.8,
    ("verse004", "ts-s0327"): 1.5,
    ("verse004", "ts-s0328"): 1.0,
    ("verse005", "ts-s0328"): 1.0,
    ("verse005", "ts-s0327"): 0.7,
    ("verse010", "ts-s0327"): 1.0,
    ("verse010", "ts-s0328"): 1.0,
    ("verse009", "ts-s0327"): 1.5,
    ("verse009", "ts-s0328"): 1.0,
}

#: Cervical maps, around which a neck and a head are generated, and how often each is drawn.
NECKS = {"verse-gl003": 2.0, "verse-gl017": 2.0, "artisynth-cervical": 1.2}

#: Anatomies that extend farthest around the spine, for scans with a full field of view: the map, or
#: the vertebra-only map and its torso, and how often each is drawn.
WHOLE_BODIES: dict[tuple[str, str | None], float] = {
    ("zanatomy", None): 2.0,
    ("ts-s0327", None): 2.0,
    ("lidc0001-full", None): 1.5,
    ("ts-s0328", None): 1.0,
    ("ts-example", None): 0.7,
    ("verse-gl003", "zanatomy"): 1.0,
    ("verse-gl017", "zanatomy"): 1.0,
    ("ctacardio-meshes", "ts-s0327"): 1.0,
}
#: Label values of the map `zanatomy`, and the values that `anatomy` uses for them.
_OWN_NUMBERS = {
    201: 25,
    202: 91,
    203: 91,
    204: 207,
    205: 89,
    206: 206,
    **dict.fromkeys(range(210, 233), 201),
}
_SKULL, _BRAIN, _REST = 91, 90, 206


@dataclass(frozen=True)
class LabelSource:
    """One anatomy from which scans can be synthesised.

    Attributes
    ----------
    weight
        How often it is drawn, relative to the others.
    """

    anatomy: Anatomy
    weight: float = 1.0


def prepared_sources(
    data: Path, prepared: Path, progress: Progress, names: Collection[str] = ()
) -> list[LabelSource]:
    """Return the sources of `data`/labelmaps, prepared once (about a minute each).

    The prepared sources are stored in `prepared`.

    Parameters
    ----------
    names
        Only these ('ts-s0327', 'ts-s0327+verse009'); all if empty.

    Raises
    ------
    ImageReadError
        When the folder has no label maps.
    UsageError
        When a name is unknown.
    """
    wanted: list[tuple[str, str | None, float]] = [
        (torso, None, weight) for torso, weight in TORSOS.items()
    ]
    wanted += [(torso, graft, weight) for (graft, torso), weight in GRAFTS.items()]
    wanted += [(neck, None, weight) for neck, weight in NECKS.items()]
    return _prepared(_named(wanted, names), data, prepared, progress)


def prepared_bodies(
    data: Path, prepared: Path, progress: Progress, names: Collection[str] = ()
) -> list[LabelSource]:
    """Return the sources of `WHOLE_BODIES`, as `prepared_sources` does.

    Raises
    ------
    ImageReadError
        When the folder has no label maps.
    UsageError
        When a name is unknown.
    """
    wanted: list[tuple[str, str | None, float]] = [
        (first, None, weight) if torso is None else (torso, first, weight)
        for (first, torso), weight in WHOLE_BODIES.items()
    ]
    return _prepared(_named(wanted, names), data, prepared, progress)


def _name(torso: str, graft: str | None) -> str:
    return torso if graft is None else f"{torso}+{graft}"


def _named(
    wanted: list[tuple[str, str | None, float]], names: Collection[str]
) -> list[tuple[str, str | None, float]]:
    known = [_name(torso, graft) for torso, graft, _ in wanted]
    unknown = sorted(set(names) - set(known))
    if unknown:
        raise UsageError(
            f"Unknown label maps: {', '.join(unknown)}. Available: {', '.join(known)}."
        )
    return [one for one, name in zip(wanted, known, strict=True) if not names or name in names]


def _prepared(
    wanted: list[tuple[str, str | None, float]], data: Path, prepared: Path, progress: Progress
) -> list[LabelSource]:
    maps = data / "labelmaps"
    if not maps.is_dir():
        raise ImageReadError(
            f"{data} has no folder 'labelmaps'. Set the data folder with --data or "
            f"SPINEVIEWER_DATA."
        )
    sources = []
    for done, (torso, graft, weight) in enumerate(wanted):
        progress.step("label maps", done / len(wanted))
        folder = prepared / _name(torso, graft)
        if not (folder / "levels.npy").exists():
            base = read_label_volume(maps / torso)
            if torso in NECKS:
                anatomy = neck_of(base)
            else:
                anatomy = anatomy_of(
                    base, None if graft is None else read_label_volume(maps / graft)
                )
            anatomy.save(folder)
        sources.append(LabelSource(Anatomy.load(folder), weight))
    progress.step("label maps", 1.0)
    return sources


def read_label_volume(folder: Path) -> LabelVolume:
    """Return the label map of one case folder (`mask.nii.gz`, `meta.json`) in canonical order.

    Raises
    ------
    ImageReadError
        When a file cannot be read.
    """
    try:
        table = json.loads((folder / "meta.json").read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ImageReadError(
            f"{folder / 'meta.json'} cannot be read ({error}). Copy the label map again from its "
            "source."
        ) from error
    names = table.get("vertebra_values")
    if names:
        vertebrae = verse_numbers(names)
    elif str(table.get("labels", "")).startswith("VerSe"):
        vertebrae = {number: number for number in VERSE_ORDER}
    else:
        vertebrae = TOTALSEGMENTATOR_VERTEBRAE
    labels, geometry, _ = read_labels(folder / "mask.nii.gz")
    if folder.name == "zanatomy":
        labels = _in_common_numbers(labels)
    return LabelVolume(labels, geometry.spacing_zyx_mm, vertebrae, folder.name)


def _in_common_numbers(labels: NDArray[np.integer]) -> NDArray[np.uint8]:
    """Return the map `zanatomy`, shape (z, y, x), with the label values that the other maps use.

    The region enclosed by the skull becomes brain.
    """
    table = np.arange(256, dtype=np.uint8)
    for own, common in _OWN_NUMBERS.items():
        table[own] = common
    known: NDArray[np.uint8] = table[labels]
    for plane in known:
        skull = plane == _SKULL
        if skull.any():
            plane[ndimage.binary_fill_holes(skull) & (plane == _REST)] = _BRAIN
    return known
