"""Which causes fit: a sum of evidence, shown in bands and never as percentages.

A cause whose ``needs`` is false is out. Otherwise each true piece of evidence adds its weight: strong 3, some 1,
negative when it speaks against. Undecided evidence adds nothing. The weights order explanations for a person;
they say nothing about how likely an illness is, and levels never depend on them.
"""

from __future__ import annotations

from bot.flow.model import Cause, Flow
from bot.flow.outcome import Band, Fit

STRONG = 3
SOME = 1
FITS_WELL = 6
FITS_PARTLY = 3
FITS_LESS = 1


def rank(flow: Flow, yes: int, no: int) -> tuple[Fit, ...]:
    """All causes with a score of at least `FITS_LESS`, best first; equal scores keep the flow's order."""
    fits = [_fit(cause, yes, no) for cause in flow.causes if cause.needs.value(yes, no) is not False]
    fitting = [fit for fit in fits if fit.score >= FITS_LESS]
    return tuple(sorted(fitting, key=lambda fit: -fit.score))


def band(score: int) -> Band:
    """The band of a score."""
    if score >= FITS_WELL:
        return Band.WELL
    return Band.PARTLY if score >= FITS_PARTLY else Band.LESS


def _fit(cause: Cause, yes: int, no: int) -> Fit:
    speaks_for: list[str] = []
    speaks_against: list[str] = []
    would_change: list[str] = []
    score = 0
    for evidence in cause.evidence:
        holds = evidence.when.value(yes, no)
        if holds is True:
            score += evidence.weight
            (speaks_for if evidence.weight > 0 else speaks_against).append(evidence.id)
        elif evidence.weight >= STRONG:
            would_change.append(evidence.id)
    return Fit(cause.id, score, band(score), tuple(speaks_for), tuple(speaks_against), tuple(would_change))
