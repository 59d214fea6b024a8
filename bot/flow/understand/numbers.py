"""Numbers that answer a question: *45*, *forty-five*, *mid 40s*, *18 months*, *nearly 50*, *born in 1980*."""

from __future__ import annotations

from dataclasses import dataclass, replace

from bot.flow.model import Question
from bot.flow.understand.dates import date_at, month_at, short_date
from bot.flow.understand.days import is_date, number_of
from bot.flow.understand.lexemes import Lexeme, amount
from bot.flow.understand.reply import Day
from bot.flow.understand.text import Break

_MONTHS = 12
_DECADE = 10
_PARTS = {"start": 2, "middle": 5, "end": 8}
_OLDEST = 120


@dataclass(frozen=True, slots=True)
class _Age:
    years: int
    sure: bool = False
    future: bool = False
    months: bool = False
    other: int | None = None
    """A second year that it can be: *born in 1980*, before or after the birthday."""


def plain_numbers(signs: list[Lexeme], question: Question) -> tuple[int, ...]:
    """The whole numbers of a text that are within the range of a question."""
    found = []
    at = 0
    while at < len(signs):
        said = amount(signs, at)
        if said is not None and said[0] == int(said[0]):
            found.append(int(said[0]))
        at = said[1] if said is not None else at + 1
    fitting = tuple(dict.fromkeys(number for number in found if question.smallest <= number <= question.largest))
    return fitting if len(fitting) == len(dict.fromkeys(found)) else ()


def ages(signs: list[Lexeme], question: Question, day: Day, *, only_sure: bool = False) -> tuple[int, ...]:
    """The ages that a text names; where it surely gives some as one, only those."""
    found: list[_Age] = []
    at = 0
    joined = False
    while at < len(signs):
        first = at
        age, at = _age(signs, at, day, question)
        if age is not None:
            if found and joined and _is_or(signs, first) and not (age.future or found[-1].future):
                age = _joined(found.pop(), age, question)
            found.append(age)
        joined = age is not None or (joined and signs[first].cue("or"))
    if only_sure:
        found = [age for age in found if age.sure]
    with_years = [age for age in found if not age.months]
    found = with_years or found
    for choice in (
        [age for age in found if age.sure and not age.future],
        [age for age in found if not age.future],
        found,
    ):
        if choice:
            years = (year for age in choice for year in (age.years, age.other) if year is not None)
            return tuple(dict.fromkeys(year for year in years if question.smallest <= year <= question.largest))
    return ()


def _is_or(signs: list[Lexeme], at: int) -> bool:
    """Whether a number is the second of two: *15 or 16*."""
    return at > 0 and signs[at - 1].cue("or") and not signs[at - 1].cue("with") and signs[at].before is Break.NONE


def _joined(one: _Age, other: _Age, question: Question) -> _Age:
    """One of two ages: the first where both mean the same."""
    same = _bands(question, one.years) == _bands(question, other.years)
    return replace(one, sure=one.sure or other.sure, months=False, other=None if same else other.years)


def _age(  # noqa: PLR0911, C901 - one for each way to say it
    signs: list[Lexeme], at: int, day: Day, question: Question
) -> tuple[_Age | None, int]:
    sign = signs[at]
    if sign.cue("birth") and (born := _born(signs, at + 1, day, question)) is not None:
        return born
    if (decade := sign.get("decade")) is not None:
        return _of_decade(int(decade), _part(signs, at), question), at + 1
    if (written := sign.get("date")) is not None and written.count("/") == 2:  # noqa: PLR2004 - day, month and year
        born = _born(signs, at, day, question)
        return born if born is not None else (None, at + 1)
    if sign.cue("baby"):
        return _Age(0), at + 1
    if sign.get("month") is not None and at + 1 < len(signs) and signs[at + 1].get("year") is not None:
        return _born(signs, at, day, question) or (None, at + 1)
    if sign.get("year") is not None and len(signs) == 1:
        return _since_year(int(sign.kinds["year"]), day, question), at + 1
    if sign.get("unit") is not None and _is_one(signs, at):
        return _Age(int(sign.get("unit") == "year"), sure=True), at + 1
    said = amount(signs, at)
    if said is None or _is_label(signs, at):
        return None, at + 1 if said is None else said[1]
    value, end = said
    nxt = signs[end] if end < len(signs) else None
    if nxt is not None and nxt.before is Break.NONE and nxt.cue("zero") and sign.is_digits and value < _DECADE:
        value, end = value * _DECADE, end + 1
        nxt = signs[end] if end < len(signs) else None
    if value == 1 and not sign.is_digits and len(signs) > 1 and not _unit(nxt):
        return None, end
    return _counted(signs, at, end, value, question)


def _is_one(signs: list[Lexeme], at: int) -> bool:
    """*a year and a half*, *a month old*: one of a unit, where nothing is counted."""
    if signs[at].get("unit") not in {"week", "month", "year"}:
        return False
    nxt = _after(signs, at + 1)
    if nxt is not None and nxt.cue("or"):
        nxt = _after(signs, at + 2)
    return nxt is not None and nxt.cue("half", "bit")


def _is_label(signs: list[Lexeme], at: int) -> bool:
    """*year 6*, *type 2*: a number that names something."""
    before = signs[at - 1] if at and signs[at].before is Break.NONE else None
    return before is not None and (before.get("unit") == "year" or before.cue("label"))


