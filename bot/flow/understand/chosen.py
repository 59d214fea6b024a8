"""Which options of one question a text chooses: surely, as several ways, all but some, none, or *not sure*."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping
from itertools import product

from bot.flow.model import Choose
from bot.flow.understand.asked import Said, only_in_one
from bot.flow.understand.card import MOST_WAYS, NOTHING, Card, Chosen
from bot.flow.understand.hits import Hit
from bot.flow.understand.patterns import Span
from bot.flow.understand.text import Break
from bot.flow.understand.told import Text
from bot.flow.understand.vocabulary import Place
from bot.flow.understand.whole import whole

_MAYBE_REACH = 2
"""Words after a *maybe* within which something is only perhaps so."""

_LEFT_BESIDE_TOPIC = 1
"""Words that may be left over beside one that only names what is asked about."""

_MOST_OF = 0.6
"""Of the words of a label, the least part that has to be said where the question has words of its own."""

_SHARE = 0.5
"""Of what a text says, the least part that has to be words of an option's own label."""


_ALL_NEAR = 2
"""Words before a *normal* within which an *all* makes it one for a whole list."""


def chosen(text: Text, card: Card) -> Chosen:
    """What a text chooses of the options that are offered."""
    none = card.none
    found = text.hits(card.entry, frozenset((*card.choices, none) if none else card.choices))
    if card.needs:
        found = _near(text, found, card.needs)
    if not found and card.needs is None:
        found = _by_label(text, card)
    some = _telling(text, card, [hit for hit in found if not hit.denied and none not in hit.options])
    if card.needs is None and (special := whole(text, card, found, some)) is not None:
        return special
    doubted = text.scope.unsure_reach()
    sure = [hit for hit in some if hit.start not in doubted]
    unsure = NOTHING if card.question.unsure is None else Chosen(Chosen.Kind.UNSURE)
    if not sure and text.scope.places(Said.UNSURE):
        ways = dict.fromkeys(option for hit in some for option in hit.options)
        if 1 < len(ways) <= MOST_WAYS:
            return Chosen(Chosen.Kind.OPTIONS, tuple((option,) for option in ways))
        return unsure if _is_unsure(text) else NOTHING
    if not some:
        return unsure if card.needs is None and text.is_only({Said.MAYBE}) else NOTHING
    return _combined(text, card, sure or some)


def _is_unsure(text: Text) -> bool:
    """Whether *not sure* is what is said, rather than that nobody looked, after something that may be so."""
    scope = text.scope
    glances = {place.start for place in scope.places(Said.GLANCE)}
    plain = any(place.start not in glances for place in scope.places(Said.UNSURE))
    return plain or not text.left(scope.tokens(Said.UNSURE, Said.GLANCE), Said.YES, Said.NO)


def _near(text: Text, found: list[Hit], needs: tuple[str, ...]) -> list[Hit]:
    """The hits in whose statement one of the needed concepts is named."""
    statement = text.reading.statement
    with_needs = {
        statement[place.start]
        for name in needs
        for place in text.reading.places.get(name, ())
        if not text.scope.named(place)[1]
    }
    return [hit for hit in found if statement[hit.start] in with_needs]


def _telling(text: Text, card: Card, some: list[Hit]) -> list[Hit]:
    """Without what only names a thing where all is said to be normal; of two times, without the earlier one.

    *Wiping feels normal* is not numbness; *it was better, but now worse* is worse.
    """
    if card.none is not None and any(hit.bare for hit in some):
        some = _without_normal(text, some)
    if any(hit.topic for hit in some):
        some = _without_topics(text, some)
    if card.question.choose is Choose.ONE:
        for now in text.scope.places(Said.BUT_NOW):
            later = [hit for hit in some if hit.start >= now.start]
            if later and len(later) < len(some):
                return later
    return some


