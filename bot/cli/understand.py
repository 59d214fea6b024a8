"""`signpost understand`: what is heard in a text and why, for people and for scripts. Nothing is stored or logged."""

from __future__ import annotations

import argparse
import io
import json
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from bot.cli.parts import begin, folders_of, language_of, unproved_library
from bot.cli.trouble import OK, UsageError
from bot.flow.events import Answer, Back, Change, Event, NotSure, Number, Stop
from bot.flow.events import Why as AskWhy
from bot.flow.model import Flow, Question
from bot.flow.understand.heard import Dismissed, Why
from bot.flow.understand.reply import Day, Reply
from bot.flow.understand.verdict import Verdict, Weighed, verdict
from bot.load import Library, Texts

_EPOCH = date(1970, 1, 1).toordinal()
_STANDARD_INPUT = "-"

_WHY = {
    Why.DENIED: "it is denied",
    Why.PAST: "it is long past",
    Why.OTHERS: "it is not about the patient, or not real",
    Why.SUPPOSED: "it is only supposed or asked",
    Why.REASSURED: "a doctor has cleared it",
    Why.LONG: "it has been so for long",
    Why.MEANT_OTHERWISE: "these words mean something else",
}


@dataclass(frozen=True, slots=True)
class _Ear:
    """What listens: the texts of a language, the flow whose rules weigh, and the question on screen, if any."""

    texts: Texts
    flow: Flow
    question: Question | None
    day: Day

    def verdict(self, text: str) -> Verdict:
        return verdict(self.flow, self.texts.net.listen(text))

    def reply(self, text: str) -> Reply | None:
        """How the text answers the question; None when none was named, or answers cannot be read."""
        if self.question is None or self.texts.replies is None:
            return None
        place = self.flow.place[self.question.id]
        before = self.flow.questions[place - 1] if place else None
        options = tuple(option.id for option in self.question.options)
        danger = self.question.id in self.flow.danger_questions
        return self.texts.replies.reply(text, self.question, options, before, self.day, danger=danger)


def understand(asked: argparse.Namespace) -> int:
    """Show what is heard in the text, or in each line of standard input; returns the exit code."""
    settings = begin()
    library = unproved_library(folders_of(settings))  # it helps to write phrases that do not pass the check yet
    texts = library.texts[language_of(asked.language, settings, library)]
    flow = _flow(library, asked.flow)
    day = _day(asked.at or datetime.now(tz=UTC).date())
    ear = _Ear(texts, flow, _question(flow, asked.question), day)
    for number, text in enumerate(_texts(asked.text)):
        if asked.json:
            print(json.dumps(_data(ear, text), ensure_ascii=False), flush=True)
        else:
            print("\n" * bool(number) + "\n".join(_lines(ear, text)), flush=True)
    return OK


def _flow(library: Library, asked: str | None) -> Flow:
    if asked is None and len(library.flows) > 1:
        raise UsageError(f"there are several flows; name one with --flow: {', '.join(sorted(library.flows))}")
    name = asked or next(iter(library.flows))
    if name not in library.flows:
        raise UsageError(f"there is no flow '{name}'; there is: {', '.join(sorted(library.flows))}")
    return library.flows[name]


def _question(flow: Flow, asked: str | None) -> Question | None:
    if asked is None:
        return None
    if asked not in flow.place:
        raise UsageError(f"there is no question '{asked}' in '{flow.id}'; there is: {', '.join(flow.place)}")
    return flow.question(asked)


def _day(at: date) -> Day:
    return Day(at.year, at.month, at.day, at.weekday(), at.toordinal() - _EPOCH)


def _texts(asked: str) -> Iterator[str]:
    if asked != _STANDARD_INPUT:
        yield asked
        return
    if isinstance(sys.stdin, io.TextIOWrapper):
        sys.stdin.reconfigure(newline="\n")  # whatever else stands in a text, one line is one text
    for line in sys.stdin or ():
        yield line.removesuffix("\n").removesuffix("\r")


# --- for scripts --------------------------------------------------------------------------------------------------


