"""Answers in words: what a typed text answers to the question on screen, to the one before, or to a whole flow.

Nothing is guessed. One way to take the words is taken, several are offered to choose from, none means asking again;
*none of these* is only answered by a message that says nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.flow.events import Answer, Back, Change, Event, Mark, NotSure, Number, Stop, Why
from bot.flow.model import Choose, Flow, Question
from bot.flow.understand.asked import Labels, QuestionWords, Said
from bot.flow.understand.card import MOST_WAYS, Card, Chosen
from bot.flow.understand.chosen import chosen
from bot.flow.understand.lexemes import TimeWords, lexemes
from bot.flow.understand.numbers import ages, plain_numbers
from bot.flow.understand.reply import Day, Guess, Reply
from bot.flow.understand.times import times
from bot.flow.understand.told import Text
from bot.flow.understand.vocabulary import Vocabulary

_NOTHING = QuestionWords()
_COMMANDS: tuple[tuple[Said, Event, tuple[Said, ...]], ...] = (
    (Said.BACK, Back(), (Said.SLIP, Said.CORRECT, Said.MAYBE_CORRECT, Said.NO)),
    (Said.CHANGE, Change(), (Said.SLIP, Said.CORRECT)),
    (Said.WHY, Why(), ()),
    (Said.STOP, Stop(), ()),
)
"""What a whole message can ask for, and which words may stand with it."""


@dataclass(frozen=True)
class Replies:
    """All answers in words of one language.

    ``labels``: by question and option. ``topics``: the concepts that name a flow.
    """

    vocabulary: Vocabulary
    questions: Mapping[str, QuestionWords]
    labels: Mapping[str, Mapping[str, Labels]]
    time_words: TimeWords
    topics: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def reply(  # noqa: PLR0913 - each is a part of where the person stands
        self,
        text: str,
        question: Question,
        options: tuple[str, ...],
        before: Question | None,
        day: Day,
        *,
        danger: bool = False,
    ) -> Reply:
        """What a text answers. ``options``: those offered on the card now; ``before``: the question before it.

        ``danger``: the question asks for danger signs. One that is over by now counts, and so does a small one: there
        only a plain *no* is a no.
        """
        reply = self._reply(text, question, options, before, day)
        return Reply() if danger and self._wavers(text) and _denies(reply, question) else reply

    def _reply(
        self, text: str, question: Question, options: tuple[str, ...], before: Question | None, day: Day
    ) -> Reply:
        read = self._read(text, day)
        if not read.reading.tokens:
            return Reply()
        if exact := self._label(read, question, options):
            return Reply(((_event(question, (exact,)),),), text)
        command = next((event for name, event, also in _COMMANDS if read.commands(name, *also)), None)
        if command is not None and (
            self._is_plain(read, command) or not (here := self._answers(read, question, options, day))
        ):
            return Reply(((command,),), text)
        if command is None and (corrected := self._corrected(read, question, options, before, day)) is not None:
            return corrected
        return _reply(here if command is not None else self._answers(read, question, options, day), read)

    def yes_no(self, text: str) -> bool | None:
        """Whether a text is a clear yes, a clear no, or neither."""
        read = self._read(text, Day(2000, 1, 1, 5, 10957))
        if not read.reading.tokens:
            return None
        if read.is_only({Said.YES}):
            return True
        return False if read.is_only({Said.NO, Said.NONE}) else None

    def _wavers(self, text: str) -> bool:
        """Whether a *no* is not a plain one: *not now*, *no, a bit*, *nothing major*, *no?*, *no thanks*."""
        reading = self.vocabulary.read(text)
        return "?" in text or bool(reading.places.get(Said.WAVER))

    def topic(self, text: str) -> str | None:
        """The one flow whose words a text holds."""
        places = self.vocabulary.read(text).places
        named = [flow for flow, concepts in self.topics.items() if any(concept in places for concept in concepts)]
        return named[0] if len(named) == 1 else None

    def fill(self, text: str, flow: Flow, day: Day) -> tuple[Guess, ...]:
        """What a first message says about the questions that may be filled in; only what is so, never what is not."""
        read = self._read(text, day)
        guesses = []
        for question in flow.questions:
            entry = self.questions.get(question.id)
            if entry is None or entry.fill is None:
                continue
            guess = self._guess(read, question, entry, day) if not entry.fill or read.has_any(entry.fill) else None
            if guess is not None:
                guesses.append(guess)
        return tuple(guesses)

    def _is_plain(self, read: Text, command: Event) -> bool:
        """Whether a command is said in several words (*one step back*), so that none of them is an answer."""
        name = next(name for name, event, _ in _COMMANDS if event == command)
        return name in {Said.BACK, Said.CHANGE} and any(
            place.end - place.start > 1 for place in read.scope.places(name)
        )

    # --- one question -----------------------------------------------------------------------------------------------

    def _read(self, text: str, day: Day) -> Text:
        reading = self.vocabulary.read(text)
        signs = lexemes(reading, self.time_words.ordinal_endings)
        return Text(reading, signs, times(signs, day))

    def _label(self, read: Text, question: Question, options: tuple[str, ...]) -> str | None:
        labels = self.labels.get(question.id, {})
        typed = tuple(word.text for word in read.reading.words)
        named = [option for option in options if option in labels and typed in labels[option].exact]
        return named[0] if len(named) == 1 else None

    def _answers(self, read: Text, question: Question, options: tuple[str, ...], day: Day) -> tuple[Event, ...]:
        """The events that the words can mean for this question: none, one, or several to choose from."""
        entry = self.questions.get(question.id, _NOTHING)
        if question.choose is Choose.NUMBER:
            numbers = ages(read.signs, question, day) if entry.age else plain_numbers(read.signs, question)
            numbers = () if read.is_asking_back else numbers
            if 1 <= len(numbers) <= MOST_WAYS:
                return tuple(Number(question.id, number) for number in numbers)
        result = chosen(read, Card(question, options, entry, self.labels.get(question.id, {})))
        return _events(result, question)

    def _corrected(
        self, read: Text, question: Question, options: tuple[str, ...], before: Question | None, day: Day
    ) -> Reply | None:
        """What a *no wait, I meant …* says: first of the question before, then of this one."""
        strong, weak = read.correction(Said.CORRECT), read.correction(Said.MAYBE_CORRECT)
        itself = read.correction(Said.SELF_CORRECT)
        if itself is not None and not itself.at_start:
            here = self._answers(itself.rest, question, options, day)
            return _reply(here, read) if here else None
        cue = strong if strong is not None and strong.at_start else weak
        if cue is None or not cue.at_start or before is None:
            return None
        here = self._answers(cue.rest, question, options, day)
        if cue is weak and here:
            return None
        every = tuple(option.id for option in before.options)
        answers = [event for event in self._answers(cue.rest, before, every, day) if _is_choice(event, before)]
        if answers and here and not _is_choice(here[0], question):
            here = ()
        ways = (*((Change(before.id), event) for event in answers), *((event,) for event in here))
        return Reply(ways, read.said) if 1 <= len(ways) <= MOST_WAYS else None

    def _guess(self, read: Text, question: Question, entry: QuestionWords, day: Day) -> Guess | None:
        if question.choose is Choose.NUMBER:
            numbers = ages(read.signs, question, day, only_sure=True) if entry.age else ()
            return Guess(question.id, number=numbers[0]) if len(numbers) == 1 else None
        options = tuple(option.id for option in question.choices)
        result = chosen(read, Card(question, options, entry, needs=entry.fill))
        if len(result.ways) != 1 or result.kind is not Chosen.Kind.OPTIONS:
            return None
        return Guess(question.id, result.ways[0])


def _denies(reply: Reply, question: Question) -> bool:
    """Whether words answer *none of these*."""
    none = question.none.id if question.none else ""
    return any(isinstance(event, Answer) and event.options == (none,) for way in reply.ways for event in way)


def _event(question: Question, options: tuple[str, ...]) -> Event:
    option = question.by_id[options[0]] if len(options) == 1 else None
    if option is not None and option.unsure:
        return NotSure(question.id)
    if question.choose is Choose.ANY and not (option is not None and option.rest):
        return Mark(question.id, options)
    return Answer(question.id, options)


def _is_choice(event: Event, question: Question) -> bool:
    """Whether it says something: neither *none of these* nor *not sure*."""
    if isinstance(event, Answer):
        return not any(question.by_id[option].rest for option in event.options)
    return isinstance(event, Mark | Number)


def _events(result: Chosen, question: Question) -> tuple[Event, ...]:
    if result.kind is Chosen.Kind.UNSURE:
        return (NotSure(question.id),)
    return tuple(_event(question, way) for way in result.ways)


def _reply(events: tuple[Event, ...], read: Text) -> Reply:
    return Reply(tuple((event,) for event in events), read.said) if 1 <= len(events) <= MOST_WAYS else Reply()
