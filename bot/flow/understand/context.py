"""What surrounds words changes what they say: denied, long past, about others, only supposed, or cleared by a doctor.

A text is cut into clauses. A *no* reaches to the end of its clause, and through a list (*no pain, fever or numbness*);
not past a *but*, and not into what a new subject begins (*no pain and I can't pee*).
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from itertools import pairwise

from bot.flow.understand.heard import Why
from bot.flow.understand.patterns import Span
from bot.flow.understand.text import Break
from bot.flow.understand.vocabulary import Place, Reading


class Cue(StrEnum):
    """The concepts that each language has to give, beside those that its own patterns name."""

    DENY = "deny"
    NOT_DENYING = "not_denying"
    DENY_AFTER = "deny_after"
    CONTRAST = "contrast"
    PREDICATE = "predicate"
    JOIN = "join"
    LISTING = "listing"
    SUBJECT = "subject"
    PAST = "past"
    RECENT = "recent"
    LONG = "long"
    UNCHANGED = "unchanged"
    UNREAL = "unreal"
    REAL = "real"
    WHENEVER = "whenever"
    SUPPOSE = "suppose"
    DOUBT = "doubt"
    CLEARED = "cleared"
    REFERS_BACK = "refers_back"
    WHILE_AGO = "while_ago"
    OPENER = "opener"
    PRONOUN = "pronoun"
    OPINION = "opinion"
    MODAL = "modal"
    DOING = "doing"
    ASKING = "asking"
    EVER = "ever"
    IN = "in"
    SINCE = "since"
    PAST_YEAR = "past_year"
    OWNED = "owned"
    FIRST_PERSON = "first_person"
    BEGAN = "began"
    PERSON = "person"


REACH, LIST_REACH = 4, 14
"""Words that say something which a *no* reaches over, and over which it does in a list."""

ITEM = 4
"""The same in one item of a list."""

CLEARED_REACH, PAST_REACH = 8, 10
"""The same for what a doctor has cleared, and for what was long ago."""


class Context:
    """The surroundings of one text's words."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading
        self._clause = self._clauses(Cue.SUBJECT, Cue.PREDICATE)
        self._told = self._clauses(Cue.SUBJECT)
        unharmed = self._places(Cue.NOT_DENYING)
        self._deny = [
            place for place in self._places(Cue.DENY) if not _within(place, unharmed) and not self._is_answer(place)
        ]
        self._asking = self._questions(Cue.OPENER)
        self._asking_about = self._questions(Cue.ASKING)
        self._known: dict[tuple[Span, tuple[Place, ...]], Why | None] = {}

    def why_not(self, span: Span, used: tuple[Place, ...] = ()) -> Why | None:
        """Why words are not to be taken as they stand; None where nothing speaks against it.

        ``used``: places beside the span's own that are a part of what is said, such as the *not* of *not able*.
        """
        key = span, used
        if key not in self._known:
            self._known[key] = self._why_not(span, (*span.used, *used))
        return self._known[key]

    def _why_not(self, span: Span, used: tuple[Place, ...]) -> Why | None:
        if self._unreal(span):
            return Why.OTHERS
        if span.timing:
            return None
        if self._denied(span, used):
            return Why.DENIED
        if self._cleared(span):
            return Why.REASSURED
        if not span.timeless and self._past(span):
            return Why.PAST
        return self._less(span)

    def _less(self, span: Span) -> Why | None:
        if self._supposed(span) and not self._places(Cue.OWNED):
            return Why.SUPPOSED
        long = self._near(Cue.LONG, span) or self.is_unchanged(span)
        if not span.timeless and long and not self._near(Cue.RECENT, span):
            return Why.LONG
        return None

    def _supposed(self, span: Span) -> bool:
        asked = self._reading.statement[span.start] in self._asking_about
        return asked or self.is_pure_question(span) or self._before(Cue.DOUBT, span)

    def is_pure_question(self, span: Span) -> bool:
        """Whether it is only asked about in general, rather than feared or said with an *if*."""
        if self._before(Cue.SUPPOSE, span) or self._reading.statement[span.start] in self._asking:
            return True
        return self._before(Cue.DOUBT, span) and self._near(Cue.EVER, span)

    def is_unchanged(self, span: Span) -> bool:
        """Whether it is said that nothing is new about it."""
        return any(
            self._same_statement(cue, span) and not _inside(cue, span.used) and not self._contrasted(cue, span)
            for cue in self._places(Cue.UNCHANGED)
        )

    def is_weeks_ago(self, span: Span) -> bool:
        """Whether it was so some weeks or months ago, rather than years."""
        return self._near(Cue.WHILE_AGO, span)

    # --- clauses ----------------------------------------------------------------------------------------------------

    def _clauses(self, *beginnings: Cue) -> list[int]:
        """The number of the clause that each word stands in; after an *and* or a comma, these begin a new one."""
        tokens = self._reading.tokens
        contrast = {place.start for place in self._places(Cue.CONTRAST)}
        joins = {place.start: place.end for place in self._places(Cue.JOIN)}
        subjects = {place.start for name in beginnings for place in self._places(name)}
        number = 0
        clauses = []
        for at, token in enumerate(tokens):
            after = joins.get(at)
            begins = (
                token.before is Break.STOP
                or at in contrast
                or (token.before is Break.COMMA and at in subjects)
                or (after is not None and after in subjects)
            )
            number += at > 0 and begins
            clauses.append(number)
        return clauses

    def _questions(self, name: Cue) -> set[int]:
        """The statements that ask in general: they begin like a question, and nobody is named in them."""
        statement = self._reading.statement
        named = {statement[place.start] for place in self._places(Cue.PERSON)}
        openers = {place.start for place in self._places(name)}
        begins = {at for at in range(len(statement)) if at == 0 or statement[at] != statement[at - 1]}
        unasked = set() if name is not Cue.OPENER else self._unasked()
        return {statement[at] for at in begins & openers} - named - unasked

    def _unasked(self) -> set[int]:
        """The statements that only look like a question, such as *can only see out of one eye*."""
        tokens, said = self._reading.tokens, self._reading.words
        doing = {place.start for place in self._places(Cue.DOING)}
        return {
            self._reading.statement[place.start]
            for place in self._places(Cue.MODAL)
            if place.end in doing and not said[tokens[place.start].word].asked
        }

    def _is_answer(self, deny: Place) -> bool:
        """Whether a *no* only begins what is said, as in *no I can't get up*."""
        tokens = self._reading.tokens
        first = deny.start == 0 or tokens[deny.start].before is Break.STOP
        after = {place.start for place in self._places(Cue.SUBJECT)}
        return first and deny.end - deny.start == 1 and deny.end in after and deny in self._places(Cue.DENY_AFTER)

    # --- denied -----------------------------------------------------------------------------------------------------

    def _denied(self, span: Span, used: tuple[Place, ...]) -> bool:
        for deny in self._deny:
            if deny.end <= span.end and not _inside(deny, used):
                if span.start <= deny.start:  # in the midst of it: "my leg is not numb"
                    if self._clause[deny.start] == self._clause[span.used[-1].start]:
                        return True
                elif self._reaches(deny, span):
                    return True
        return any(self._denies_after(after, span) for after in self._places(Cue.DENY_AFTER))

    def _denies_after(self, after: Place, span: Span) -> bool:
        """Whether it is an answer to the words right before, as in *chest pain: no*."""
        follows = 0 <= after.start - span.end <= 1 and self._clause[after.start] - self._clause[span.end - 1] <= 1
        return follows and self._ends(after.end)

    def _ends(self, at: int) -> bool:
        tokens = self._reading.tokens
        return at >= len(tokens) or tokens[at].before is not Break.NONE

    def _reaches(self, deny: Place, span: Span) -> bool:
        """Whether a *no* before some words is about them: near by, or through a list that ends with an *or*."""
        if self._clause[deny.start] != self._clause[span.start]:
            return False
        tokens = self._reading.tokens
        between = range(deny.end, span.start)
        if self._begins_anew(deny, between):
            return False
        commas = [at for at in (*between, span.start) if tokens[at].before is Break.COMMA]
        listing = {place.start for place in self._places(Cue.LISTING)}
        if commas:
            edges = [deny.end, *commas, span.start]
            short = all(self._reading.between(one, two) <= ITEM for one, two in pairwise(edges) if two > one)
            after = range(deny.end, min(span.end + LIST_REACH, len(tokens)))
            ends = any(at in listing and self._clause[at] == self._clause[span.start] for at in after)
            return short and ends
        weight = self._reading.between(deny.end, span.start)
        return weight <= (LIST_REACH if any(at in listing for at in between) else REACH)

    def _begins_anew(self, deny: Place, between: range) -> bool:
        """Whether a new subject stands before the words, as in *no pain it is numb*; but *I don't think I am numb*."""
        opinions = {place.start for place in self._places(Cue.OPINION)}
        if deny.end in opinions:
            return False
        pronouns = {place.start for place in self._places(Cue.PRONOUN)}
        return any(at in pronouns for at in between[1:])

    # --- the rest ---------------------------------------------------------------------------------------------------

    def _cleared(self, span: Span) -> bool:
        return any(
            self._same_statement(cue, span) and _distance(cue, span, self._reading) <= CLEARED_REACH
            for cue in self._places(Cue.CLEARED)
            if not self._contrasted(cue, span)
            and not any(0 <= cue.start - deny.end <= 1 for deny in self._places(Cue.DENY))
        )

    def _contrasted(self, cue: Place, span: Span) -> bool:
        """Whether a *but* stands between."""
        return any(cue.start < each.start <= span.start for each in self._places(Cue.CONTRAST))

    def _unreal(self, span: Span) -> bool:
        """Whether it is about an animal or out of a film: in the same clause, or told on without a word about me."""
        clause = self._clause[span.start]
        mine = any(self._clause[cue.start] == clause for cue in self._places(Cue.FIRST_PERSON))
        for cue in self._places(Cue.UNREAL) if not self._places(Cue.OWNED) else ():
            if _within(cue, self._places(Cue.REAL)):
                continue  # to walk the dog is real
            if self._same_statement(cue, span) and not _inside(cue, span.used):
                own = self._clause[cue.start]
                if cue.start < span.start and (own == clause or not mine):
                    return True
        return False

    def _past(self, span: Span) -> bool:
        clause = self._told[span.start]
        if any(self._told[cue.start] == clause for cue in (*self._places(Cue.RECENT), *self._places(Cue.BEGAN))):
            return False
        for cue in (*self._places(Cue.PAST), *self._places(Cue.WHILE_AGO), *self._years(Cue.IN)):
            own = self._told[cue.start]
            near = _distance(cue, span, self._reading) <= PAST_REACH
            if own == clause and near and not _inside(cue, span.used):
                return True
            if own == self._told[span.end - 1] + 1 and self._refers_back(own):
                return True
        return False

    def _years(self, name: Cue) -> list[Place]:
        """The years that have gone by, with such a word before them: *in 2009*, *since 2009*."""
        before = {place.end for place in self._places(name)}
        return [place for place in self._places(Cue.PAST_YEAR) if place.start in before]

    def _refers_back(self, clause: int) -> bool:
        first = self._told.index(clause)
        return any(cue.start == first for cue in self._places(Cue.REFERS_BACK))

    def _near(self, name: Cue, span: Span) -> bool:
        places = self._places(name)
        if name is Cue.LONG:
            places = [*places, *self._years(Cue.SINCE)]
        clauses = {self._clause[span.start], self._clause[span.end - 1]}
        return any(self._clause[cue.start] in clauses and not _inside(cue, span.used) for cue in places)

    def _before(self, name: Cue, span: Span) -> bool:
        clause = self._clause[span.start]
        whenever = self._places(Cue.WHENEVER)
        return any(
            self._clause[cue.start] == clause and cue.start <= span.start and not _inside(cue, span.used)
            for cue in self._places(name)
            if not _within(cue, whenever)
        )

    def _same_statement(self, cue: Place, span: Span) -> bool:
        return self._reading.statement[cue.start] == self._reading.statement[span.start]

    def _places(self, name: Cue) -> list[Place]:
        return self._reading.places.get(name, [])


def _within(place: Place, others: Iterable[Place]) -> bool:
    return any(other.start <= place.start and place.end <= other.end for other in others)


def _inside(place: Place, used: Iterable[Place]) -> bool:
    return any(_overlap(place, each) for each in used)


def _overlap(one: Place, other: Place) -> bool:
    return one.start < other.end and other.start < one.end


def _distance(cue: Place, span: Span, reading: Reading) -> int:
    if cue.end <= span.start:
        return reading.between(cue.end, span.start)
    return reading.between(span.end, cue.start) if span.end <= cue.start else 0
