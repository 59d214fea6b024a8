"""The sandbox's Telegram as a whole: who and what there is, what the bot asked for, and what went wrong with it."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable
from dataclasses import dataclass, field

from bot.sandbox import record
from bot.sandbox.errors import ApiError, Blame, Json, bad, forbidden, refused
from bot.sandbox.keyboards import Keyboard, callbacks
from bot.sandbox.limits import Limiter
from bot.sandbox.model import ANONYMOUS_ADMIN, Chat, Kind, Message, Standing, Tap, User, Version
from bot.sandbox.queue import Queue, Update
from bot.sandbox.record import Call, Sight, What
from bot.sandbox.spec import Upload
from bot.sandbox.text import Entity
from bot.sandbox.waiting import Activity

ANSWER_WITHIN = 15.0
"""Seconds within which a tap has to be answered. Telegram names no figure; those who measured it found about this."""

FIRST_PERSON = 1001
FIRST_GROUP = -1_001_000_000_001
FIRST_BASIC_GROUP = -4001
FIRST_TAP = 10**15

_TAP_ID = re.compile(r"[0-9]{16,20}")


@dataclass(slots=True)
class Profile:
    """How the bot presents itself, by language ("" for all others); commands also by scope (as JSON)."""

    names: dict[str, str] = field(default_factory=dict)
    descriptions: dict[str, str] = field(default_factory=dict)
    shorts: dict[str, str] = field(default_factory=dict)
    commands: dict[tuple[str, str], list[Json]] = field(default_factory=dict)
    menu: Json = field(default_factory=lambda: {"type": "commands"})


class World:
    """Everything there is. ``clock`` gives seconds since 1970; a tap has to be answered ``answer_within`` seconds."""

    def __init__(self, token: str, clock: Callable[[], float], answer_within: float = ANSWER_WITHIN) -> None:
        self.token = token
        self.clock = clock
        self.answer_within = answer_within
        self.bot = User(int(token.partition(":")[0]), "Signpost", username="signpost_test_bot", is_bot=True)
        self.queue = Queue(clock)
        self.chats: dict[int, Chat] = {}
        self.people: dict[int, User] = {}
        self.taps: dict[str, Tap] = {}
        self.old_taps: dict[str, None] = {}
        self.files: dict[str, Upload] = {}
        self.profile = Profile()
        self.privacy_mode = True
        self.limiter: Limiter | None = None
        self.journal: list[Call] = []
        self.violations: list[str] = []
        self.refusals: list[str] = []
        self.activity = Activity()
        self._unanswered: dict[str, Tap] = {}
        self._next_tap = FIRST_TAP
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
        """A group that the bot is in. Where there are topics, the first number is that of the general one."""
        number = next(self._group_ids if supergroup else self._basic_ids)
        kind = Kind.SUPERGROUP if supergroup else Kind.GROUP
        chat = Chat(number, kind, title=title, is_forum=topics, last_id=int(topics))
        self.chats[number] = chat
        return chat

    def move(self, chat: Chat, by: User, standing: Standing) -> Update | None:
        """Change what the bot is in a chat; the update that tells it so, None if it does not ask for such ones."""
        old, chat.standing = chat.standing, standing
        return self.queue.put(
            "my_chat_member",
            {
                "chat": chat.api(),
                "from": by.api(),
                "date": int(self.clock()),
                "old_chat_member": self._member(old),
                "new_chat_member": self._member(standing),
            },
            chat,
        )

    def _member(self, standing: Standing) -> Json:
        banned = {"until_date": 0} if standing is Standing.KICKED else {}
        return {"user": self.bot.api(), "status": standing.value} | banned

    def next_number(self) -> int:
        """A number that was not used before, for ids of files and polls."""
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
        chat.forgotten = max([chat.forgotten, *record.forget(chat.messages, record.MOST_MESSAGES)])
        if sender.is_bot and sender is not ANONYMOUS_ADMIN:
            chat.last_bot = sender
        return message

    def change(self, message: Message, text: str, entities: list[Entity], keyboard: Keyboard) -> None:
        """The bot edits a message, and people see it."""
        message.history.append(Version(self.clock(), message.text, tuple(message.entities), message.keyboard))
        record.shorten(message.history, record.MOST_VERSIONS)
        message.text, message.entities, message.keyboard = text, entities, keyboard
        message.edited = int(self.clock())
        self.show(What.EDIT, message)

    def tap(self, person: User, chat: Chat, message: Message | None, data: str) -> tuple[Tap, Update | None]:
        """Somebody taps a button; without a message, on one that is gone. Also the update that the bot gets of it."""
        if message is None:
            message = self.write(chat, self.bot)
            message.deleted = True
        tap = Tap(str(self._next_tap), person, chat, message, data, self.clock())
        self._next_tap += 1
        self.taps[tap.id] = self._unanswered[tap.id] = tap
        person.taps.append(tap)
        record.shorten(person.taps, record.MOST_TAPS_OF_ONE)
        for gone in record.forget(self.taps, record.MOST_TAPS):
            self._unanswered.pop(gone, None)
        body: Json = {"id": tap.id, "from": person.api(), "chat_instance": str(chat.id), "data": data}
        body["message"] = message.inaccessible() if message.deleted else message.api()
        return tap, self.queue.put("callback_query", body, chat)

    def was_tap(self, tap_id: str) -> bool:
        """Whether there ever was a tap of this id."""
        made_here = bool(_TAP_ID.fullmatch(tap_id)) and FIRST_TAP <= int(tap_id) < self._next_tap
        return made_here or tap_id in self.old_taps

    def keep_old_tap(self, tap_id: str) -> None:
        """There was a tap of this id, and it is too late to answer it."""
        self.old_taps[tap_id] = None
        record.forget(self.old_taps, record.MOST_OLD_TAPS)

    def store(self, upload: Upload) -> str:
        """Keep a file; its id."""
        name = f"file{self.next_number()}"
        self.files[name] = upload
        record.forget(self.files, record.MOST_FILES)
        while len(self.files) > 1 and sum(len(each.content) for each in self.files.values()) > record.LARGEST_FILES:
            del self.files[next(iter(self.files))]
        return name

    # --- what people see of the bot -------------------------------------------------------------------------------

    def show(self, what: What, message: Message, text: str | None = None) -> None:
        """Something happens to a message before the eyes of the people in its chat. ``text``: if not that of it."""
        words = message.text if text is None else text
        labels = tuple(message.labels) if text is None else ()
        self._seen(message.chat, Sight(self.clock(), what, message.id, words, labels))
        self._effect(message.chat)

    def answer(self, tap: Tap, text: str, *, alert: bool) -> None:
        """The bot answers a tap; only words can be seen, and only by the person who tapped."""
        tap.text, tap.alert = text, alert
        self._unanswered.pop(tap.id, None)
        if text:
            what = What.ALERT if alert else What.TOAST
            self._seen(self.chats[tap.person.id], Sight(self.clock(), what, tap.message.id, text))
            tap.chat.activity.change()
            self.activity.change()

    def _seen(self, chat: Chat, sight: Sight) -> None:
        chat.saw.append(sight)
        record.shorten(chat.saw, record.MOST_SIGHTS)

    def _effect(self, chat: Chat) -> None:
        chat.activity.effect()
        self.activity.effect()

    @property
    def unanswered(self) -> list[Tap]:
        """The taps that the bot has not answered."""
        return list(self._unanswered.values())

    def keyboards(self, chat: Chat) -> list[Message]:
        """The messages of a chat that have buttons which call the bot."""
        return [message for message in chat.shown() if callbacks(message.keyboard)]

    # --- what the bot may do --------------------------------------------------------------------------------------

    def chat(self, chat_id: object) -> Chat:
        """The chat that a call names, if the bot may know it.

        Raises:
            ApiError: there never was one, or it became another.
        """
        if isinstance(chat_id, str):
            chat_id = next((chat.id for chat in self.chats.values() if f"@{chat.username}" == chat_id), None)
        chat = self.chats.get(chat_id) if isinstance(chat_id, int) else None
        if chat is None:
            raise bad("chat not found")
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

    def message(self, chat: Chat, number: int, otherwise: str) -> Message:
        """The message of this id.

        Raises:
            ApiError: in the words of ``otherwise``; it is gone, or there never was one, which is the bot's fault.
        """
        message = chat.messages.get(number)
        if message is not None and not message.deleted:
            return message
        raise refused(otherwise) if message is not None or 0 < number <= chat.forgotten else bad(otherwise)

    # --- the record -----------------------------------------------------------------------------------------------

    def note(self, call: Call) -> None:
        """Keep a call in the journal."""
        self.journal.append(call)
        record.shorten(self.journal, record.MOST_CALLS)

    def tell(self, blame: Blame, what: str) -> None:
        """Keep what was refused, and by whose fault."""
        told = self.violations if blame is Blame.VIOLATION else self.refusals
        told.append(what)
        record.shorten(told, record.MOST_TOLD)


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
