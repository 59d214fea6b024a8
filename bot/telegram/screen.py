"""What a person with a check has in front of them, and how messages become posts.

At any time at most one message of a chat has live buttons, the newest one. A tap on it edits it in place; after
anything typed it is sent anew below. A seek-care message or a result is always new, and is never edited away.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property

from bot.conversation.conversation import Conversation
from bot.conversation.messages import Block, Choice, Message, Purpose, Style
from bot.conversation.notices import advised
from bot.conversation.wording import Wording
from bot.flow.engine import advice, answered, is_stopped, outcome_of, standing
from bot.flow.events import Ask, Asking, ChangeList, Effect
from bot.flow.model import Choose, Flow
from bot.flow.session import Session
from bot.telegram import buttons
from bot.telegram.buttons import Kind, Where
from bot.telegram.markup import texts
from bot.telegram.pages import Pages
from bot.telegram.posts import Button, Card, Face, Note, Post, Toast

_FINAL = frozenset({Purpose.SEEK_CARE, Purpose.RESULT})


def refused(query: str, refusal: Message) -> Toast:
    """Why a tap did nothing, over the chat."""
    return Toast(query, " ".join(block.text for block in refusal.blocks))


class Screen:
    """One session, as it stands."""

    def __init__(self, conversation: Conversation, session: Session, pages: Pages) -> None:
        self.session = session
        self._conversation = conversation
        self._pages = pages
        self._flow: Flow = conversation.library.flows[session.flow]
        self._effects: tuple[Effect, ...] = standing(self._flow, session)

    @cached_property
    def messages(self) -> list[Message]:
        """What stands in front of the person."""
        return self._render(*self._effects)

    @cached_property
    def finished(self) -> bool:
        """Whether there is a result."""
        return outcome_of(self._flow, self.session) is not None

    @cached_property
    def stopped(self) -> bool:
        """Whether the person stopped the check."""
        return is_stopped(self._flow, self.session)

    @cached_property
    def ask(self) -> Ask | None:
        """The question that is asked."""
        return next((effect for effect in self._effects if isinstance(effect, Ask)), None)

    @cached_property
    def where(self) -> Where:
        """Where the person stands, as buttons name it."""
        if self.ask:
            again = "" if self.ask.asking is Asking.FIRST else f"/{self.ask.asking.value}"
            return Where(self.session, self.ask.question + again)
        return Where(self.session, next((message.question for message in self.messages if message.question), ""))

    @property
    def choices(self) -> list[Choice]:
        """All that can be chosen now."""
        return [choice for message in self.messages for choice in message.choices]

    @property
    def listed(self) -> list[Choice]:
        """The answers that can be changed."""
        changeable = answered(self._flow, self.session)
        return [choice for message in self._render(ChangeList(changeable)) for choice in message.options()]

    def bounds(self, question: str) -> tuple[int, int]:
        """The smallest and largest number that a question takes."""
        asked = self._flow.question(question)
        return asked.smallest, asked.largest

    # --- posts ----------------------------------------------------------------------------------------------------

    def here(self, *, below: bool) -> list[Post]:
        """Where the person stands, changing nothing. A result is not repeated, only that there is one."""
        if self.finished:
            return [self.finished_page()] if below else []
        return self.posts(self.messages, below=below)

    def result(self) -> list[Post]:
        """The result, once more, as a message of its own."""
        return self.posts(self.messages, below=True)

    def unfinished_page(self, *, welcome: bool) -> Card:
        """Go on with the check, or begin a new one; what the answers so far call for already is said first."""
        action = advice(self._flow, self.session)
        said = advised(action, Wording.of(self._conversation.library, self.session))
        return self._pages.unfinished(self.where, said, welcome=welcome)

    def finished_page(self, *, welcome: bool = False) -> Card:
        """There is a result: look at it, change an answer, or begin a new check."""
        headline = self.messages[-1].blocks[0].text
        return self._pages.finished(self.where, headline, welcome=welcome)

    def posts(self, messages: Sequence[Message], *, below: bool) -> list[Post]:
        """Messages as posts: what has to last as notes, passing words on top of the card that they belong to."""
        main = next((message for message in reversed(messages) if message.choices), None)
        beside = [message for message in messages if message is not main]
        if main is None:
            return [Note(texts(message)) for message in beside]
        final = main.purpose in _FINAL
        lasting = [message for message in beside if final or message.lasting or message.purpose is Purpose.INTRO]
        passing = [message for message in beside if message not in lasting]
        notes: list[Post] = [Note(texts(message)) for message in lasting]
        return [*notes, self._card(main, passing, below=below or final or bool(lasting))]

    def details(self, message: Message) -> Card:
        """More about a cause, with the buttons of the result; that stands above and loses them."""
        result = self._card(self.messages[-1], (), below=True)
        return Card(texts(message), result.keyboard, below=True, mark=result.mark)

    def narrowed(self, smallest: int, largest: int) -> Card:
        """The card of a number question with the buttons of one range, and the way back to the others."""
        card = self._card(self.messages[-1], self.messages[:-1], below=False)
        others = Button(self._pages.ui("other_numbers"), self.where.data(Kind.COMMAND, "continue"))
        rows = (*buttons.numbers(self.where, smallest, largest), (others,))
        return replace(card, keyboard=(*rows, *buttons.commands(self.messages[-1], self.where)))

    def _card(self, message: Message, before: Sequence[Message], *, below: bool) -> Card:
        keys = buttons.keyboard(message, self.where, self._pages.ui("copy_phone"))
        if message.choose is Choose.NUMBER and self.ask and message.question == self.ask.question:
            keys = (*buttons.numbers(self.where, *self.bounds(self.ask.question)), *keys)
        face = Face.LIST if message.question == "change" else Face.STANDING
        packed = texts(_told_twice(message), before)
        final = message.purpose in _FINAL
        return Card(packed, keys, below or len(packed) > 1, final, face, self.where.mark)

    def _render(self, *effects: Effect) -> list[Message]:
        return self._conversation.render(effects, self.session)


def _told_twice(message: Message) -> Message:
    """A seek-care message ends as it begins: it is longer than a phone, which may show its end first."""
    if message.purpose is not Purpose.SEEK_CARE:
        return message
    return replace(message, blocks=(*message.blocks, Block(Style.TITLE, f"➜ {message.blocks[0].text}")))