def _without_normal(text: Text, some: list[Hit]) -> list[Hit]:
    """Without single words in a clause that says *normal*; past a comma only what is listed.

    *Sight, speech and balance all fine*; but a cancer stays in *cancer, all clear now*, a limp in *a limp, else ok*.
    """
    scope, tokens = text.scope, text.reading.tokens
    normal = sorted(scope.normal(some))
    clauses = {scope.clause(at) for at in normal}
    starts = sorted(hit.start for hit in some)
    breaks = [0]
    for token in tokens:
        breaks.append(breaks[-1] + (token.before is not Break.NONE))
    all_ = scope.tokens(Said.ALL)

    def is_normal(hit: Hit) -> bool:
        clause = scope.clause(hit.start)
        if not hit.bare or clause not in clauses:
            return False
        if hit.topic:
            return True
        place = bisect_left(normal, hit.end)
        for at in normal[max(0, place - 1) : place + 1]:
            if scope.clause(at) != clause:
                continue
            first, last = (hit.end, at + 1) if at >= hit.end else (at + 1, hit.start + 1)
            if breaks[last] == breaks[first]:
                return True
            alone = bisect_left(starts, hit.end) == bisect_left(starts, at)
            if at >= hit.end and alone and not all_.isdisjoint(range(at - _ALL_NEAR, at)):
                return tokens[at].before is Break.NONE and breaks[at + 1] - breaks[hit.end] > 1
        return False

    return [hit for hit in some if not is_normal(hit)]


def _without_topics(text: Text, some: list[Hit]) -> list[Hit]:
    """Without what only names a thing, where something fuller stands beside it or more is said than that."""
    fuller = {text.scope.clause(hit.start) for hit in some if not hit.topic}
    covered = {at for hit in some for at in hit.used}
    but = (Said.EXCEPT, Said.FINE, Said.NONE) if text.scope.places(Said.EXCEPT) else ()  # "all fine except my speech"
    left = text.left(covered, Said.YES, Said.OPTION, Said.JOIN, Said.ALL, *but)
    return [
        hit
        for hit in some
        if not hit.topic or (len(left) <= _LEFT_BESIDE_TOPIC and text.scope.clause(hit.start) not in fuller)
    ]


# --- options --------------------------------------------------------------------------------------------------------


def _combined(text: Text, card: Card, found: list[Hit]) -> Chosen:
    """What hits choose together."""
    choices, one = card.choices, card.question.choose is not Choose.ANY
    beats = card.entry.beats
    left_open = one and len(found) > 1 and (bool(text.scope.places(Said.OR)) or _is_maybe(text, found))
    beaten = set() if left_open else {each for hit in found for each in _beaten(hit, beats)}
    found = [hit for hit in found if not beaten.issuperset(hit.options)]
    single = [hit.options[0] for hit in found if len(hit.options) == 1]
    if any(not hit.vague for hit in found):
        others = _others(text, found) if left_open else set()
        found = [hit for hit in found if not hit.vague or hit in others]
    settled = set() if one else set(single)
    open_ = _narrowed([hit for hit in found if len(hit.options) > 1 and settled.isdisjoint(hit.options)])
    single = [*single, *(options[0] for options in open_ if len(options) == 1)]
    open_ = [options for options in open_ if len(options) > 1]
    chosen_ = tuple(choice for choice in choices if choice in single and choice not in beaten)
    if one or (len(chosen_) > 1 and _is_or(text, found)):
        ways = dict.fromkeys((*chosen_, *(option for options in open_ for option in options if option not in beaten)))
        several: tuple[tuple[str, ...], ...] = tuple((option,) for option in ways)
    else:
        every = [{*chosen_, *each} for each in product(*open_[:2])]
        several = tuple(dict.fromkeys(tuple(choice for choice in choices if choice in some) for some in every))
    return Chosen(Chosen.Kind.OPTIONS, several) if 1 <= len(several) <= MOST_WAYS else NOTHING


