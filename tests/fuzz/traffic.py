"""What comes in, round by round: conversations that go on, all else that Telegram knows, and what nobody sends."""

from __future__ import annotations

import random
import string
from collections import deque
from collections.abc import Mapping
from typing import Any

from tests.fuzz.damage import ODD_NUMBERS, nested, spoilt
from tests.fuzz.marks import BOT, NUMBER, USERNAME, WORD, Json, numbered
from tests.fuzz.shapes import ODD_TEXTS, Shapes, update_kinds

LARGEST_ROUND = 200
"""Updates that come in at once."""

_AWAY = ("Back", "Stop", "Why do you ask?", "Change an answer", "No, change an answer", "Other numbers", "Not sure")
"""Buttons that do not lead on, so that few are tapped."""

_EASY = ("None of these", "Managing as usual", "Done", "Yes, all correct", "Continue")
"""Buttons that lead far."""

_RECKLESS = 4
"""Of so many people, one taps whatever there is."""

_ALARM = "🚨"
"""With this begin those that lead to the end at once."""

_COMMANDS = (
    *(
        "start",
        "check",
        "help",
        "privacy",
        "mydata",
        "forget",
        "back",
        "cancel",
        "change",
        "CHECK",
        "nonsense",
        "a" * 33,
    ),
    *(f"check@{USERNAME}", f"help@{USERNAME.upper()}", "check@another_bot", "check@", ""),
)
_ARGUMENTS = ("", "leg_lift", "leg_lift ", "LEG_LIFT", "leg_lift x", "-", "\n", "../../etc/passwd", "%00", "🦵")

_MAKERS = (("step", 46), ("words", 56), ("command", 62), ("forged", 70), ("called", 74), ("shaped", 100))
"""What an update is, up to which part of a hundred each."""

_REMEMBERED = 500
"""Updates that may come again."""

_KEPT = 8
"""Of each so many shaped updates one is a message or a tap; they would be too rare among all the kinds."""

Screens = Mapping[int, tuple[int, list[tuple[str, str]]]]


