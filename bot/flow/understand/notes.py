"""Times and ages of a text as concepts, so that patterns can name them: ``<@long>`` is more than three months."""

from __future__ import annotations

from collections.abc import Iterator

from bot.flow.understand.lexemes import Lexeme, amount
from bot.flow.understand.times import Time
from bot.flow.understand.vocabulary import Place, Reading

NOTES = (
    "@time", "@recent", "@over_week", "@over_fortnight", "@long", "@weeks", "@weeks_now", "@weeks_before",
    "@lately", "@earlier", "@short_while", "@while", "@long_while", "@grown", "@young", "@minor",
)  # fmt: skip
"""All of these concepts."""

_WEEK, _FORTNIGHT, _MONTH, _QUARTER = 7, 14, 31, 91
_SHORT, _LONG, _HALF = 30, 45, 0.5
_INFANT, _YOUNG, _GROWN = 40, 16, 18


def unit_of(time: Time) -> str | None:
    """The unit of a length; a month or less is weeks, half an hour or less minutes."""
    if time.unit == "hour" and time.many <= _HALF:
        return "minute"
    if time.unit == "year" and 0 < time.many < 1:
        return "month"
    return "week" if time.unit == "month" and time.farthest <= _MONTH else time.unit


def note_ages(reading: Reading, signs: list[Lexeme]) -> None:
    """Note ages: ``@young`` is *6 year old*, ``@minor`` a small number alone, ``@grown`` a larger one."""
    place = 0
    while place < len(signs):
        said = amount(signs, place)
        if said is None:
            place += 1
            continue
        name = _age(signs, said[0], said[1])
        if name is not None:
            reading.places.setdefault(name, []).append(Place(signs[place].start, signs[place].end))
        place = said[1]


def _age(signs: list[Lexeme], value: float, end: int) -> str | None:
    nxt = signs[end] if end < len(signs) else None
    unit = None if nxt is None else nxt.get("unit") or nxt.get("units")
    after = nxt if unit is None else signs[end + 1] if end + 1 < len(signs) else None
    old = after is not None and after.cue("old")
    if unit is not None and unit != "year":
        return "@young" if old and value < _INFANT else None
    if value >= _GROWN:
        return "@grown"
    if old and value < _YOUNG:
        return "@young"
    return "@minor" if unit is None else None


def note_times(reading: Reading, named: list[Time]) -> None:
    """Note times, by how long ago they are or how long they lasted."""
    began = [time for time in named if time.unit is None]
    long_ago = any(time.nearest > _MONTH for time in began)
    lately = any(time.farthest <= _MONTH for time in began)
    for time in named:
        for name in (*_ago(time), *_lasting(time, long_ago=long_ago, lately=lately)):
            reading.places.setdefault(name, []).append(Place(time.start, time.end))


def _ago(time: Time) -> Iterator[str]:
    yield "@time"
    if time.unit is None and time.farthest <= _MONTH:
        yield "@lately"
    elif time.unit is None and time.nearest > _MONTH:
        yield "@earlier"
    if time.farthest <= _FORTNIGHT and time.unit not in {"minute", "hour"}:
        yield "@recent"
    if time.nearest > _WEEK:
        yield "@over_week"
    if time.nearest >= _FORTNIGHT:
        yield "@over_fortnight"
    if time.nearest > _QUARTER:
        yield "@long"


def _lasting(time: Time, *, long_ago: bool, lately: bool) -> Iterator[str]:
    if unit_of(time) == "week":
        yield "@weeks"
        if time.nearest > _MONTH or long_ago:
            yield "@weeks_before"
        elif time.recent or lately:
            yield "@weeks_now"
    elif time.unit == "minute":
        yield "@short_while" if time.many <= _SHORT else "@long_while" if time.many >= _LONG else "@while"
    elif time.unit == "hour":
        yield "@short_while" if time.many <= _HALF else "@long_while"
