"""What is said beside a check: the welcome, help, privacy, what is kept, and the words for when something broke."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from bot.conversation.messages import Block, Message, Purpose, Style
from bot.conversation.wording import Wording
from bot.flow.engine import answered
from bot.flow.model import Audience
from bot.flow.session import Session, to_json
from bot.flow.words import heard
from bot.load import Library
from bot.telegram.buttons import Kind, Where
from bot.telegram.markup import note, texts
from bot.telegram.posts import Button, Card, Face, File, GroupLine, Keyboard, Look, Note, Post, Toast
from bot.telegram.store import Row

COMMANDS = ("start", "check", "back", "change", "cancel", "help", "privacy", "mydata", "forget")
"""The commands of a private chat, in the order in which they are listed."""

GROUP_COMMANDS = ("check", "help")
"""The commands of a group."""


Told = Literal["is_finished", "no_check", "old_button", "tap_again", "tick_noted"]
"""The fixed texts that a tap can be answered with, beside those that refuse something (`bot.flow.events.Reason`)."""


@dataclass(frozen=True, slots=True)
class Operator:
    """Who runs this bot: whom to tell (or ""), where their privacy page is (or ""), how many days they keep checks."""

    contact: str = ""
    privacy_url: str = ""
    retention_days: int = 30


class Pages:
    """The pages in one language."""

    def __init__(self, library: Library, language: str, operator: Operator) -> None:
        self._library = library
        self._texts = library.texts[language]
        self._operator = operator

    def ui(self, key: str, **values: str) -> str:
        """A fixed text; ``values`` replace its ``<names>``."""
        text = self._texts.ui[key].to(Audience.ME)
        for name, value in values.items():
            text = text.replace(f"<{name}>", value)
        return text

    # --- beginning ------------------------------------------------------------------------------------------------

    def welcome(self, where: Where | None = None, *, said: str = "") -> Card:
        """What this is, and the topics as buttons. ``where``: a new check takes the place of the one there.

        ``said``: a line before it, such as why there is nothing to go on with.
        """
        where = where or Where(None)
        topics = tuple(
            (Button(texts.title.to(Audience.ME), where.data(Kind.TOPIC, flow)),)
            for flow, texts in self._texts.flows.items()
        )
        lines = [Block(Style.TEXT, said)] if said else []
        blocks = (*lines, *self._about(), Block(Style.TEXT, self.ui("welcome_topics")))
        return self._page(blocks, topics)

    def unfinished(self, where: Where, advised: tuple[Block, ...], *, welcome: bool) -> Card:
        """There is a check to go on with. ``advised``: what it calls for already."""
        blocks = (*advised, *(self._about() if welcome else ()), Block(Style.TEXT, self.ui("unfinished")))
        return self._page(blocks, ((self._go_on("continue", where),), (self._button("restart", where),)))

    def finished(self, where: Where, advice: str, *, welcome: bool = False) -> Card:
        """There is a result; ``advice`` is its headline."""
        blocks = (*(self._about() if welcome else ()), Block(Style.TEXT, self.ui("finished", advice=advice)))
        rows = (
            (self._go_on("show_result", where),),
            (self._button("change", where),),
            (self._button("restart", where),),
        )
        return self._page(blocks, rows)

    def _about(self) -> tuple[Block, ...]:
        lines = ("intro_what", "intro_not", "intro_reviewed", "intro_privacy")
        return (Block(Style.TITLE, self.ui("welcome_title")), *(Block(Style.TEXT, self.ui(line)) for line in lines))

    def _go_on(self, label: str, where: Where) -> Button:
        return Button(self.ui(label), where.data(Kind.COMMAND, "continue"), look=Look.PRIMARY)

    def _button(self, name: str, where: Where) -> Button:
        return Button(self.ui(name), where.data(Kind.COMMAND, name))

    def _page(self, blocks: tuple[Block, ...], keyboard: Keyboard) -> Card:
        return Card(texts(Message(Purpose.NOTICE, blocks)), keyboard, below=True, face=Face.PAGE)

    # --- telling --------------------------------------------------------------------------------------------------

    def line(self, key: str) -> Note:
        """A fixed text as a message."""
        languages = ", ".join(texts.name for texts in self._library.texts.values())
        return Note(note(self.ui(key, languages=languages)))

    def toast(self, query: str, key: Told) -> Toast:
        """A fixed text over the chat, in answer to a tap."""
        return Toast(query, self.ui(key))

    def help(self) -> Note:
        """What can be done here."""
        blocks = [
            Block(Style.TITLE, self.ui("help_title")),
            *(Block(Style.TEXT, self.ui(line)) for line in ("help_how", "help_again")),
            Block(Style.LIST, self.ui("help_commands"), self._commands()),
            Block(Style.TEXT, self.ui("intro_not")),
            Block(Style.TEXT, self.ui("intro_reviewed")),
        ]
        if self._operator.contact:
            blocks.append(Block(Style.TEXT, self.ui("help_contact", contact=self._operator.contact)))
        return Note(texts(Message(Purpose.NOTICE, tuple(blocks))))

    def unknown_command(self) -> Note:
        """Which commands there are."""
        return Note(texts(_notice(Block(Style.LIST, self.ui("unknown_command"), self._commands()))))

    def privacy(self) -> Note:
        """What is kept, why, and for how long."""
        lines = [self.ui("privacy_kept"), self.ui("privacy_why")]
        lines.append(self.ui("privacy_long", days=str(self._operator.retention_days)))
        lines += [self.ui("privacy_see"), self.ui("privacy_chat")]
        if self._operator.privacy_url:
            lines.append(self.ui("privacy_more", url=self._operator.privacy_url))
        title = Block(Style.TITLE, self.ui("privacy_title"))
        return Note(texts(_notice(title, *(Block(Style.TEXT, line) for line in lines))))

    def kept(self, key: str, row: Row | None, session: Session | None, ticking: str) -> list[Post]:
        """All that is kept about a person: in words, and as it is stored, in a file.

        ``ticking``: the question on whose card something is ticked that was not done yet, or "".
        """
        if row is None and session is None:
            return [self.line("mydata_nothing")]
        blocks = [Block(Style.TITLE, self.ui("mydata_title")), self._check(session, ticking)]
        stored = {
            "key": key,
            "check": to_json(session) if session else None,
            "check_unreadable": bool(row and row.unreadable),
            "card": row.card if row else None,
            "shown": row.shown if row else "",
            "touched": row.touched if row else None,
        }
        content = json.dumps(stored, ensure_ascii=False, indent=2).encode()
        return [Note(texts(_notice(*blocks))), File("signpost.json", content, self.ui("mydata_file"))]

    def _check(self, session: Session | None, ticking: str) -> Block:
        if session is None or session.flow not in self._library.flows or session.language not in self._library.texts:
            return Block(Style.TEXT, self.ui("mydata_none"))
        wording = Wording.of(self._library, session)
        title = wording.flow_texts.title.to(wording.audience)
        about = self.ui("mydata_about", title=title, begun=_date(session.started), touched=_date(session.touched))
        names = dict.fromkeys((*answered(wording.flow, session), *([ticking] if ticking else [])))
        answers = tuple(f"{wording.short(name)}: {wording.answer(name)}" for name in names)
        wrote = tuple(f"{self.ui('you_wrote')} {wording.said(name)}" for name in heard(wording.flow, session))
        return Block(Style.LIST, about, (*answers, *wrote))

    def broken(self) -> Note:
        """Something broke: what is always right to say."""
        lines = [Block(Style.TITLE, self.ui("broken_title"))]
        lines += [Block(Style.TEXT, self.ui(key)) for key in ("broken_care", "broken_kept")]
        if self._operator.contact:
            lines.append(Block(Style.TEXT, self.ui("broken_contact", contact=self._operator.contact)))
        return Note(texts(_notice(*lines)))

    def later(self) -> Note:
        """Nothing can be looked up or kept at the moment: what is always right to say, until it can."""
        lines = [Block(Style.TITLE, self.ui("later_title")), Block(Style.TEXT, self.ui("broken_care"))]
        return Note(texts(_notice(*lines)))

    def group_line(self, thread: int | None, reply_to: int, bot: str, topic: str) -> GroupLine:
        """One line with the way into the private chat with the bot of this user name."""
        flows = self._library.flows
        payload = topic if topic in flows else next(iter(flows)) if len(flows) == 1 else "topics"
        button = Button(self.ui("group_button"), url=f"https://t.me/{bot}?start={payload}")
        return GroupLine(self.ui("group_line"), button, thread, reply_to)

    def _commands(self) -> tuple[str, ...]:
        return tuple(f"/{name} – {self.ui(f'command_{name}')}" for name in COMMANDS)


def _notice(*blocks: Block) -> Message:
    return Message(Purpose.NOTICE, blocks)


def _date(at: int) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M")