class Traffic:
    """Draws updates. ``screens``: what the people who come again have in front of them."""

    def __init__(self, seed: int, people: int, screens: Screens) -> None:
        self.chance = random.Random(seed)
        self.shapes = Shapes(self.chance, people)
        self._screens = screens
        self._number = numbered(0, 6)
        self._queries = 0
        self._former: deque[Json] = deque(maxlen=_REMEMBERED)

    def round(self, size: int) -> list[object]:
        """What comes in at once, in the order in which it comes."""
        made = [self._one() for _ in range(size)]
        if self.chance.random() < 0.5:
            self.chance.shuffle(made)
        return made

    def _one(self) -> object:
        if self._former and self.chance.random() < 0.03:
            return self._again()
        update, shaped = self._drawn()
        if self.chance.random() < (0.5 if shaped else 0.15):
            update = spoilt(self.chance, update)
        self._number += 1 if self.chance.random() < 0.97 else self.chance.randint(2, 900)
        update = {"update_id": self._number, **update}
        if self.chance.random() < 0.01:
            return self._without_number(update)
        self._former.append(update)
        return update

    def _again(self) -> object:
        """An update that came already, or another one with its number."""
        former = self.chance.choice(self._former)
        if self.chance.random() < 0.6:
            return former
        return {"update_id": former.get("update_id"), **self._drawn()[0]}

    def _without_number(self, update: Json) -> object:
        rest = {name: value for name, value in update.items() if name != "update_id"}
        match self.chance.randint(0, 3):
            case 0:
                return rest
            case 1:
                return self.chance.choice((None, [], [update], "", 0, 1.5, True, WORD, {}, nested(self.chance, {})))
        return {"update_id": self.chance.choice((*ODD_NUMBERS, None, "1", [1], {"": 1})), **rest}

    def _drawn(self) -> tuple[Json, bool]:
        """An update, and whether it is one of any shape."""
        drawn = self.chance.randrange(100)
        match next(name for name, end in _MAKERS if drawn < end):
            case "step":
                return self._step(), False
            case "words":
                return self._words(), False
            case "command":
                return self._message(self._somebody(), **self._command()), False
            case "forged":
                return self._forged(), False
            case "called":
                return self._called(), False
        kind = self.chance.choice(update_kinds())
        if self.chance.randrange(_KEPT) == 0:
            kind = self.chance.choice(("message", "edited_message", "callback_query"))
        return self.shapes.update(kind), True

    # --- conversations --------------------------------------------------------------------------------------------

    def _somebody(self) -> int:
        return self.chance.choice(self.shapes.people)

    def _step(self) -> Json:
        """Somebody taps a button that is in front of them, mostly one that leads on; or begins."""
        person = self._somebody()
        if person not in self._screens:
            text = self.chance.choice(("/start leg_lift", "/check leg_lift", "/start"))
            return self._message(person, text=text)
        message, buttons = self._screens[person]
        easy = [each for each in buttons if each[0] in _EASY]
        onward = [each for each in buttons if each[0] not in _AWAY and not each[0].startswith(_ALARM)]
        drawn, careful = self.chance.random(), 0.3 if person % _RECKLESS == 0 else 0.93
        _, data = self.chance.choice((drawn < careful and easy) or (drawn < 0.98 and onward) or buttons)
        return self._tap(person, data, message)

    def _words(self) -> Json:
        """Somebody types what is on a button, a number, or anything."""
        person = self._somebody()
        _, buttons = self._screens.get(person, (0, []))
        match self.chance.randint(0, 4):
            case 0 | 1 if buttons:
                words, _ = self.chance.choice(buttons)
                change = (
                    str,
                    str.upper,
                    str.title,
                    lambda text: f" {text}. ",
                    lambda text: text[1:],
                    lambda text: text * 2,
                )
                text = self.chance.choice(change)(words)
            case 2:
                text = str(self.chance.randint(-5, 130))
            case 3:
                text = self.chance.choice(ODD_TEXTS)
            case _:
                text = self.shapes.text()
        more: Json = {"media_group_id": self.chance.choice(("1", "2"))} if self.chance.random() < 0.05 else {}
        return self._message(person, text=text, **more)

    def _command(self) -> Json:
        name, argument = self.chance.choice(_COMMANDS), self.chance.choice((*_ARGUMENTS, WORD))
        text = f"/{name} {argument}" if argument else f"/{name}"
        match self.chance.randint(0, 5):
            case 0:
                return {"text": text}
            case 1:
                offset, length = self.chance.randint(-2, 9), self.chance.choice((-1, 0, 1, 5, 500, 2**40))
                return {"text": text, "entities": [{"type": "bot_command", "offset": offset, "length": length}]}
        return {"text": text, "entities": [{"type": "bot_command", "offset": 0, "length": len(name) + 1}]}

    def _called(self) -> Json:
        """Somebody calls the bot in a group, by a command or its name."""
        group = {"id": self.chance.choice(self.shapes.groups), "type": "supergroup", "title": WORD}
        content = self._command()
        if self.chance.random() < 0.4:
            text = f"{self.chance.choice(('', '😀', WORD))}@{USERNAME} {WORD}"
            at = len(text.partition("@")[0].encode("utf-16-le")) // 2
            content = {"text": text, "entities": [{"type": "mention", "offset": at, "length": len(USERNAME) + 1}]}
        if self.chance.random() < 0.3:
            content |= {"is_topic_message": True, "message_thread_id": self.chance.randint(1, 9)}
        return self._message(self._somebody(), chat=group, **content)

    def _forged(self) -> Json:
        """A tap with a part of it changed, or one that belongs to somebody else."""
        person, owner = self._somebody(), self._somebody()
        message, buttons = self._screens.get(owner, (1, [("", "-.0.t.leg_lift.0000")]))
        _, data = self.chance.choice(buttons)
        if self.chance.random() < 0.8:
            data = self._flipped(data)
        if self.chance.random() < 0.2:
            message = self.chance.choice((0, 1, -1, message + 1, 2**31, 2**62))
        tap = self._tap(owner if self.chance.random() < 0.7 else person, data, message)
        if self.chance.random() < 0.2:
            tap["callback_query"]["message"]["chat"] = self.shapes.chat()
        return tap

    def _flipped(self, data: str) -> str:
        parts = data.split(".")
        place = self.chance.randrange(len(parts))
        others = (
            "",
            "-",
            "0",
            "999999",
            "1000000",
            "o",
            "y",
            "u",
            "n",
            "c",
            "l",
            "t",
            "0-9",
            "9-0",
            "back",
            "stop",
            "٣",
        )
        match self.chance.randint(0, 4):
            case 0:
                parts[place] = self.chance.choice(others)
            case 1:
                parts.pop(place)
            case 2:
                parts[place] = "".join(self.chance.sample(parts[place], len(parts[place])))
            case 3:
                parts[place] += self.chance.choice(string.printable + "\ud83d\x00é")
            case _:
                first, second = self.chance.randrange(len(parts)), self.chance.randrange(len(parts))
                parts[first], parts[second] = parts[second], parts[first]
        return ".".join(parts)

    # --- what they are made of ------------------------------------------------------------------------------------

    def _message(self, person: int, chat: Json | None = None, **content: Any) -> Json:  # noqa: ANN401 - any field
        where = chat or {"id": person, "type": "private", "first_name": WORD}
        number = self.chance.randint(1, 2**31)
        return {
            "message": {"message_id": number, "date": 1, "chat": where, "from": self.shapes.user(person), **content}
        }

    def _tap(self, person: int, data: str, message: int) -> Json:
        self._queries += 1
        where = {"id": person, "type": "private", "first_name": WORD}
        sent = {"message_id": message, "date": 1, "chat": where, "from": {"id": BOT, "is_bot": True, "first_name": "S"}}
        query = {"id": f"{NUMBER}{self._queries}", "from": self.shapes.user(person), "chat_instance": "1", "data": data}
        return {"callback_query": {**query, "message": sent}}
