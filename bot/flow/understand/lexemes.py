"""Words of numbers and times as a sequence of signs, for `bot.flow.understand.times` and `numbers` to read.

Each language names its number words, units, months and so on; here they become concepts whose names begin with ``#``
and, in a text, a `Lexeme` for each of them. Every other word is a lexeme that says nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from bot.flow.understand.text import Break
from bot.flow.understand.vocabulary import EXACT, Place, Reading

SIGN = "#"
UNITS = ("minute", "hour", "day", "week", "month", "year")
_SHORT = 4
"""Letters up to which the name of a month or weekday is only itself: a *wedding* is no *weds*."""

_CUE = "cue:"
_NO_CUES: frozenset[str] = frozenset()
_SHORT_DATE = re.compile(r"(\d{1,2})[./](\d{1,2})(?:[./](\d{4}|\d{2}))?")
_DECIMAL = re.compile(r"(\d{1,3})[.,](\d{1,2})")


@dataclass(frozen=True, slots=True)
class Lexeme:
    """One sign: what it can be (``kinds``), ``cues``: those among them that are cues; and the tokens it stands at."""

    kinds: Mapping[str, str]
    start: int
    end: int
    text: str
    before: Break = Break.NONE
    cues: frozenset[str] = frozenset()

    def get(self, kind: str) -> str | None:
        """Its value as this kind."""
        return self.kinds.get(kind)

    def cue(self, *names: str) -> bool:
        """Whether it is one of these cues."""
        return not self.cues.isdisjoint(names)

    @property
    def number(self) -> float | None:
        """Its value as a number."""
        value = self.kinds.get("num")
        return None if value is None else float(value)

    @property
    def is_digits(self) -> bool:
        """Whether the number is written in digits."""
        return self.text[:1].isdigit()


@dataclass(frozen=True)
class TimeWords:
    """How a language says numbers and times; each value a list of written forms.

    ``units``: one and many. ``spoken``: forms by days before the message, nearest and farthest. ``holidays``: forms by
    ``month-day``, ``easter`` or ``thanksgiving``. ``doubtful``: forms of months and weekdays that are other words too.
    """

    numbers: Mapping[int, Iterable[str]]
    ordinals: Mapping[int, Iterable[str]]
    ordinal_endings: frozenset[str]
    decades: Mapping[int, Iterable[str]]
    units: Mapping[str, tuple[Iterable[str], Iterable[str]]]
    months: tuple[Iterable[str], ...]
    weekdays: tuple[Iterable[str], ...]
    seasons: Mapping[int, Iterable[str]]
    spoken: Mapping[tuple[int, int], Iterable[str]]
    holidays: Mapping[str, Iterable[str]]
    cues: Mapping[str, Iterable[str]]
    doubtful: frozenset[str] = frozenset()
    small: frozenset[str] = field(default=frozenset())

    def concepts(self) -> Iterator[tuple[str, list[str]]]:
        """The signs as concepts of a vocabulary."""
        for kind, forms in self._plain():
            yield f"{SIGN}{kind}", list(forms)
        for value, forms in self.decades.items():
            yield f"{SIGN}decade:{value}", [form + EXACT for form in forms]
        for unit, (one, many) in self.units.items():
            yield f"{SIGN}unit:{unit}", [form + EXACT for form in one]
            yield f"{SIGN}units:{unit}", [form + EXACT for form in many]
        for kind, names in (("month", self.months), ("weekday", self.weekdays)):
            for place, forms in enumerate(names):
                sure = [form for form in forms if form not in self.doubtful]
                yield f"{SIGN}{kind}:{place}", [form + EXACT * (len(form) <= _SHORT) for form in sure]
                yield f"{SIGN}maybe_{kind}:{place}", [form + EXACT for form in forms if form in self.doubtful]

    def _plain(self) -> Iterator[tuple[str, Iterable[str]]]:
        yield from ((f"num:{value}", forms) for value, forms in self.numbers.items())
        yield from ((f"ord:{value}", forms) for value, forms in self.ordinals.items())
        yield from ((f"season:{month}", forms) for month, forms in self.seasons.items())
        yield from ((f"ago:{near}-{far}", forms) for (near, far), forms in self.spoken.items())
        yield from ((f"holiday:{name}", forms) for name, forms in self.holidays.items())
        yield from ((f"cue:{name}", forms) for name, forms in self.cues.items())
        yield "small:1", self.small


def lexemes(reading: Reading, endings: frozenset[str]) -> list[Lexeme]:
    """The signs of a text, in order, the longest at each place; words that say nothing for times are left out."""
    starts: dict[int, list[tuple[Place, str]]] = {}
    for name, places in reading.places.items():
        if name.startswith(SIGN):
            for place in places:
                starts.setdefault(place.start, []).append((place, name[1:]))
    found: list[Lexeme] = []
    at = 0
    tokens = reading.tokens
    while at < len(tokens):
        text, before = tokens[at].stem, tokens[at].before
        digits = _digits(text) if text[:1].isdigit() else None
        if digits is not None:
            end = at + 1
            if (
                "num" in digits
                and end < len(tokens)
                and tokens[end].before is Break.NONE
                and tokens[end].stem in endings
            ):
                digits, end = {"ord": text}, end + 1
        else:
            here = starts.get(at, [])
            end = max((place.end for place, _ in here), default=at + 1)
            digits = {}
            for place, name in here:
                if place.end == end:
                    kind, _, value = name.partition(":")
                    digits[name if kind == "cue" else kind] = value
        if not digits.get("small") or len(digits) > 1:
            cues = frozenset(name[len(_CUE) :] for name in digits if name.startswith(_CUE)) if digits else _NO_CUES
            found.append(Lexeme(digits, at, end, text, before, cues))
        at = end
    return found


def _digits(text: str) -> dict[str, str]:
    if text.isdigit():
        kinds = {"num": text} if len(text) <= 3 else {}  # noqa: PLR2004
        if len(text) == 4 and text[:2] in {"19", "20"}:  # noqa: PLR2004
            kinds["year"] = text
        return kinds
    if text == "1/2":
        return {"cue:half": ""}
    kinds = {}
    if match := _DECIMAL.fullmatch(text):
        kinds["num"] = f"{match[1]}.{match[2]}"
    if match := _SHORT_DATE.fullmatch(text):
        kinds["date"] = "/".join(part for part in match.groups() if part)
    return kinds


def amount(signs: list[Lexeme], at: int) -> tuple[float, int] | None:
    """The number that begins at a sign, and the place after it: *45*, *forty five*, *a hundred and two*."""
    if at >= len(signs):
        return None
    value = signs[at].number
    if value is None:
        return None
    end = at + 1
    if not signs[at].is_digits:
        value, end = _spelled(signs, at, value)
    if _is(signs, end, "or") and (_is(signs, end + 1, "half") or _is(signs, end + 1, "bit")):
        return (value + 0.5 if _is(signs, end + 1, "half") else value), end + 2
    if _is(signs, end, "half") and not _unit_follows(signs, end + 1, value):
        return value + 0.5, end + 1
    return value, end


def _spelled(signs: list[Lexeme], at: int, value: float) -> tuple[float, int]:
    value, end = _tens(signs, at, value)
    following = _word(signs, end)
    if value < 10 and following == 100:  # noqa: PLR2004
        value, end = value * 100, end + 1
        following = _word(signs, end)
    if value and value % 100 == 0:
        rest = end + 1 if following is None and _is(signs, end, "or") else end
        more = _word(signs, rest)
        if more is not None and more < 100:  # noqa: PLR2004
            more, end = _tens(signs, rest, more)
            value += more
    return value, end


def _tens(signs: list[Lexeme], at: int, value: float) -> tuple[float, int]:
    following = _word(signs, at + 1)
    if 20 <= value < 100 and value % 10 == 0 and following is not None and 1 <= following < 10:  # noqa: PLR2004
        return value + following, at + 2
    return value, at + 1


def _word(signs: list[Lexeme], at: int) -> float | None:
    if at >= len(signs) or signs[at].is_digits or signs[at].before is not Break.NONE:
        return None
    return signs[at].number


def _is(signs: list[Lexeme], at: int, cue: str) -> bool:
    return at < len(signs) and signs[at].before is Break.NONE and signs[at].cue(cue)


def _unit_follows(signs: list[Lexeme], at: int, value: float) -> bool:
    """Whether *half* belongs to a unit of its own: *3, half a year*."""
    return value > 12 and at < len(signs) and signs[at].get("unit") is not None  # noqa: PLR2004
