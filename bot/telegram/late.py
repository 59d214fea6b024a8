"""What comes late: it says so, or is left out where nobody can need it any more."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from bot.telegram.markup import LONGEST, length, note, without_tags
from bot.telegram.owed import Owed, belongs_to_a_card
from bot.telegram.pages import Pages
from bot.telegram.posts import Card, File, GroupLine, Note, Post, is_final

LATE = 5 * 60
"""Seconds after which a message says that it comes late."""

TOO_LATE = 3600
"""Seconds after which a card is not wanted any more: a tap on the one that is there leads on all the same."""

_MINUTE, _HOUR, _DAY = 60, 3600, 24 * 3600


class Late:
    """Looks at what is owed just before it is sent. ``clock`` gives the seconds since the epoch."""

    def __init__(self, pages: Callable[[str], Pages], clock: Callable[[], float]) -> None:
        self._pages = pages
        self._clock = clock

    def still_wanted(self, owed: Owed) -> Post | None:
        """The post as it is to be sent now; None where it is not."""
        age = self._clock() - owed.at
        post = owed.post
        if age < LATE:
            return post
        if isinstance(post, GroupLine) or (belongs_to_a_card(post) and not is_final(post)):
            return post if age < TOO_LATE else None
        if isinstance(post, Note | Card):
            text = f"{note(self._line(owed, age))[0]}\n\n{post.texts[0]}"
            return replace(post, texts=(text,)) if length(without_tags(text)) <= LONGEST else post
        if isinstance(post, File):
            return replace(post, caption=f"{post.caption}\n\n{self._line(owed, age)}")
        return post

    def _line(self, owed: Owed, age: float) -> str:
        pages = self._pages(owed.language)
        if age < 2 * _HOUR:
            return pages.ui("late_minutes", number=str(round(age / _MINUTE)))
        if age < 2 * _DAY:
            return pages.ui("late_hours", number=str(round(age / _HOUR)))
        return pages.ui("late_days", number=str(round(age / _DAY)))
