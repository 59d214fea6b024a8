"""What is in front of the person, and so what an answer refers to."""

from __future__ import annotations

from dataclasses import dataclass, replace

from bot.conversation.messages import Choice, Message, Part, Purpose
from bot.flow.events import Ask, Asking, Change
from bot.flow.model import Choose

LETTERS = "abcdefghijklmnopqrstuvwxyz"
"""The signs of options where a number is an answer of its own."""


@dataclass(frozen=True, slots=True)
class View:
    """What a typed line or a key is understood against.

    ``card`` is the message with something to choose that was shown last, ``ask`` the current question (``None`` when
    nothing is asked), ``answers`` what *change* can reopen, ``causes`` what *more* can tell about.
    """

    card: Message | None = None
    ask: Ask | None = None
    answers: tuple[Choice, ...] = ()
    causes: tuple[Choice, ...] = ()
    finished: bool = False
    stopped: bool = False

    @property
    def options(self) -> tuple[Choice, ...]:
        """What can be chosen now, in the order in which it is numbered."""
        return self.card.options() if self.card else ()

    @property
    def commands(self) -> tuple[Choice, ...]:
        """What else can be done now."""
        return tuple(choice for choice in self.card.choices if choice.part is Part.COMMAND) if self.card else ()

    @property
    def question(self) -> Ask | None:
        """The question on the card; ``None`` where the card is a list, a review or a result."""
        return self.ask if self.ask and self.card and self.card.question == self.ask.question else None

    @property
    def several(self) -> bool:
        """Whether several options of the card can hold at once."""
        return self.question is not None and self.card is not None and self.card.choose is Choose.ANY

    @property
    def doubting(self) -> bool:
        """Whether the card asks which options the person is not sure about."""
        return self.question is not None and self.question.asking is Asking.DOUBTING

    @property
    def number(self) -> bool:
        """Whether the card asks for a number."""
        return self.question is not None and self.card is not None and self.card.choose is Choose.NUMBER

    @property
    def numbered(self) -> bool:
        """Whether a number means an option: everywhere but where a number of the person's own is asked for.

        There a number is always that number, also on the second asking, whose options have letters instead.
        """
        return not self.number

    @property
    def changing(self) -> bool:
        """Whether the card is the list of answers that can be changed."""
        options = self.options
        return bool(options) and all(isinstance(each.request, Change) and each.request.question for each in options)

    def after(self, messages: tuple[Message, ...]) -> View:
        """The same, with the card that these messages bring."""
        cards = [message for message in messages if message.choices and message.purpose is not Purpose.DETAIL]
        return replace(self, card=cards[-1]) if cards else self
