"""Answers that a whole message is: no to all, yes, all of them, *the second one*."""

from __future__ import annotations

from bot.flow.model import Choose
from bot.flow.understand.asked import Said
from bot.flow.understand.card import NOTHING, Card, Chosen
from bot.flow.understand.hits import Hit
from bot.flow.understand.text import Break
from bot.flow.understand.told import Text
from bot.flow.understand.vocabulary import Place

_ALL_ALONE = 2
"""Words of a message in which *all* alone means every option."""

_NOT_REACH, _NEAR = 3, 2
"""Words behind a *not* within which it takes an option back, and words before a *hard* within which one denies it."""

_IDLE = (
    Said.NO, Said.NONE, Said.FINE, Said.DENY, Said.JOIN, Said.OR, Said.SUBJECT, Said.DENY_AFTER, Said.CONTRAST
)  # fmt: skip
"""What a *no* to all can hold beside what it denies."""


def whole(text: Text, card: Card, found: list[Hit], some: list[Hit]) -> Chosen | None:
    """A whole message that asks back, says yes, no, all of them, or which one by its place."""
    if text.is_asking_back:
        return NOTHING
    all_ = _by_place(text, card)
    if all_ is None and card.question.choose is Choose.ANY:
        all_ = _all(text, card.choices, some)
    return all_ if all_ is not None or some else _yes_no(text, card, found)


def _yes_no(text: Text, card: Card, found: list[Hit]) -> Chosen | None:
    choices = card.choices
    meant = card.none or card.entry.no
    if meant is not None and meant in (*choices, card.none) and _is_none(text, found, card):
        return Chosen(Chosen.Kind.NONE, ((meant,),))
    if text.is_only({Said.YES}):
        only = card.entry.yes or (choices[0] if len(choices) == 1 else None)
        return Chosen(Chosen.Kind.OPTIONS, ((only,),)) if only is not None and only in choices else NOTHING
    return None


def _is_none(text: Text, found: list[Hit], card: Card) -> bool:
    """Whether a message clearly says *none of these* and nothing that could be something else."""
    scope = text.scope
    nones = [hit for hit in found if card.none in hit.options]
    meant = {at for hit in nones if not hit.denied for at in hit.used}
    excepted = scope.tokens(Said.EXCEPT) - meant - scope.tokens(Said.RETRACT)  # "fine apart from the leg", "but not me"
    if (nones and not meant) or excepted or scope.places(Said.UNSURE):
        return False
    denied = [hit for hit in found if hit.denied]
    calm = scope.tokens(*card.entry.calm)
    places = [*scope.places(Said.NO), *scope.places(Said.NONE)]
    longer = {place.start for place in places if place.end - place.start > 1}
    whole = [
        place
        for place in places
        if not (place.start in longer and place.end - place.start == 1)
        and _stands_alone(text, place, calm | scope.tokens(Said.FINE, Said.UNABLE))
    ]
    covered = {at for hit in (*nones, *denied) for at in hit.used} | calm
    own = meant | {at for place in whole for at in range(place.start, place.end)}
    if any(place.end - place.start > 1 for place in whole):
        own |= scope.tokens(Said.NO)
        if not all(place.start in scope.tokens(Said.RETRACT) for place in whole):
            covered |= text.lapsed | scope.tokens(Said.RETRACT)  # "my mum had it, none of these for me"
            covered |= {at for time in text.times for at in range(time.start, time.end)}
    if text.left(covered, *_IDLE) or not _is_harmless(text, denied, own, calm if nones else set()):
        return False
    return bool(nones or whole)


def _is_harmless(text: Text, denied: list[Hit], own: set[int], calm: set[int]) -> bool:
    """Whether every *not* takes an option back (not *it is not the same*), and every *cannot* or *hard* is denied."""
    scope = text.scope
    starts = {hit.start for hit in denied}
    for place in scope.places(Said.DENY):
        if place.start not in own and starts.isdisjoint(range(place.start, place.end + _NOT_REACH)):
            return False
    denials = scope.tokens(Said.DENY)
    return scope.tokens(Said.NOT_DENYING) <= scope.tokens(Said.CORRECT) | own and all(
        place.start in own or place.start in calm or not denials.isdisjoint(range(place.start - _NEAR, place.start))
        for place in scope.places(Said.UNABLE)
    )


def _stands_alone(text: Text, no: Place, qualified: set[int]) -> bool:
    """Whether a *no* is an answer by itself, not one about the words after it (``qualified``: *nothing works*)."""
    tokens = text.reading.tokens
    if no.start in text.scope.tokens(Said.NO_ONLY):
        return True
    if no.end >= len(tokens) or tokens[no.end].before is not Break.NONE:
        return True
    if no.end - no.start > 1:
        return no.end not in qualified or text.scope.tokens(Said.DENY).isdisjoint(range(no.start, no.end))
    return no.end in text.scope.tokens(Said.POLITE, Said.NO, Said.NONE, Said.SUBJECT, Said.CONTRAST)


def _all(text: Text, choices: tuple[str, ...], some: list[Hit]) -> Chosen | None:
    """*all of them*, *everything except numb*."""
    places = text.scope.places(Said.ALL)
    if not places:
        return None
    whole = text.end - text.begin
    if (
        all(place.end - place.start == 1 for place in places)
        and whole > _ALL_ALONE
        and not text.scope.places(Said.EXCEPT)
    ):
        return None
    excepted = text.scope.places(Said.EXCEPT)
    fine = [*text.scope.places(Said.FINE), *text.scope.places(Said.NONE)]
    if any(not excepted or place.start < excepted[0].start for place in fine):
        return None  # "all well", "all fine apart from my arm"
    if excepted and places[0].start > excepted[0].start:
        return None  # "no, except sitting all day"
    if not excepted:
        only = text.is_only({Said.ALL}, Said.YES, Said.WHICH)
        return Chosen(Chosen.Kind.OPTIONS, (choices,)) if only and choices else None
    out = {option for hit in some if hit.start > excepted[0].start for option in hit.options}
    left = tuple(choice for choice in choices if choice not in out)
    return Chosen(Chosen.Kind.OPTIONS, (left,)) if out and left else NOTHING


def _by_place(text: Text, card: Card) -> Chosen | None:
    """*the first one*, *option 2*, *the last one*."""
    choices = card.choices
    named = [sign for sign in text.signs if sign.get("ord") is not None or sign.get("num") is not None]
    last = [sign for sign in text.signs if sign.cue("last")]
    which = text.scope.places(Said.OPTION)
    if not which or not (named or last):
        return None
    if text.scope.places(Said.NO) or text.scope.places(Said.DENY):
        return None  # "no to the first" names an option and does not choose it
    commands = text.scope.tokens(Said.BACK, Said.CHANGE)
    if any(sign.start in commands for sign in (*named, *last)):
        return None  # "change my last one"
    covered = {at for sign in (*named, *last) for at in range(sign.start, sign.end)}
    if text.left(covered, Said.OPTION, Said.JOIN, Said.YES, Said.OR):
        return None
    places = [
        int(float(sign.get("ord") or sign.kinds["num"]))
        for sign in named
        if not (sign.number == 1 and not sign.is_digits and len(named) > 1)
    ]
    if last:
        places = [len(choices)]
    chosen_ = tuple(dict.fromkeys(choices[place - 1] for place in places if 1 <= place <= len(choices)))
    if not chosen_ or (len(chosen_) > 1 and card.question.choose is not Choose.ANY):
        return NOTHING
    return Chosen(Chosen.Kind.OPTIONS, (chosen_,))
