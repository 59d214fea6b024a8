"""Groups: members who talk, topics, anonymous admins, linked channels, and what of it a bot in privacy mode gets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.sandbox.errors import Json
from bot.sandbox.model import ANONYMOUS_ADMIN, CHANNEL_FORWARDER, Chat, Message, Standing, Tap, User
from bot.sandbox.people import NotThereError, Person
from bot.sandbox.queue import Update
from bot.sandbox.text import cut, find
from bot.sandbox.world import World

if TYPE_CHECKING:
    from bot.sandbox.sandbox import Sandbox


class Group:
    """A group that the bot is in."""

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

    def topic(self, name: str) -> int:
        """A new topic; its thread."""
        if not self.chat.is_forum:
            raise NotThereError("this group has no topics")
        self.chat.last_id += 1
        self.chat.topics[self.chat.last_id] = name
        return self.chat.last_id

    async def send(
        self, person: Person, text: str, *, topic: int | None = None, reply_to: Message | None = None
    ) -> None:
        """A member writes."""
        self.chat.people[person.user.id] = person.user
        await self._said(person.user, text, {}, topic=topic, reply_to=reply_to)

    async def send_anonymously(self, text: str, *, topic: int | None = None) -> None:
        """An anonymous admin writes, in the group's name."""
        await self._said(ANONYMOUS_ADMIN, text, {"sender_chat": self.chat.api()}, topic=topic)

    async def post_from_channel(self, text: str) -> None:
        """A post of the linked channel arrives."""
        channel = {"id": -1_001_999_999_999, "type": "channel", "title": "News"}
        origin = {"type": "channel", "chat": channel, "message_id": 5, "date": int(self._world.clock())}
        extra = {"sender_chat": channel, "is_automatic_forward": True, "forward_origin": origin}
        await self._said(CHANNEL_FORWARDER, text, extra)

    async def send_from_bot(self, text: str) -> None:
        """Another bot writes."""
        await self._said(User(987654, "Other", username="other_bot", is_bot=True), text, {})

    async def tap(self, person: Person, data: str, message: Message | None = None) -> None:
        """Somebody sends callback data from here, as only a forged app can."""
        world = self._world
        tap = Tap(str(10**15 + world.next_number()), person.user, self.chat, message, data, world.clock())
        world.taps[tap.id] = tap
        shown = message.api() if message else {"chat": self.chat.api(), "message_id": 1, "date": 0}
        body: Json = {"id": tap.id, "from": person.user.api(), "chat_instance": "g", "data": data, "message": shown}
        await self._settled(world.queue.put("callback_query", body, self.chat), tap)

    async def set_standing(self, person: Person, standing: Standing) -> None:
        """Somebody adds, promotes, restricts or removes the bot."""
        old, self.chat.standing = self.chat.standing, standing
        member = {"user": self._world.bot.api()}
        body = {
            "chat": self.chat.api(),
            "from": person.user.api(),
            "date": int(self._world.clock()),
            "old_chat_member": member | {"status": old.value},
            "new_chat_member": member | {"status": standing.value},
        }
        await self._settled(self._world.queue.put("my_chat_member", body, self.chat))

    async def upgrade(self) -> Group:
        """The group becomes a supergroup; calls with its old id are told so."""
        new = self._world.add_group(self.chat.title, supergroup=True, topics=False)
        new.people = self.chat.people
        old = self.chat
        message = self._world.write(old, ANONYMOUS_ADMIN, content={"migrate_to_chat_id": new.id})
        old.moved_to = new
        self._world.queue.put("message", message.api(), old)
        message = self._world.write(new, ANONYMOUS_ADMIN, content={"migrate_from_chat_id": old.id})
        await self._settled(self._world.queue.put("message", message.api(), new))
        return Group(self._sandbox, new)

    # --- within ---------------------------------------------------------------------------------------------------

    async def _said(
        self, sender: User, text: str, extra: Json, *, topic: int | None = None, reply_to: Message | None = None
    ) -> None:
        message = self._world.write(self.chat, sender, (text, find(text, [])))
        message.content |= extra
        message.is_caption = False
        message.reply_to = reply_to
        if topic is not None:
            if topic not in self.chat.topics:
                raise NotThereError("there is no such topic")
            message.thread, message.in_topic = topic, True
        message.for_bot = self._is_for_bot(message)
        if sender.is_bot and sender is not ANONYMOUS_ADMIN:
            return  # bots never see what other bots write
        if self._reaches_bot(message):
            await self._settled(self._world.queue.put("message", message.api(), self.chat))

    def _reaches_bot(self, message: Message) -> bool:
        """Telegram's rule for bots in privacy mode: commands for them and replies to what is meant for them."""
        if self.chat.standing not in {Standing.MEMBER, Standing.ADMIN, Standing.RESTRICTED}:
            return False
        return not self._world.privacy_mode or self.chat.standing is Standing.ADMIN or message.for_bot

    def _is_for_bot(self, message: Message) -> bool:
        name = f"@{self._world.bot.username}".lower()
        for entity in message.entities:
            words = cut(message.text, entity["offset"], entity["length"]).lower()
            if entity["type"] == "bot_command" and ("@" not in words or words.endswith(name)):
                return True
        replied = message.reply_to
        return replied is not None and (replied.by_bot or replied.for_bot)

    async def _settled(self, update: Update | None, tap: Tap | None = None) -> None:
        if update is not None:
            await self._sandbox.settled(update, self.chat, None, self.screen, tap)
