"""The shape of ``content/<language>/answers.yaml``: how people answer in words, and what becomes of the file.

`build_replies` makes `bot.flow.understand.answers.Replies` of it, with the labels of the options and the words of the
language.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Annotated

from pydantic import Field

from bot.flow.understand.answers import Replies
from bot.flow.understand.asked import Labels, QuestionWords, Said
from bot.flow.understand.lexemes import TimeWords
from bot.flow.understand.net import lexicon
from bot.flow.understand.notes import NOTES
from bot.flow.understand.patterns import Pattern, PatternError, parse
from bot.flow.understand.text import words
from bot.flow.understand.vocabulary import EXACT, Vocabulary
from bot.load.files import File, Id, OptionId, Words

Forms = list[Words]
Texts = list[Annotated[str, Field(min_length=1, max_length=300)]]
_PIECE = re.compile(r"(?:<[^<>]*>|[^\s<>])+")
_BRACKETS = re.compile(r"\([^()]*\)")  # "(not just a sore throat)"
_MADE = frozenset(NOTES)
_Days = Annotated[list[Annotated[int, Field(ge=0)]], Field(min_length=2, max_length=2)]


class UnitForms(File):
    """A unit of time."""

    one: Forms = Field(description="One of it: day.")
    many: Forms = Field(description="Several: days.")


class SpokenTime(File):
    """Words for a stretch of days before the message."""

    days: _Days = Field(description="The nearest and the farthest day: [1, 1] is yesterday.")
    words: Forms


class SeasonForms(File):
    """A season of three months."""

    month: int = Field(ge=1, le=12, description="The month it begins with.")
    words: Forms


class HolidayForms(File):
    """A day of every year."""

    date: str = Field(
        pattern=r"^(\d{1,2}-\d{1,2}|easter|thanksgiving)$", description="month-day, easter or thanksgiving."
    )
    words: Forms


class TimesPart(File):
    """Numbers and times."""

    numbers: dict[Words, int]
    ordinals: dict[Words, int]
    ordinal_endings: Forms
    decades: dict[Words, int] = Field(description="forties: 40")
    units: dict[Id, UnitForms]
    months: Annotated[list[Forms], Field(min_length=12, max_length=12)]
    weekdays: Annotated[list[Forms], Field(min_length=7, max_length=7)]
    doubtful: Forms = Field(description="Forms of months and weekdays that are other words too: may, sat.")
    seasons: list[SeasonForms]
    spoken: list[SpokenTime]
    holidays: list[HolidayForms]
    cues: dict[Words, Forms] = Field(description="What else belongs to times and ages: ago, since, last, nearly …")
    small: Forms = Field(description="Words that may stand within a time without meaning anything.")


class EitherPart(File):
    """Words that leave several options open."""

    options: Annotated[list[OptionId], Field(min_length=2, max_length=3)]
    words: Forms
    vague: bool = Field(default=False, description="Whether anything clearer stands for it.")


class QuestionPart(File):
    """How one question is answered in words."""

    options: dict[OptionId, Forms] = Field(default={}, description="Patterns by option.")
    either: list[EitherPart] = Field(default=[], description="Words that leave several options open.")
    otherwise: Forms = Field(default=[], description="Words that look like an option and mean something else.")
    beats: dict[OptionId, list[OptionId]] = Field(default={}, description="What an option stands for, said together.")
    days: dict[OptionId, _Days] = Field(default={}, description="Options by days before the message.")
    lengths: dict[Id, list[OptionId]] = Field(default={}, description="Options by the unit of a length of time.")
    if_yes: OptionId | None = Field(default=None, description="The option that a bare yes is.")
    if_no: OptionId | None = Field(default=None, description="The option that a bare no is.")
    age: bool = False
    calm: Forms = Field(default=[], description="Words that may stand in a clear no without taking anything from it.")
    examples: dict[OptionId, Texts] = Field(
        default={}, description="By option: at least three texts that have to be taken as it, on 26 November 2026."
    )
    near_misses: Texts = Field(default=[], description="Texts that must not be taken as an answer to this question.")
    topics: Forms = Field(
        default=[],
        description="Patterns of the options that only name what is asked about: taken where little else is said.",
    )
    lapse: Forms = Field(
        default=[],
        description="Concepts that take an option out of the same clause: past, ended, relative, or a name of a time.",
    )
    fill: Forms | None = Field(
        default=None,
        description="Concepts of which one has to stand near, in a first message; without them it is never filled in.",
    )


class AnswersFile(File):
    """content/<language>/answers.yaml: the words of answers."""

    fillers: Forms = Field(description="Words that may stand anywhere without weight.")
    said: dict[Words, Forms] = Field(
        description="Words that every answer can hold: yes, no, not sure, please, go back …"
    )
    times: TimesPart
    concepts: dict[Words, Forms] = Field(description="Things that can be said in many ways, for use in patterns.")
    questions: dict[Id, QuestionPart]
    topics: dict[Id, Forms] = Field(description="The concepts or words that name a flow.")


def build_replies(
    file: AnswersFile,
    labels: Mapping[str, Mapping[str, Iterable[str]]],
    concepts: Mapping[str, Iterable[str]],
    known: frozenset[str],
    stemmer: str,
) -> Replies:
    """Make answers of the file.

    ``labels``: every wording of the options, by question; ``concepts``: those of other files, which patterns here can
    name too; ``known``: words that are spelled right. Raises `PatternError`.
    """
    fillers = frozenset(file.fillers)
    questions = {name: _question(name, part, fillers) for name, part in file.questions.items()}
    topics = {flow: tuple(_topic(form) for form in forms) for flow, forms in file.topics.items()}
    patterns = [pattern for question in questions.values() for pattern in question.patterns]
    patterns += [parse(form) for forms in file.topics.values() for form in forms]
    own = {name: [_form(form, fillers) for form in forms] for name, forms in file.concepts.items()}
    used = {name for pattern in patterns for names in pattern.concepts for name in names}
    used |= {name for question in questions.values() for name in question.fill or ()}
    every = lexicon({**{name: list(concepts[name]) for name in used & concepts.keys() - own.keys()}, **own}, patterns)
    for said in Said:
        every[said.value] = [_form(form, fillers) for form in file.said.get(said.key, ())]
    for name, question in file.questions.items():
        every[_calm(name)] = [_form(form, fillers) for form in question.calm]
    time_words = _time_words(file.times)
    every.update(time_words.concepts())
    unknown = sorted(used - every.keys() - _MADE)
    if unknown:
        raise PatternError(f"no such concepts: {', '.join(unknown)}")
    vocabulary = Vocabulary(every, fillers, known, stemmer)
    return Replies(vocabulary, questions, _labels(labels, vocabulary), time_words, topics)


def _question(name: str, part: QuestionPart, fillers: frozenset[str]) -> QuestionWords:
    return QuestionWords(
        options={option: tuple(_pattern(form, fillers) for form in forms) for option, forms in part.options.items()},
        either=tuple(
            (_pattern(form, fillers), tuple(each.options), each.vague) for each in part.either for form in each.words
        ),
        otherwise=tuple(_pattern(form, fillers) for form in part.otherwise),
        beats={option: frozenset(others) for option, others in part.beats.items()},
        days={option: (days[0], days[1]) for option, days in part.days.items()},
        lengths={unit: tuple(options) for unit, options in part.lengths.items()},
        yes=part.if_yes,
        no=part.if_no,
        age=part.age,
        calm=frozenset({_calm(name)}),
        topics=frozenset(part.topics),
        lapse=tuple(each if each.startswith("@") else f"say {each}" for each in part.lapse),
        fill=None if part.fill is None else tuple(part.fill),
    )


def _calm(question: str) -> str:
    return f"calm {question}"


def _topic(form: str) -> str:
    return next(next(iter(names)) for names in parse(form).concepts)


def _form(form: str, fillers: frozenset[str]) -> str:
    """A written form without the words that have no weight, as long as more than one word is left."""
    exact = EXACT if form.endswith(EXACT) else ""
    left = [word.text for word in words(form.removesuffix(EXACT)) if word.text not in fillers]
    return " ".join(left) + exact if len(left) > 1 else form


def _pattern(text: str, fillers: frozenset[str]) -> Pattern:
    left = [piece for piece in _PIECE.findall(text) if piece not in fillers]
    return parse(" ".join(left) if len(left) > 1 else text)


def _time_words(part: TimesPart) -> TimeWords:
    return TimeWords(
        numbers=_by_value(part.numbers),
        ordinals=_by_value(part.ordinals),
        ordinal_endings=frozenset(part.ordinal_endings),
        decades=_by_value(part.decades),
        units={unit: (forms.one, forms.many) for unit, forms in part.units.items()},
        months=tuple(part.months),
        weekdays=tuple(part.weekdays),
        seasons={season.month: season.words for season in part.seasons},
        spoken={(each.days[0], each.days[1]): each.words for each in part.spoken},
        holidays={holiday.date: holiday.words for holiday in part.holidays},
        cues=part.cues,
        doubtful=frozenset(part.doubtful),
        small=frozenset(part.small),
    )


def _by_value(words_: Mapping[str, int]) -> dict[int, list[str]]:
    values: dict[int, list[str]] = {}
    for word, value in words_.items():
        values.setdefault(value, []).append(word)
    return values


def _labels(labels: Mapping[str, Mapping[str, Iterable[str]]], vocabulary: Vocabulary) -> dict[str, dict[str, Labels]]:
    return {
        question: {option: _label(texts, vocabulary) for option, texts in options.items()}
        for question, options in labels.items()
    }


def _label(texts: Iterable[str], vocabulary: Vocabulary) -> Labels:
    exact: set[tuple[str, ...]] = set()
    every: list[frozenset[str]] = []
    for text in texts:
        stems: set[str] = set()
        exact.add(tuple(word.text for word in words(text)))
        reading = vocabulary.read(_BRACKETS.sub(" ", text))
        weight = reading.weight
        idle = {
            at
            for name in (Said.SMALL, Said.POLITE)
            for place in reading.places.get(name, ())
            for at in range(place.start, place.end)
        }
        for at, token in enumerate(reading.tokens):
            if at not in idle and token.stem.isalnum() and weight[at + 1] > weight[at]:
                stems.add(token.stem)
        every.append(frozenset(stems))
    return Labels(frozenset(exact), frozenset().union(*every), tuple(each for each in every if each))
