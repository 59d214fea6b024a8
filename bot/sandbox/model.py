"""What there is in the sandbox's Telegram: users, chats, messages, and taps that wait for an answer.

Each can say itself as the object of the Bot API that it is.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from bot.sandbox.errors import Json
from bot.sandbox.keyboards import Keyboard, callbacks
from bot.sandbox.record import Sight
from bot.sandbox.text import Entity
from bot.sandbox.waiting import Activity


@dataclass(eq=False, slots=True)
class User:
    """A person or a bot. ``language`` is a tag such as ``en``, as the person's app tells it; empty if it does not.

    ``taps``: their newest taps, oldest first.
    """

    id: int
    first_name: str
    last_name: str = ""
    username: str = ""
    language: str = ""
    is_bot: bool = False
    taps: list[Tap] = field(default_factory=list)

    def api(self) -> Json:
        """The User."""
        made: Json = {"id": self.id, "is_bot": self.is_bot, "first_name": self.first_name}
        optional = {"last_name": self.last_name, "username": self.username, "language_code": self.language}
        return made | {name: value for name, value in optional.items() if value}


ANONYMOUS_ADMIN = User(1087968824, "Group", username="GroupAnonymousBot", is_bot=True)
"""Who sends what an anonymous administrator writes; `sender_chat` is the group."""

CHANNEL_FORWARDER = User(777000, "Telegram")
"""Who brings the posts of a linked channel into its discussion group."""


class Kind(StrEnum):
    """The kinds of chats."""

    PRIVATE = "private"
    GROUP = "group"
    SUPERGROUP = "supergroup"
    CHANNEL = "channel"


class Standing(StrEnum):
    """What the bot is in a chat; in a private chat ``KICKED`` means that the person has blocked it."""

    MEMBER = "member"
    ADMIN = "administrator"
    RESTRICTED = "restricted"
    LEFT = "left"
    KICKED = "kicked"


@dataclass(eq=False, slots=True)
class Chat:
    """A chat. ``owner`` is the person of a private one; ``topics`` names the threads of a forum.

    ``started``: the person has written to the bot, which may write only then. ``last_bot`` wrote last of all bots.
    ``mentions_arrive``: a bot in privacy mode gets to read what mentions it; the documentation says that it does not,
    BotFather says that it does. ``forgotten``: messages up to this id were here and are kept no longer. ``saw``: what
    the bot showed here.
    """

    id: int
    kind: Kind
    title: str = ""
    owner: User | None = None
    username: str = ""
    is_forum: bool = False
    topics: dict[int, str] = field(default_factory=dict)
    standing: Standing = Standing.MEMBER
    started: bool = False
    moved_to: Chat | None = None
    last_bot: User | None = None
    mentions_arrive: bool = False
    last_id: int = 0
    forgotten: int = 0
    messages: dict[int, Message] = field(default_factory=dict)
    people: dict[int, User] = field(default_factory=dict)
    admins: set[int] = field(default_factory=set)
    saw: list[Sight] = field(default_factory=list)
    action: tuple[str, float] | None = None
    activity: Activity = field(default_factory=Activity)

    @property
    def is_private(self) -> bool:
        """A chat of the bot and one person."""
        return self.kind is Kind.PRIVATE

    def api(self) -> Json:
        """The Chat."""
        made: Json = {"id": self.id, "type": self.kind.value}
        if self.owner is not None:
            user = self.owner.api()
            return made | {name: user[name] for name in ("first_name", "last_name", "username") if name in user}
        made |= {"title": self.title} | ({"username": self.username} if self.username else {})
        return made | ({"is_forum": True} if self.is_forum else {})

    def shown(self) -> list[Message]:
        """The messages that are there, oldest first."""
        return [message for message in self.messages.values() if not message.deleted]


@dataclass(frozen=True, slots=True)
class Version:
    """What a message once was. ``time`` in seconds since 1970."""

    time: float
    text: str
    entities: tuple[Entity, ...]
    keyboard: Keyboard


@dataclass(eq=False, slots=True)
class Message:
    """A message. ``date`` and ``edited`` are in seconds since 1970.

    ``content`` holds further fields of the Bot API's Message (photo, location, a service message's…), ``is_caption``
    says that text and entities belong to such content. ``for_bot``: it was written to the bot, which matters in groups.
    ``history`` is what it was before its edits.
    """

    id: int
    chat: Chat
    sender: User
    date: int
    text: str = ""
    entities: list[Entity] = field(default_factory=list)
    keyboard: Keyboard = field(default_factory=list)
    content: Json = field(default_factory=dict)
    is_caption: bool = False
    reply_to: Message | None = None
    thread: int | None = None
    in_topic: bool = False
    preview: Json | None = None
    edited: int | None = None
    deleted: bool = False
    for_bot: bool = False
    by_bot: bool = False
    reaction: str = ""
    history: list[Version] = field(default_factory=list)

    def api(self, *, with_reply: bool = True) -> Json:
        """The Message; the one that it replies to comes without that one's own."""
        made: Json = {
            "message_id": self.id,
            "from": self.sender.api(),
            "chat": self.chat.api(),
            "date": self.date,
        }
        if self.thread is not None:
            made["message_thread_id"] = self.thread
        if self.in_topic:
            made["is_topic_message"] = True
        if self.edited is not None:
            made["edit_date"] = self.edited
        if with_reply and self.reply_to is not None and not self.reply_to.deleted:
            made["reply_to_message"] = self.reply_to.api(with_reply=False)
        made |= self.content
        if self.text:
            made["caption" if self.is_caption else "text"] = self.text
        if self.entities:
            made["caption_entities" if self.is_caption else "entities"] = self.entities
        if self.preview:
            made["link_preview_options"] = self.preview
        if self.keyboard:
            made["reply_markup"] = {"inline_keyboard": self.keyboard}
        return made

    def inaccessible(self) -> Json:
        """The InaccessibleMessage that stands for it once it is gone."""
        return {"chat": self.chat.api(), "message_id": self.id, "date": 0}

    def follow(self, replied: Message) -> None:
        """Stand in the thread of the message that it replies to; in a plain supergroup the replies make one."""
        if replied.in_topic:
            self.thread, self.in_topic = replied.thread, True
        elif self.chat.kind is Kind.SUPERGROUP and not self.chat.is_forum:
            self.thread = replied.thread or replied.id

    @property
    def labels(self) -> list[str]:
        """What stands on its buttons, row by row."""
        return [button["text"] for row in self.keyboard for button in row]

    def ever_had(self, data: str) -> bool:
        """Whether one of its buttons calls the bot with this data, or did before an edit."""
        keyboards = [self.keyboard, *(version.keyboard for version in self.history)]
        return any(button["callback_data"] == data for keyboard in keyboards for button in callbacks(keyboard))


@dataclass(eq=False, slots=True)
class Tap:
    """A tap on a button, a CallbackQuery for the bot; its person's app shows that it waits until it is answered.

    ``text`` is what the answer said, None until then. ``late``: the bot tried to answer, but too late.
    """

    id: str
    person: User
    chat: Chat
    message: Message
    data: str
    time: float
    text: str | None = None
    alert: bool = False
    late: bool = False

    @property
    def answered(self) -> bool:
        """The bot has answered, be it with nothing to read."""
        return self.text is not None
