"""One transaction: many updates, the sessions of their chats, and what is owed for them at its end."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from bot.flow.session import Session
from bot.telegram.owed import Owed
from bot.telegram.posts import Post, Toast
from bot.telegram.store import Row
from bot.telegram.tickets import Ticket


@dataclass(slots=True)
class Batch:
    """One transaction: the sessions in it (it is the use case's store), what is owed at its end, and what is done.

    ``erased`` and ``forgotten``: whose rows are erased, by their keys and by their chats. ``toasts``: answers to taps
    that go back with the answer to the webhook, by the number of the update. ``notes``: what to count and to log once
    all this is on the disk.
    """

    rows: Mapping[str, Row]
    sessions: dict[str, Session | None] = field(default_factory=dict)
    erased: set[str] = field(default_factory=set)
    forgotten: set[int] = field(default_factory=set)
    posts: dict[int, list[tuple[Ticket, list[Post]]]] = field(default_factory=dict)
    owed: dict[int, list[Owed]] = field(default_factory=dict)
    done: list[Ticket] = field(default_factory=list)
    toasts: dict[int, Toast] = field(default_factory=dict)
    notes: list[Callable[[], object]] = field(default_factory=list)

    async def load(self, key: str) -> Session | None:
        """The person's session, as it is now."""
        if key in self.sessions:
            return self.sessions[key]
        row = self.row(key)
        return row.session if row else None

    async def save(self, key: str, session: Session) -> None:
        """Keep this session at the end."""
        self.sessions[key] = session

    def row(self, key: str) -> Row | None:
        """What the database has of the person; nothing where that was erased."""
        return None if key in self.erased else self.rows.get(key)

    def card(self, key: str) -> int | None:
        """The person's live card, as the database had it."""
        row = self.rows.get(key)
        return row.card if row else None

    def mark(self, key: str) -> Callable[[], None]:
        """Remember the person's session as it is now. Returns what brings it back."""
        known, session = key in self.sessions, self.sessions.get(key)

        def undo() -> None:
            if known:
                self.sessions[key] = session
            else:
                self.sessions.pop(key, None)

        return undo

    def owe(self, ticket: Ticket, posts: list[Post]) -> None:
        """Owe this for an update, which is done by that."""
        self.done.append(ticket)
        if ticket.rides:
            for toast in (post for post in posts if isinstance(post, Toast)):
                self.toasts[ticket.number] = toast
            posts = [post for post in posts if not isinstance(post, Toast)]
        if posts:
            self.posts.setdefault(ticket.chat, []).append((ticket, posts))
