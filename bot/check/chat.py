"""A played conversation as a chat that people can read: what Signpost says, what the person answers."""

from __future__ import annotations

from collections.abc import Iterator

from bot.check.play import Step
from bot.flow.engine import audience_of
from bot.flow.events import (
    Answer,
    Ask,
    Asking,
    Confirm,
    Done,
    Event,
    Finish,
    Hear,
    NotSure,
    Number,
    Review,
    Tick,
    Wonder,
)
from bot.flow.model import Audience, Flow
from bot.load import Library, Texts


def chat(library: Library, flow: Flow, steps: list[Step]) -> tuple[str, ...]:
    """The lines of a conversation, in the first language there is."""
    writer = _Writer(library.texts[min(library.texts)], flow)
    return tuple(writer.lines(steps))


class _Writer:
    def __init__(self, texts: Texts, flow: Flow) -> None:
        self.texts = texts
        self.flow = flow
        self.questions = texts.flows[flow.id].questions

    def lines(self, steps: list[Step]) -> Iterator[str]:
        open_card: str | None = None
        for step in steps:
            to = audience_of(self.flow, step.turn.session)
            if step.event is not None:
                yield f"  Person:   {self._event(step.event, open_card, to)}"
            ticking = isinstance(step.event, Tick) and step.ask is not None
            for effect in step.turn.effects:
                if isinstance(effect, Ask) and not ticking:
                    yield f"Signpost:   {self._ask(effect, to)}"
                elif isinstance(effect, Review):
                    yield "Signpost:   You said no to these danger signs. Is that right?"
                elif isinstance(effect, Finish):
                    yield from self._finish(effect, to)
            open_card = step.ask.question if step.ask else None

    def _ask(self, ask: Ask, to: Audience) -> str:
        question = self.questions[ask.question]
        if ask.asking is Asking.AGAIN and question.again:
            return f"(once more) {question.again.to(to)}"
        if ask.asking is Asking.DOUBTING:
            return "Which of these are you not sure about?"
        return question.ask.to(to)

    def _event(self, event: Event, card: str | None, to: Audience) -> str:
        match event:
            case Wonder():
                return f"(types, perhaps meaning '{', '.join(event.findings)}')"
            case Hear():
                said = "; ".join(self.texts.said[name].to(to) for name in event.findings if name in self.texts.said)
                return f"(types, understood as '{', '.join(event.findings)}') {said}".rstrip()
            case Number():
                return str(event.value)
            case Answer() | NotSure() if event.options:
                doubt = "Not sure: " if isinstance(event, NotSure) else ""
                return doubt + "; ".join(self._option(event.question, name, to) for name in event.options)
            case Tick():
                return f"[x] {self._option(event.question, event.option, to)}"
        plain = {Done: "(done)", NotSure: "Not sure", Confirm: "All correct"}
        return plain.get(type(event), f"({type(event).__name__.lower()}, at {card or 'the end'})")

    def _option(self, question: str, option: str, to: Audience) -> str:
        return self.questions[question].options[option].text.to(to)

    def _finish(self, finish: Finish, to: Audience) -> Iterator[str]:
        outcome = finish.outcome
        action = self.texts.actions.get(outcome.action or "")
        headline = f" {action.headline.to(to)}" if action else ""
        why = ", ".join(fired.rule for fired in outcome.rules) or "no rule"
        yield f"Signpost:   [{outcome.level.value}]{headline} ({why})"
