"""People who use the bot, in private and in groups: they do what a person with a phone can do, and see what they see.

Whatever they do waits until the bot has taken it and has come to rest, so that a test reads like a chat.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from bot.sandbox.errors import Json
from bot.sandbox.keyboards import callbacks
from bot.sandbox.model import Chat, Message, Standing, User
from bot.sandbox.record import Sight
from bot.sandbox.text import TEXT_LIMIT, find, units
from bot.sandbox.waiting import SilenceError
from bot.sandbox.world import World

if TYPE_CHECKING:
    from bot.sandbox.sandbox import Sandbox


class NotThereError(AssertionError):
    """A person cannot do this: there is no such button, message or topic on their screen."""


class Person:
    """Somebody in a private chat with the bot."""

    def __init__(self, sandbox: Sandbox, user: User) -> None:
        self._sandbox = sandbox
        self._world: World = sandbox.world
        self.user = user
        self.chat: Chat = self._world.chats[user.id]

    # --- what they see --------------------------------------------------------------------------------------------

    @property
    def messages(self) -> list[Message]:
        """What the bot wrote and is still there, oldest first."""
        return [message for message in self.chat.shown() if message.by_bot]

    @property
    def last(self) -> Message:
        """The newest message of the bot."""
        if not self.messages:
            raise NotThereError("the bot has written nothing yet")
        return self.messages[-1]

    @property
    def keyboards(self) -> list[Message]:
        """The messages with buttons that call the bot."""
        return self._world.keyboards(self.chat)

    @property
    def buttons(self) -> list[str]:
        """What stands on the buttons of the newest message that has any."""
        return next((message.labels for message in reversed(self.messages) if message.keyboard), [])

    @property
    def toasts(self) -> list[str]:
        """The words that taps were answered with, oldest first; "" for none."""
        return [tap.text for tap in self.user.taps if tap.text is not None]

    @property
    def saw(self) -> list[Sight]:
        """What the bot showed them, in the order of time: messages, edits, deletions, and words that answer a tap."""
        return self.chat.saw

    def screen(self) -> str:
        """The whole chat, as somebody would read it out."""
        return "\n".join(_read_out(message) for message in self.chat.shown())

    def sees(self, words: str) -> bool:
        """Whether these words stand in a message of the bot."""
        return any(words in message.text for message in self.messages)

    async def until(self, holds: Callable[[], bool]) -> None:
        """Wait until this holds of what they see. Raises `SilenceError` when it does not come about in time."""
        until = asyncio.get_running_loop().time() + self._sandbox.patience
        if not await self.chat.activity.pulse.until(holds, until):
            raise SilenceError(f"it did not come about:\n{self.screen()}")

    # --- what they do ---------------------------------------------------------------------------------------------

    async def send(self, text: str, *, silent: bool = False, wait: bool = True) -> None:
        """Write. ``silent``: no answer is expected. Long texts become several messages, as apps do it."""
        for part in _parts(text):
            await self._write(part, silent=silent, wait=wait)

    async def start(self, payload: str = "") -> None:
        """Follow a link into the chat and tap *Start*."""
        await self.send(f"/start {payload}".rstrip())

    async def send_content(self, content: Json, caption: str = "", *, silent: bool = False, wait: bool = True) -> None:
        """Send a message with any content of the Bot API's Message, such as ``{"voice": {…}}``."""
        await self._write(caption, content=content, silent=silent, wait=wait)

    async def send_photo(self, caption: str = "", album: str = "") -> None:
        """Send a photo, alone or as part of an album."""
        size = self._file() | {"width": 90, "height": 90}
        await self.send_content({"photo": [size]} | ({"media_group_id": album} if album else {}), caption)

    async def send_voice(self) -> None:
        """Send a voice message."""
        await self.send_content({"voice": self._file() | {"duration": 3, "mime_type": "audio/ogg"}})

    async def send_sticker(self) -> None:
        """Send a sticker."""
        sticker = {"type": "regular", "width": 512, "height": 512, "is_animated": False, "is_video": False}
        await self.send_content({"sticker": self._file() | sticker})

    async def send_location(self) -> None:
        """Send a place."""
        await self.send_content({"location": {"latitude": 52.5, "longitude": 13.4}})

    async def send_contact(self) -> None:
        """Send somebody's number."""
        await self.send_content({"contact": {"phone_number": "+4930123456", "first_name": "Bo"}})

    async def send_poll(self) -> None:
        """Send a poll."""
        options = [{"persistent_id": str(at), "text": text, "voter_count": 0} for at, text in enumerate(("a", "b"))]
        made = {"id": str(self._world.next_number()), "question": "Leg?", "options": options, "total_voter_count": 0}
        flags = ("is_closed", "allows_multiple_answers", "allows_revoting", "members_only")
        await self.send_content(
            {"poll": made | {"is_anonymous": True, "type": "regular"} | dict.fromkeys(flags, False)}
        )

    async def send_document(self) -> None:
        """Send a file."""
        await self.send_content({"document": self._file() | {"file_name": "scan.pdf"}})

    async def send_dice(self) -> None:
        """Throw a die."""
        await self.send_content({"dice": {"emoji": "🎲", "value": 4}})

    async def forward(self, text: str) -> None:
        """Forward somebody else's words."""
        origin = {"type": "hidden_user", "sender_user_name": "Bo", "date": int(self._world.clock()) - 60}
        await self._write(text, content={"forward_origin": origin})

    async def reply(self, to: Message, text: str) -> None:
        """Answer a message."""
        await self._write(text, reply_to=to)

    async def edit(self, message: Message, text: str, *, silent: bool = False) -> None:
        """Change what they wrote."""
        self._check_open()
        if message.sender is not self.user or message.deleted:
            raise NotThereError("they can change only what they wrote themselves")
        message.text, message.entities = text, find(text, [])
        message.edited = int(self._world.clock())
        await self._told("edited_message", message.api(), silent=silent)

    def own(self) -> list[Message]:
        """What they wrote themselves."""
        return [message for message in self.chat.shown() if message.sender is self.user]

    async def tap(self, label: str, message: Message | None = None, *, silent: bool = False, wait: bool = True) -> None:
        """Tap a button: exactly so labelled, or the only one that contains these words. The newest one wins.

        ``silent``: nothing is to be seen of it but that the button comes to rest.
        """
        target, data = self._button(label, message)
        await self._tapped(target, data, silent=silent, wait=wait)

    async def tap_stale(self, message: Message, data: str, *, silent: bool = False, wait: bool = True) -> None:
        """Tap a button that the phone still shows although it is gone."""
        if message.chat is not self.chat or not message.ever_had(data):
            raise NotThereError("no message of this chat ever showed such a button")
        await self._tapped(message, data, silent=silent, wait=wait)

    async def forge_tap(
        self, data: str, message: Message | None = None, *, silent: bool = False, wait: bool = True
    ) -> None:
        """Send made-up callback data, as only a forged app can; without a message, from one that is deleted."""
        await self._tapped(message, data, silent=silent, wait=wait)

    async def block(self, *, wait: bool = True) -> None:
        """Block the bot."""
        await self._move(Standing.KICKED, wait=wait)

    async def unblock(self, *, wait: bool = True) -> None:
        """Let the bot write again."""
        await self._move(Standing.MEMBER, wait=wait)

    # --- within ---------------------------------------------------------------------------------------------------

    def _file(self) -> Json:
        name = f"file{self._world.next_number()}"
        return {"file_id": name, "file_unique_id": f"u{name}", "file_size": 1000}

    async def _write(
        self,
        text: str,
        *,
        content: Json | None = None,
        reply_to: Message | None = None,
        silent: bool = False,
        wait: bool = True,
    ) -> None:
        self._check_open()
        self.chat.started = True
        message = self._world.write(self.chat, self.user, (text, find(text, [])), content=content)
        message.is_caption = bool(content) and "forward_origin" not in message.content
        message.reply_to = reply_to
        await self._told("message", message.api(), silent=silent, wait=wait)

    def _check_open(self) -> None:
        if self.chat.standing is Standing.KICKED:
            raise NotThereError("they have blocked the bot; an app asks to unblock it first")

    async def _told(self, kind: str, body: Json, *, silent: bool = False, wait: bool = True) -> None:
        before = self.chat.activity.effects
        update = self._world.queue.put(kind, body, self.chat)
        if wait:
            await self._sandbox.settled(update, self.chat, None if silent else before, self.screen)

    def _button(self, label: str, message: Message | None) -> tuple[Message, str]:
        if message is not None and (message.chat is not self.chat or message.deleted):
            raise NotThereError("this message is not on their screen")
        shown = [message] if message else list(reversed(self.chat.shown()))
        for fits in (lambda text: text == label, lambda text: label in text):
            for each in shown:
                found = [button for button in callbacks(each.keyboard) if fits(button["text"])]
                if len(found) > 1:
                    raise NotThereError(f"{label!r} is on several buttons: {each.labels}")
                if found:
                    return each, found[0]["callback_data"]
        raise NotThereError(f"no button {label!r}; there are {[each.labels for each in shown if each.keyboard]}")

    async def _tapped(self, message: Message | None, data: str, *, silent: bool, wait: bool) -> None:
        self._check_open()
        before = self.chat.activity.effects
        tap, update = self._world.tap(self.user, self.chat, message, data)
        if wait:
            await self._sandbox.settled(update, self.chat, None if silent else before, self.screen, tap)

    async def _move(self, standing: Standing, *, wait: bool) -> None:
        update = self._world.move(self.chat, self.user, standing)
        if wait and update is not None:
            await self._sandbox.settled(update, self.chat, None, self.screen)


def _parts(text: str) -> Iterable[str]:
    while units(text) > TEXT_LIMIT:
        yield text[: TEXT_LIMIT // 2]
        text = text[TEXT_LIMIT // 2 :]
    yield text


def _read_out(message: Message) -> str:
    who = "bot" if message.by_bot else message.sender.first_name
    what = next((f"<{name}> " for name in message.content if name != "media_group_id"), "")
    rows = [" ".join(f"[{button['text']}]" for button in row) for row in message.keyboard]
    return "\n    ".join([f"{who}: {what}{message.text}", *rows])
