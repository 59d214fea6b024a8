"""What is wrong with an update that is none: fields gone, of another type, absurdly deep, out of all bounds."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

from tests.fuzz.marks import WORD, Json, numbered
from tests.fuzz.shapes import LONG, ODD_TEXTS

ODD_NUMBERS: tuple[Any, ...] = (
    *(0, -1, 1, True, False, 1.0, 1.5, -0.0, 1e308, float("nan"), float("inf")),
    *(2**31, 2**32, 2**52, 2**53 + 1, 2**63 - 1, 2**63, -(2**63), -(2**63) + 1, 2**64, 10**30, -(10**30), 10**4000),
)
"""Numbers that are none of Telegram's, or only just. JSON's in Python hold all of them."""

_DEEP = (2, 30, 200, 900)
"""How deep what is nested goes; `json.loads` takes a little less than a thousand."""

_WITHIN = ("reply_to_message", "pinned_message", "message", "text", "chat", "from", "entities", "callback_query", "")
"""What is nested in itself; "" is an array."""


def odd(chance: random.Random) -> Any:  # noqa: ANN401 - anything at all
    """A value that fits nowhere, or almost."""
    return chance.choice(_ODD)(chance)


def nested(chance: random.Random, value: Any) -> Any:  # noqa: ANN401 - anything at all
    """The same within itself, many times."""
    name = chance.choice(_WITHIN)
    rest = value if isinstance(value, dict) and chance.random() < 0.7 else {}
    for _ in range(chance.choice(_DEEP)):
        value = rest | {name: value} if name else [value]
    return value


_EMPTY: tuple[Any, ...] = ([], {}, [[]], [{}], [None], {"": None}, {"id": {}}, [1, "a", None])

_ODD: tuple[Callable[[random.Random], Any], ...] = (
    lambda _: None,
    lambda chance: chance.choice(ODD_NUMBERS),
    lambda chance: chance.choice(ODD_NUMBERS),
    lambda chance: str(chance.choice(ODD_NUMBERS[:-1])),
    lambda chance: chance.choice(ODD_TEXTS),
    lambda chance: chance.choice(ODD_TEXTS),
    lambda chance: chance.choice(_EMPTY),
    lambda chance: nested(chance, chance.choice(({}, [], 1, WORD))),
    lambda chance: numbered(chance.randint(0, 9999)),
    lambda chance: WORD if chance.random() < 0.95 else WORD + "x" * LONG,
)


def spoilt(chance: random.Random, update: Json) -> Json:
    """The update with something wrong in it, at one to four places."""
    for _ in range(chance.choice((1, 1, 1, 2, 4))):
        changed = _at_some_place(chance, update)
        update = changed if isinstance(changed, dict) else {"message": changed}
    return update


def _at_some_place(chance: random.Random, value: Any) -> Any:  # noqa: ANN401 - anything at all
    """A copy that is changed at one place; what is not on the way there is shared."""
    if isinstance(value, dict) and value:
        name = chance.choice(list(value))
        if len(value) == 1 and _goes_on(chance, value[name]):  # an update without its number has one part only
            return {name: _at_some_place(chance, value[name])}
        if chance.random() < 0.75:
            inner = _at_some_place(chance, value[name]) if _goes_on(chance, value[name]) else odd(chance)
            return value | {name: inner}
        return _whole(chance, value, name)
    if isinstance(value, list) and value:
        place = chance.randrange(len(value))
        if chance.random() < 0.75:
            return [*value[:place], _at_some_place(chance, value[place]), *value[place + 1 :]]
        return chance.choice(([], value * 50, [*value, odd(chance)], value[:place], nested(chance, value)))
    return odd(chance)


def _goes_on(chance: random.Random, value: object) -> bool:
    return isinstance(value, dict | list) and chance.random() < 0.85


def _whole(chance: random.Random, value: Json, name: str) -> Any:  # noqa: ANN401 - anything at all
    match chance.randint(0, 5):
        case 0 | 1:
            return {key: inner for key, inner in value.items() if key != name}
        case 2:
            return {key if key != name else f"{name}_{WORD}": inner for key, inner in value.items()}
        case 3:
            return {}
        case 4:
            return nested(chance, value)
    return value | {chance.choice(list(value)): value[name]}
