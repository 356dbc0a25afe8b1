"""The basis of the names of the vertebrae, and reasons to check the names."""

from __future__ import annotations

from spineviewer.labelling.vertebrae import CERTAIN, Convention, Naming, Vertebrae
from spineviewer.wording import enumerated, formatted_number, mark, worded

#: Basis of the names of the vertebrae.
_CONVENTIONS = {
    Convention.SET_BY_HAND: mark("Names set by hand"),
    Convention.HEAD: mark("Counted from C2"),
    Convention.RIBS: mark("Numbered from the ribs"),
    Convention.SACRUM: mark("Counted from the sacrum"),
    Convention.SPACING: mark("Named by vertebral size and spacing alone"),
}
_RECUT = mark("with vertebrae split or merged by hand")
#: The basis of names, as worded within a sentence.
_IN_SENTENCES = {
    Convention.SET_BY_HAND: mark("as set by hand"),
    Convention.HEAD: mark("if counted from C2"),
    Convention.RIBS: mark("if numbered from the ribs"),
    Convention.SACRUM: mark("if counted from the sacrum"),
    Convention.SPACING: mark("if named by vertebral size and spacing"),
}


def basis_of_names(naming: Naming) -> str:
    """Return what the names are based on, including manual splits and merges if they matter.

    Names set by hand are followed by what the program makes of them, unless it is certain, too.
    """
    basis = worded(_CONVENTIONS[naming.convention])
    if naming.convention is Convention.SET_BY_HAND:
        estimate = estimate_of_program(naming)
        return worded("{basis}; {estimate}", basis=basis, estimate=estimate) if estimate else basis
    return enumerated((basis, worded(_RECUT))) if naming.is_recut else basis


def estimate_of_program(naming: Naming) -> str:
    """Return how probable the program itself finds names set by hand; '' if it is certain."""
    unaided = naming.unaided
    if unaided is None or unaided.probability >= CERTAIN:
        return ""
    probability, best = _percent(unaided.probability), unaided.most_probable
    if best.probability <= unaided.probability:
        return worded(
            "probability according to the automatic naming: {probability}",
            probability=probability,
        )
    return worded(
        "the automatic naming favours {first} to {last} ({best}) over these names ({probability})",
        first=best.names[0],
        last=best.names[-1],
        best=_percent(best.probability),
        probability=probability,
    )


def _percent(probability: float) -> str:
    if probability < 0.005:
        return worded("under 1%")
    return formatted_number(100 * probability, ".0f", "%")


def names_to_check(vertebrae: Vertebrae) -> str:
    """Return a sentence saying why the names should be checked; empty if there is no need."""
    naming = vertebrae.naming
    if not len(vertebrae):
        return next(iter(naming.warnings), "")
    if naming.convention is Convention.SET_BY_HAND:
        return ""
    if naming.caution:
        return naming.caution
    first, last = vertebrae.bodies[0].name, vertebrae.bodies[-1].name
    if not naming.is_orientation_known:
        return worded(
            "The file does not state the orientation, so {first} to {last} may be named from the "
            "wrong end. Check the names.",
            first=first,
            last=last,
        )
    if naming.renamed:
        return naming.renamed
    probability = formatted_number(100 * naming.probability, ".0f", "%")
    if naming.convention is Convention.SPACING and not naming.is_likely:
        return worded(
            "The levels of the vertebrae are unknown. By vertebral size and spacing alone, "
            "{first} to {last} is the best guess, with a probability of {probability}. If you know "
            "the level of one vertebra, set its name.",
            first=first,
            last=last,
            probability=probability,
        )
    if naming.convention is Convention.SPACING:
        return worded(
            "Named by vertebral size and spacing alone, so the names may be off by one "
            "level or more. The probability that {first} to {last} is correct is "
            "{probability}.",
            first=first,
            last=last,
            probability=probability,
        )
    other = next((a for a in naming.alternatives if a.convention is not naming.convention), None)
    if other is not None:
        return worded(
            "The vertebrae are {first} to {last} {convention} ({probability}), but {other_first} "
            "to {other_last} {other_convention}. Check the names.",
            first=first,
            last=last,
            convention=worded(_IN_SENTENCES[naming.convention]),
            probability=probability,
            other_first=other.names[0],
            other_last=other.names[-1],
            other_convention=worded(_IN_SENTENCES[other.convention]),
        )
    if not naming.is_certain:
        return worded(
            "The names of the vertebrae are uncertain: the probability that "
            "{first} to {last} is correct is {probability}. Check the names.",
            first=first,
            last=last,
            probability=probability,
        )
    return ""