def _counted(signs: list[Lexeme], at: int, end: int, value: float, question: Question) -> tuple[_Age | None, int]:
    """The age that a number is, by what stands before and after it."""
    nxt = _after(signs, end)
    if nxt is not None and nxt.cue("plural") and value % _DECADE == 0:
        return _of_decade(int(value), _part(signs, at), question), end + 1
    if nxt is not None and nxt.cue("measure"):
        return None, end + 1 + (end + 1 < len(signs) and signs[end + 1].number is not None)  # "5 foot 9"
    unit = _unit(nxt)
    if unit is not None:
        end += 1
        nxt = _after(signs, end)
        if nxt is not None and nxt.cue("half", "bit"):
            end += 1
            nxt = _after(signs, end)
        if nxt is not None and nxt.cue("ago", "past"):
            return None, end
    old = nxt is not None and nxt.cue("old")
    if unit is not None and unit != "year":
        months = value if unit == "month" else 0
        return _Age(int(months // _MONTHS), sure=old, months=True), end
    return _years_old(signs, at, (value, end), question, sure=unit is not None or old)


def _years_old(
    signs: list[Lexeme], at: int, said: tuple[float, int], question: Question, *, sure: bool
) -> tuple[_Age | None, int]:
    value, end = said
    before = signs[at - 1].cues if at else frozenset()
    nxt = _after(signs, end)
    years = int(value)
    if "turned" in before and _is_to_come(signs, end):  # "turned 6 in march": it was
        return _Age(years, sure=True), end + 1
    if not before.isdisjoint(("then", "lasting")) and not (nxt is not None and nxt.cue("old")):
        return None, end
    sure = sure or (nxt is not None and nxt.cue("now")) or not before.isdisjoint(("old", "now", "am", "turned"))
    if nxt is not None and nxt.cue("teen"):
        if not years % _DECADE:
            return _of_decade(years, None, question), end + 1
        end += 1
    if "nearly" in before:
        return _Age(years - 1, sure=True), end
    if "next" in before or _is_to_come(signs, end):
        return _Age(years - 1, future=True), end
    return _Age(years, sure=sure), end


def _after(signs: list[Lexeme], at: int) -> Lexeme | None:
    """The next sign, where nothing separates it."""
    return signs[at] if at < len(signs) and signs[at].before is Break.NONE else None


def _is_to_come(signs: list[Lexeme], at: int) -> bool:
    """*17 in may*, *50 next week*, *five in june*."""
    if at >= len(signs) or signs[at].before is not Break.NONE:
        return False
    sign = signs[at]
    nxt = _after(signs, at + 1)
    if sign.cue("to_come") and nxt is not None and (nxt.number is not None or _unit(nxt) or nxt.get("ago")):
        return True  # "41 in a fortnight"
    if sign.cue("prep") and at + 1 < len(signs) and not sign.cue("next"):
        sign = signs[at + 1]
        if at + 2 < len(signs) and signs[at + 2].before is Break.NONE and signs[at + 2].cue("gone", "ago", "last"):
            return False  # "61 in february just gone"
    return sign.cue("next") or any(sign.get(kind) is not None for kind in ("month", "maybe_month", "weekday"))


def _unit(sign: Lexeme | None) -> str | None:
    return None if sign is None else sign.get("unit") or sign.get("units")


def _part(signs: list[Lexeme], at: int) -> str | None:
    return next((part for part in _PARTS if at and signs[at - 1].cue(part)), None)


def _of_decade(first: int, part: str | None, question: Question) -> _Age | None:
    """An age in someone's forties: only where every one of these years means the same."""
    if part is not None:
        return _Age(first + _PARTS[part], sure=True)
    ends = [_bands(question, year) for year in (first, first + 9)]
    return _Age(first + 5, sure=True) if ends[0] == ends[1] else None


def _bands(question: Question, number: int) -> tuple[str, ...]:
    bands = (option for option in question.choices if option.lowest is not None or option.below is not None)
    return tuple(option.id for option in bands if option.holds(number))


def _born(signs: list[Lexeme], at: int, day: Day, question: Question) -> tuple[_Age | None, int] | None:
    for place in range(at, min(at + 4, len(signs))):
        for rule in (date_at, short_date, month_at):
            result = rule(signs, place, day, signs[place - 1])
            if result is not None and _has_year(signs[place : result[2]]):
                years = [_years(day, ago) for ago in result[:2]]
                same = _bands(question, years[0]) == _bands(question, years[1])
                return _Age(years[0], sure=True, other=None if same else years[1]), result[2]
        if (year := signs[place].get("year")) is not None:
            return _since_year(int(year), day, question), place + 1
        said = amount(signs, place)
        if said is not None and signs[place].is_digits and said[0] > 20 and said[0] < 100:  # noqa: PLR2004 - "born in 58"
            return _since_year(1900 + int(said[0]), day, question), said[1]
    return None


def _has_year(signs: list[Lexeme]) -> bool:
    return any(sign.get("year") is not None or (sign.get("date") or "").count("/") == 2 for sign in signs)  # noqa: PLR2004


def _years(day: Day, ago: int) -> int:
    """Whole years that have passed since a day."""
    born = day.number - ago
    years = 0
    while years < _OLDEST + 1:
        year = day.year - years - 1
        month, of_month = day.month, day.day
        if not is_date(year, month, of_month):
            of_month -= 1
        if number_of(year, month, of_month) < born:
            return years
        years += 1
    return years


def _since_year(year: int, day: Day, question: Question) -> _Age | None:
    """Born in a year: the age reached in this one, and the one before unless both mean the same."""
    years = day.year - year
    if years < 0 or years > _OLDEST:
        return None
    same = years == 0 or _bands(question, years) == _bands(question, years - 1)
    return _Age(years, sure=True, other=None if same else years - 1)
