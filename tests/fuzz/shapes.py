"""Values of every type that an update can contain, as the Bot API describes them, drawn at random."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from tests.fuzz.make_types import TYPES_FILE
from tests.fuzz.marks import BOT, USERNAME, WORD, Json, numbered

_ARRAY = "Array of "
_DEEPEST = 5
"""Levels from which on only what is required is filled in, and no array."""

_MOST = (6, 4, 2, 1, 1)
"""How many optional fields there are at most, by level."""

LANGUAGES = ("en", "en-GB", "de", "pt-br", "xx", "")

ODD_TEXTS = (
    "",
    " ",
    "\x00",
    "\ud83d",
    "a\udc00b",
    "\u202e\u2067tfel ot thgir",
    "\u200b\u200d\ufeff",
    "\x07\x1b[31m\r\n\t",
    "🏳️‍🌈👩‍👩‍👧‍👦",
    "<b>&amp;</b><script>",
    "%s %d {0} {name}",
    "'; DROP TABLE people; --",
    "٣٤",
    "²",
    "9" * 40,
    "-1",
    "a" * 4097,
    "\u0301" * 300,
)
"""What somebody may type or be called; the half characters come in JSON as an escape."""

LONG = 100_000
"""Characters of the longest text."""


@cache
def types() -> Mapping[str, Json]:
    """All that an update can contain, from the Bot API's own description."""
    found: dict[str, Json] = json.loads(TYPES_FILE.read_text("utf-8"))["types"]
    return found


def update_kinds() -> list[str]:
    """All kinds of updates."""
    return list(types()["Update"]["optional"])


class Shapes:
    """Values of the documented types. ``people``, ``groups`` and ``channels`` are those that the bot meets again."""

    def __init__(self, chance: random.Random, people: int, groups: int = 30, channels: int = 10) -> None:
        self.chance = chance
        self.people = [numbered(number) for number in range(people)]
        self.groups = [-numbered(number, 6) for number in range(groups)]
        self._simple: dict[str, Callable[[], Any]] = {
            "Float": lambda: chance.choice((0.0, -1.5, 90.0, 1e-9, 1e9)),
            "String": self.text,
            "Boolean": lambda: chance.random() < 0.5,
            "True": lambda: True,
            "Chat": self.chat,
            "User": lambda: self.bot() if chance.random() < 0.1 else self.user(),
        }
        self.channels = [-numbered(number, 7) for number in range(channels)]

    # --- who and where --------------------------------------------------------------------------------------------

    def user(self, number: int | None = None) -> Json:
        """Somebody."""
        number = self.chance.choice(self.people) if number is None else number
        made: Json = {"id": number, "is_bot": False, "first_name": f"{WORD} {self.text()}"}
        language = self.chance.choice(LANGUAGES)
        return made | ({"language_code": language} if language else {})

    def bot(self) -> Json:
        """The bot itself."""
        return {"id": BOT, "is_bot": True, "first_name": "Signpost", "username": USERNAME}

    def chat(self) -> Json:
        """A chat of any kind."""
        kind = self.chance.choice(("private", "private", "group", "supergroup", "channel"))
        if kind == "private":
            return {"id": self.chance.choice(self.people), "type": kind, "first_name": self.text()}
        where = self.channels if kind == "channel" else self.groups
        return {"id": self.chance.choice(where), "type": kind, "title": self.text()}

    # --- any type -------------------------------------------------------------------------------------------------

    def update(self, kind: str) -> Json:
        """An update of this kind, still without a number."""
        value = self.value(types()["Update"]["optional"][kind], 0, kind)
        if isinstance(value, dict) and isinstance(chat := value.get("chat"), dict) and chat.get("type") == "private":
            who = {"from": self.user(chat["id"])} if "from" in value else {}
            value |= who
        return {kind: value}

    def value(self, kind: str, level: int, name: str = "") -> Any:  # noqa: ANN401 - a value of any type
        """A value of a documented type; ``name``: of the field that it is for."""
        if kind.startswith(_ARRAY):
            length = 0 if level >= _DEEPEST else self.chance.choice((0, 1, 1, 2, 3))
            return [self.value(kind.removeprefix(_ARRAY), level + 1, name) for _ in range(length)]
        if " or " in kind:
            return self.value(self.chance.choice(kind.split(" or ")), level, name)
        if kind == "Integer":
            return self._integer(name)
        if kind == "RichText" and (level >= _DEEPEST or self.chance.random() < 0.5):
            return self.text() if self.chance.random() < 0.8 else [self.text()]
        simple = self._simple.get(kind)
        return simple() if simple else self._object(kind, level)

    def _object(self, kind: str, level: int) -> Any:  # noqa: ANN401 - a text, where a rich one may be one
        described = types()[kind]
        if "one_of" in described:
            known = [each for each in described["one_of"] if each in types()]
            return self.value(self.chance.choice(known), level + 1)
        optional = list(described["optional"])
        most = min(len(optional), _MOST[level] if level < _DEEPEST else 0)
        names = [*described["required"], *self.chance.sample(optional, self.chance.randint(0, most))]
        kinds = described["required"] | described["optional"]
        made = {name: self.value(kinds[name], level + 1, name) for name in names}
        made |= {name: self.chance.choice(given) for name, given in described.get("values", {}).items() if name in made}
        constant: Json = described.get("constant", {})
        return made | constant

    def _integer(self, name: str) -> int:
        if name.endswith(("user_id", "chat_id")):
            return self.chance.choice(self.people)
        if name in {"offset", "length"}:
            return self.chance.randint(0, 12)
        if "date" in name:
            return self.chance.randint(0, 2**31)
        return self.chance.choice((0, 1, 2, 3, 7, self.chance.randint(0, 2**31), self.chance.randint(0, 2**52)))

    def text(self) -> str:
        """What somebody wrote: marked, mostly short, at times odd or very long."""
        drawn = self.chance.random()
        if drawn < 0.0005:
            return WORD + self.chance.choice(("a", "\u202e", "😀", "\x00")) * LONG
        if drawn < 0.1:
            return self.chance.choice(ODD_TEXTS) + WORD
        return f"{WORD} {self.chance.randint(0, 999)}"
