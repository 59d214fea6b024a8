"""Groups: members who talk, topics, anonymous admins, linked channels, and what of it a bot in privacy mode gets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.sandbox.errors import Json
from bot.sandbox.model import ANONYMOUS_ADMIN, CHANNEL_FORWARDER, Chat, Kind, Message, Standing, User
from bot.sandbox.people import NotThereError, Person
from bot.sandbox.queue import Update
from bot.sandbox.record import Sight
from bot.sandbox.text import cut, find
from bot.sandbox.waiting import SilenceError
from bot.sandbox.world import World

if TYPE_CHECKING:
    from bot.sandbox.sandbox import Sandbox

_OUTSIDE = frozenset({Standing.LEFT, Standing.KICKED})


class Group:
    """A group that the bot is in.

    Whoever does something here waits until the bot has answered, or, if ``silent``, until it has come to rest.
    """

    def __init__(self, sandbox: Sandbox, chat: Chat) -> None:
        self._sandbox = sandbox
        self._world: World = sandbox.world
        self.chat = chat

    @property
    def messages(self) -> list[Message]:
        """What the bot wrote here and is still there, oldest first."""
        return [message for message in self.chat.shown() if message.by_bot]

    def screen(self) -> str:
        """All that is written here."""
        return "\n".join(f"{message.sender.first_name}: {message.text}" for message in self.chat.shown())

    @property
    def saw(self) -> list[Sight]:
        """What the bot showed here, in the order of time."""
        return self.chat.saw

    def topic(self, name: str) -> int:
        """A new topic; its thread."""
        if not self.chat.is_forum:
            raise NotThereError("this group has no topics")
        self.chat.last_id += 1
        self.chat.topics[self.chat.last_id] = name
        return self.chat.last_id

    async def send(
        self,
        person: Person,
        text: str,
        *,
        topic: int | None = None,
        reply_to: Message | None = None,
        silent: bool = False,
    ) -> None:
        """A member writes. ``silent``: no answer is expected."""
        self.chat.people[person.user.id] = person.user
        await self._said(self._written(person.user, text, topic, reply_to), silent=silent)

    async def send_anonymously(self, text: str, *, topic: int | None = None, silent: bool = False) -> None:
        """An anonymous admin writes, in the group's name."""
        message = self._written(ANONYMOUS_ADMIN, text, topic)
        message.content["sender_chat"] = self.chat.api()
        await self._said(message, silent=silent)

    async def post_from_channel(self, text: str, *, silent: bool = False) -> None:
        """A post of the linked channel arrives."""
        channel = {"id": -1_001_999_999_999, "type": "channel", "title": "News"}
        origin = {"type": "channel", "chat": channel, "message_id": 5, "date": int(self._world.clock())}
        message = self._written(CHANNEL_FORWARDER, text)
        message.content |= {"sender_chat": channel, "is_automatic_forward": True, "forward_origin": origin}
        await self._said(message, silent=silent)

    def send_from_bot(self, text: str) -> None:
        """Another bot writes. Bots never see what other bots write."""
        self._written(User(987654, "Other", username="other_bot", is_bot=True), text)

    async def tap(self, person: Person, data: str, message: Message | None = None, *, silent: bool = False) -> None:
        """Somebody sends callback data from here, as only a forged app can; without a message, from a deleted one."""
        before = self.chat.activity.effects
        tap, update = self._world.tap(person.user, self.chat, message, data)
        await self._sandbox.settled(update, self.chat, None if silent else before, self.screen, tap)

    async def set_standing(self, person: Person, standing: Standing, *, silent: bool = False) -> None:
        """Somebody adds, promotes, restricts or removes the bot; when it is added, a message of the group says so."""
        before, added = self.chat.activity.effects, self.chat.standing in _OUTSIDE and standing not in _OUTSIDE
        update = self._world.move(self.chat, person.user, standing)
        if added:
            content = {"new_chat_members": [self._world.bot.api()]}
            update = self._told(person.user, content) or update
        if update is not None or not silent:
            await self._sandbox.settled(update, self.chat, None if silent else before, self.screen)

    async def create(self, person: Person, *, silent: bool = False) -> None:
        """What a bot is told when somebody makes a group with it in it."""
        before = self.chat.activity.effects
        self.chat.standing = Standing.LEFT
        update = self._world.move(self.chat, person.user, Standing.MEMBER)
        made = "supergroup_chat_created" if self.chat.kind is Kind.SUPERGROUP else "group_chat_created"
        update = self._told(person.user, {made: True}) or update
        await self._sandbox.settled(update, self.chat, None if silent else before, self.screen)

    async def upgrade(self, *, silent: bool = False) -> Group:
        """The group becomes a supergroup; calls with its old id are told so."""
        new, update = upgrade(self._world, self.chat)
        group = Group(self._sandbox, new)
        await self._sandbox.settled(update, new, None if silent else 0, group.screen)
        return group

    # --- within ---------------------------------------------------------------------------------------------------

    def _told(self, sender: User, content: Json) -> Update | None:
        """A service message, which reaches a bot in privacy mode too."""
        return _tell(self._world, self.chat, sender, content)

    def _written(self, sender: User, text: str, topic: int | None = None, reply_to: Message | None = None) -> Message:
        if topic is not None and topic not in self.chat.topics:
            raise NotThereError("there is no such topic")
        message = self._world.write(self.chat, sender, (text, find(text, [])))
        if topic is not None:
            message.thread, message.in_topic = topic, True
        elif reply_to is not None:
            message.follow(reply_to)
        message.reply_to = reply_to
        message.for_bot = self._is_for_bot(message)
        return message

    async def _said(self, message: Message, *, silent: bool) -> None:
        before = self.chat.activity.effects
        if self._reaches_bot(message):
            update = self._world.queue.put("message", message.api(), self.chat)
            await self._sandbox.settled(update, self.chat, None if silent else before, self.screen)
        elif not silent:
            raise SilenceError(f"the bot does not get to read what was written last:\n{self.screen()}")

    def _reaches_bot(self, message: Message) -> bool:
        """Telegram's rule for bots in privacy mode: commands for them and replies to what is meant for them."""
        if self.chat.standing in _OUTSIDE:
            return False
        return not self._world.privacy_mode or self.chat.standing is Standing.ADMIN or message.for_bot

    def _is_for_bot(self, message: Message) -> bool:
        name = f"@{self._world.bot.username}".lower()
        is_last = self.chat.last_bot in {None, self._world.bot}
        for entity in message.entities:
            words = cut(message.text, entity["offset"], entity["length"]).lower()
            if entity["type"] == "bot_command" and (words.endswith(name) or ("@" not in words and is_last)):
                return True
            if entity["type"] == "mention" and words == name and self.chat.mentions_arrive:
                return True
        replied = message.reply_to
        return replied is not None and (replied.by_bot or replied.for_bot)


def upgrade(world: World, chat: Chat) -> tuple[Chat, Update | None]:
    """A group becomes a supergroup: that one, and the update that tells the bot so from there."""
    new = world.add_group(chat.title, supergroup=True, topics=False)
    new.people = chat.people
    _tell(world, chat, ANONYMOUS_ADMIN, {"migrate_to_chat_id": new.id})
    chat.moved_to = new
    return new, _tell(world, new, ANONYMOUS_ADMIN, {"migrate_from_chat_id": chat.id})


def _tell(world: World, chat: Chat, sender: User, content: Json) -> Update | None:
    message = world.write(chat, sender, content=content)
    return world.queue.put("message", message.api(), chat)