def _data(ear: _Ear, text: str) -> dict[str, Any]:
    found = ear.verdict(text)
    return {
        "danger": found.danger.value,
        "level": found.level.value if found.level else None,
        "findings": [_weighed(each) for each in found.findings],
        "noted": [_weighed(each) for each in found.noted],
        "dismissed": [
            {"finding": each.finding, "why": each.why.value, "words": each.words} for each in found.dismissed
        ],
        "foreign": found.foreign,
        "answer": _answer(ear, text),
    }


def _weighed(each: Weighed) -> dict[str, Any]:
    noticed = each.noticed
    return {
        "finding": noticed.finding,
        "certainty": noticed.sure.value,
        "level": each.level.value if each.level else None,
        "words": noticed.words,
        "why": noticed.why.value if noticed.why else None,
    }


def _answer(ear: _Ear, text: str) -> dict[str, Any] | None:
    """The answer in one of the shapes of docs/writing-a-flow.md; None when it was not asked for or cannot be read."""
    reply = ear.reply(text)
    if reply is None or ear.question is None:
        return None
    if not reply.ways:
        return {"nothing": True, "words": reply.words}
    read = [_way(way, ear.question) for way in reply.ways]
    if len(read) == 1:
        return {**read[0], "words": reply.words}
    either = [name for each in read for name in each.get("options", ())]
    return {"either": list(dict.fromkeys(either)), "words": reply.words}


def _way(events: Iterable[Event], question: Question) -> dict[str, Any]:
    """One way to take the words, as data."""
    options: list[str] = []
    corrected: str | None = None
    for event in events:
        match event:
            case Number(value=value):
                return {"number": value}
            case Back():
                return {"back": True}
            case AskWhy() | Stop():
                return {"nothing": True}
            case Change(question=corrected):
                pass
            case NotSure():
                options += [question.unsure.id if question.unsure else "unsure"]
            case Answer(options=chosen):
                options += chosen
            case _:
                options += getattr(event, "options", ())
    if corrected is not None:
        return {"correct": {"question": corrected, "options": options}}
    return {"options": options}


# --- for people ---------------------------------------------------------------------------------------------------


def _lines(ear: _Ear, text: str) -> Iterator[str]:
    found = ear.verdict(text)
    yield f"danger: {found.danger.value}"
    if found.level:
        yield f"level: {found.level.value}"
    if found.foreign:
        yield f"hardly a word of it is in {ear.texts.name}"
    for title, findings in (("heard", found.findings), ("noted, for it matters only with more", found.noted)):
        yield from _told(title, [_line(each) for each in findings])
    yield from _told("not taken for a danger", [_left(each) for each in found.dismissed])
    if ear.question is not None:
        yield _told_answer(ear, text, ear.question)


def _told(title: str, lines: list[str]) -> Iterator[str]:
    if lines:
        yield f"{title}:"
        yield from lines


def _line(each: Weighed) -> str:
    noticed = each.noticed
    level = f", {each.level.value}" if each.level else ""
    why = f" ({_WHY[noticed.why]})" if noticed.why else ""
    return f"  {noticed.finding}: {noticed.sure.value}{level}, from '{noticed.words}'{why}"


def _left(each: Dismissed) -> str:
    return f"  {each.finding}: {_WHY[each.why]}, from '{each.words}'"


def _told_answer(ear: _Ear, text: str, question: Question) -> str:
    if ear.texts.replies is None:
        return f"as an answer to '{question.id}': answers in words cannot be read yet"
    answer = _answer(ear, text) or {}
    words = answer.pop("words", "")
    said = ", ".join(f"{key} {_said(value)}".removesuffix(" yes") for key, value in answer.items())
    return f"as an answer to '{question.id}': {said}" + (f", from '{words}'" if words else "")


def _said(value: object) -> str:
    if isinstance(value, dict):
        return f"'{value['question']}' to {_said(value['options'])}"
    if isinstance(value, list):
        return " + ".join(map(str, value)) or "nothing"
    return "yes" if value is True else str(value)
