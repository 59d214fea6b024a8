"""Wording: the texts of one language for one conversation, in the wording for its audience."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from bot.flow.engine import audience_of
from bot.flow.fitting import fits
from bot.flow.model import Audience, Choose, Flow
from bot.flow.session import Answered, Session, Ticked
from bot.load import FlowTexts, Library, QuestionText, Texts

MOST_NAMED = 3
"""Chosen options that the line about the answer before names."""


@dataclass(frozen=True)
class Wording:
    """Everything that rendering needs to know about one conversation."""

    library: Library
    flow: Flow
    session: Session
    texts: Texts
    audience: Audience

    @classmethod
    def of(cls, library: Library, session: Session) -> Wording:
        """The wording for a session."""
        flow = library.flows[session.flow]
        return cls(library, flow, session, library.texts[session.language], audience_of(flow, session))

    @property
    def flow_texts(self) -> FlowTexts:
        """The texts of the session's flow."""
        return self.texts.flows[self.flow.id]

    def ui(self, key: str, **values: str) -> str:
        """A fixed text; ``values`` replace its ``<names>``."""
        text = self.texts.ui[key].to(self.audience)
        for name, value in values.items():
            text = text.replace(f"<{name}>", value)
        return text

    def question(self, name: str) -> QuestionText:
        """The texts of a question."""
        return self.flow_texts.questions[name]

    def short(self, name: str) -> str:
        """A question's short name; the id where an edited flow no longer has it."""
        texts = self.flow_texts.questions.get(name)
        return texts.short.to(self.audience) if texts else name

    def shorts(self, names: Iterable[str]) -> str:
        """Short names, in one line."""
        return ", ".join(self.short(name) for name in names)

    def said(self, finding: str) -> str:
        """How a finding (or a definition used as evidence) is said back."""
        return self.texts.said[finding].to(self.audience)

    def denied(self, finding: str) -> str:
        """How a denied danger finding is named."""
        return self.texts.denied[finding].to(self.audience)

    def answer(self, name: str) -> str:
        """What was answered to a question, in short."""
        question = self.flow.question(name)
        written = self.question(name).options
        answers = [
            entry
            for entry in self.session.inputs
            if isinstance(entry, Answered) and entry.question == name and fits(question, entry)
        ]
        if not answers:
            return self._ticked(name) or "–"
        if answers[-1].number is not None:
            return str(answers[-1].number)
        chosen = [option for entry in answers for option in entry.chosen]
        if not chosen:
            special = question.unsure if answers[-1].unsure else question.none
            return written[special.id].label.to(self.audience) if special else "–"
        labels = [written[option].label.to(self.audience) for option in chosen]
        more = f" +{len(labels) - MOST_NAMED}" if len(labels) > MOST_NAMED else ""
        joined = ", ".join(labels[:MOST_NAMED]) + more
        return joined if question.choose is Choose.ANY else labels[-1]

    def options(self, name: str, options: Iterable[str]) -> str:
        """Options of a question in full, in one line."""
        written = self.question(name).options
        return "; ".join(written[option].text.to(self.audience) for option in options if option in written)

    def _ticked(self, name: str) -> str:
        """What is ticked on a card that was never done, such as the one whose danger ended the check."""
        ticks = [entry.option for entry in self.session.inputs if isinstance(entry, Ticked) and entry.question == name]
        written = self.question(name).options
        ticked = [option for option in dict.fromkeys(ticks) if option in written and ticks.count(option) % 2]
        return ", ".join(written[option].label.to(self.audience) for option in ticked)

    def previous(self, current: str) -> str | None:
        """The line about the answer before the current card, or `None` on the first.

        What a first message answered beforehand is not told before its card is passed.
        """
        place = self.flow.place
        before = [
            entry.question
            for entry in self.session.inputs
            if isinstance(entry, Answered) and place.get(entry.question, len(place)) < place[current]
        ]
        if not before:
            return None
        name = before[-1]
        return self.ui("previous", question=self.short(name), answer=self.answer(name))
