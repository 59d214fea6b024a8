"""The sandbox's Telegram as a whole: who and what there is, what the bot asked for, and what went wrong with it."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field

from bot.sandbox.errors import ApiError, Json, forbidden, refused
from bot.sandbox.keyboards import Keyboard, callbacks
from bot.sandbox.model import Chat, Kind, Message, Standing, Tap, User
from bot.sandbox.queue import Queue
from bot.sandbox.spec import Upload
from bot.sandbox.text import Entity
from bot.sandbox.waiting import Activity

ANSWER_WITHIN = 15 * 60
"""Seconds within which a tap has to be answered. Telegram names no figure; the tap waits on a phone meanwhile."""

FIRST_PERSON = 1001
FIRST_GROUP = -1_001_000_000_001
FIRST_BASIC_GROUP = -4001


@dataclass(frozen=True, slots=True)
class Call:
    """One call of the bot: when (seconds since 1970), what with, and the error that came of it (or "")."""

    time: float
    method: str
    parameters: Json
    error: str = ""


@dataclass(slots=True)
class Profile:
    """How the bot presents itself, by language ("" for all others); commands also by scope (as JSON)."""

    names: dict[str, str] = field(default_factory=dict)
    descriptions: dict[str, str] = field(default_factory=dict)
    shorts: dict[str, str] = field(default_factory=dict)
    commands: dict[tuple[str, str], list[Json]] = field(default_factory=dict)
    menu: Json = field(default_factory=lambda: {"type": "commands"})


class World:
    """Everything there is. ``clock`` gives seconds since 1970."""

    def __init__(self, token: str, clock: Callable[[], float]) -> None:
        self.token = token
        self.clock = clock
        self.bot = User(int(token.partition(":")[0]), "Signpost", username="signpost_test_bot", is_bot=True)
        self.queue = Queue(clock)
        self.chats: dict[int, Chat] = {}
        self.people: dict[int, User] = {}
        self.taps: dict[str, Tap] = {}
        self.files: dict[str, Upload] = {}
        self.profile = Profile()
        self.privacy_mode = True
        self.journal: list[Call] = []
        self.violations: list[str] = []
        self.refusals: list[str] = []
        self.activity = Activity()
        self._numbers = itertools.count(1)
        self._person_ids = itertools.count(FIRST_PERSON)
        self._group_ids = itertools.count(FIRST_GROUP, -1)
        self._basic_ids = itertools.count(FIRST_BASIC_GROUP, -1)

    # --- who and where --------------------------------------------------------------------------------------------

    def add_person(self, name: str, language: str, user_id: int | None = None, username: str = "") -> User:
        """Somebody new, who has not written to the bot yet."""
        number = next(self._person_ids) if user_id is None else user_id
        user = User(number, name, username=username, language=language)
        self.people[number] = user
        self.chats[number] = Chat(number, Kind.PRIVATE, owner=user)
        return user

    def add_group(self, title: str, *, supergroup: bool, topics: bool) -> Chat:
        """A group that the bot is in."""
        number = next(self._group_ids if supergroup else self._basic_ids)
        kind = Kind.SUPERGROUP if supergroup else Kind.GROUP
        chat = Chat(number, kind, title=title, is_forum=topics)
        self.chats[number] = chat
        return chat

    def next_number(self) -> int:
        """A number that was not used before, for ids of taps, files and albums."""
        return next(self._numbers)

    # --- what is said ---------------------------------------------------------------------------------------------

    def write(
        self,
        chat: Chat,
        sender: User,
        said: tuple[str, list[Entity]] = ("", []),
        keyboard: Keyboard | None = None,
        content: Json | None = None,
    ) -> Message:
        """A new message in a chat (``said``: its text and entities); nobody is told of it yet."""
        chat.last_id += 1
        message = Message(
            chat.last_id,
            chat,
            sender,
            int(self.clock()),
            text=said[0],
            entities=list(said[1]),
            keyboard=keyboard or [],
            content=content or {},
            is_caption=bool(content),
            by_bot=sender is self.bot,
        )
        chat.messages[message.id] = message
        return message

    def effect(self, chat: Chat) -> None:
        """Something that a person in this chat notices."""
        chat.activity.effect()
        self.activity.effect()

    # --- what the bot may do --------------------------------------------------------------------------------------

    def chat(self, chat_id: object) -> Chat:
        """The chat that a call names, if the bot may know it.

        Raises:
            ApiError: there is none, or it became another.
        """
        if isinstance(chat_id, str):
            chat_id = next((chat.id for chat in self.chats.values() if f"@{chat.username}" == chat_id), None)
        chat = self.chats.get(chat_id) if isinstance(chat_id, int) else None
        if chat is None:
            raise refused("chat not found")
        if chat.moved_to is not None:
            raise refused("group chat was upgraded to a supergroup chat", {"migrate_to_chat_id": chat.moved_to.id})
        return chat

    def writable(self, chat_id: object) -> Chat:
        """The chat that a call names, if the bot may write there.

        Raises:
            ApiError: it may not, or there is no such chat.
        """
        chat = self.chat(chat_id)
        error = _closed(chat)
        if error is not None:
            raise error
        return chat

    @property
    def unanswered(self) -> list[Tap]:
        """The taps that the bot has not answered."""
        return [tap for tap in self.taps.values() if not tap.answered]

    def keyboards(self, chat: Chat) -> list[Message]:
        """The messages of a chat that have buttons which call the bot."""
        return [message for message in chat.shown() if callbacks(message.keyboard)]


def _closed(chat: Chat) -> ApiError | None:
    """Why the bot may not write in a chat."""
    group = "supergroup" if chat.kind is Kind.SUPERGROUP else "group"
    if chat.is_private:
        if not chat.started:
            return forbidden("bot can't initiate conversation with a user")
        return forbidden("bot was blocked by the user") if chat.standing is Standing.KICKED else None
    if chat.standing is Standing.KICKED:
        return forbidden(f"bot was kicked from the {group} chat")
    if chat.standing is Standing.LEFT:
        return forbidden(f"bot is not a member of the {group} chat")
    if chat.standing is Standing.RESTRICTED:
        return refused("not enough rights to send text messages to the chat")
    return None