def _is_maybe(text: Text, found: list[Hit]) -> bool:
    """Whether a *maybe* stands right before one of several: *the left, maybe both*."""
    starts = {hit.start for hit in found}
    first, clause = min(starts), text.scope.clause
    return any(
        place.start > first and at in starts and clause(at) == clause(place.start)
        for place in text.scope.places(Said.MAYBE)
        for at in range(place.end, place.end + _MAYBE_REACH + 1)
    )


def _others(text: Text, found: list[Hit]) -> set[Hit]:
    """What is left open, and an *or* stands between it and something clear: *weeks or months*."""
    ors = sorted(place.start for name in (Said.OR, Said.MAYBE) for place in text.scope.places(name))
    clear = [hit for hit in found if not hit.vague]
    first, last = min(hit.end for hit in clear), max(hit.start for hit in clear)
    return {hit for hit in found if hit.vague and (_any_in(ors, hit.end, last) or _any_in(ors, first, hit.start))}


def _any_in(places: list[int], begin: int, end: int) -> bool:
    return bisect_left(places, begin) < bisect_left(places, end)


def _beaten(hit: Hit, beats: Mapping[str, frozenset[str]]) -> frozenset[str]:
    """What every option that some words can mean stands for."""
    none: frozenset[str] = frozenset()
    return frozenset.intersection(*(beats.get(option, none) for option in hit.options))


def _narrowed(found: list[Hit]) -> list[tuple[str, ...]]:
    """What several open hits leave together: two times that overlap mean what both can mean."""
    narrowed: list[tuple[str, ...]] = []
    for hit in found:
        for place, options in enumerate(narrowed):
            common = tuple(option for option in options if option in hit.options)
            if common:
                narrowed[place] = common
                break
        else:
            narrowed.append(hit.options)
    return narrowed


def _is_or(text: Text, found: list[Hit]) -> bool:
    """Whether it is left open which: *not sure if weak or stiff*, *either hip or groin*, *weak or just stiff*."""
    scope = text.scope
    ors = {place.end for place in scope.places(Said.OR)}
    hedges = {place.start for name in (Said.CONTRAST, Said.MAYBE, Said.HEDGE) for place in scope.places(name)}
    doubt = scope.places(Said.UNSURE) or scope.places(Said.WHICH) or not ors.isdisjoint(hedges)
    perhaps = len(scope.places(Said.MAYBE)) > 1  # "maybe weak, maybe just tired"
    return (perhaps or (bool(doubt) and bool(ors))) and len(found) > 1


def _by_label(text: Text, card: Card) -> list[Hit]:
    """Words that stand in the label or text of one option only, where they are most of what is said."""
    choices, labels = card.choices, card.labels
    owner = only_in_one(labels, choices)
    scope = text.scope
    found: list[Hit] = []
    said = text.left(scope.tokens(Said.YES, Said.NO, Said.NONE, Said.DENY, Said.UNSURE, Said.FINE, Said.ALL))
    if not text.claimed.isdisjoint(said) or scope.lapsed(card.entry.lapse, found):
        return []
    for at in said:
        option = owner.get(text.reading.tokens[at].stem)
        if option is not None and text.reading.statement[at] not in text.asked:
            denied = scope.denied(Span(at, at + 1, (Place(at, at + 1),)))
            found.append(Hit((option,), frozenset({at}), denied))
    shared = {word for option in choices if option in labels for word in labels[option].words}
    known = sum(text.reading.tokens[at].stem in shared for at in said)
    least = max(2, len(said)) if card.entry.options else _SHARE * len(said)
    if not found or known < least:
        return []
    return found if not card.entry.options or _retells(text, card, said, found) else []


def _retells(text: Text, card: Card, said: list[int], found: list[Hit]) -> bool:
    """Whether most of one label of each option that is found is said."""
    stems = {text.reading.tokens[at].stem for at in said}
    return all(
        any(len(stems & each) >= _MOST_OF * len(each) for each in card.labels[hit.options[0]].texts) for hit in found
    )
