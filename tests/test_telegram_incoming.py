"""What updates mean: kinds of messages, commands, groups, and anything that is no update at all."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from telegram import Bot

from bot.telegram.incoming import (
    Command,
    GroupCall,
    Incoming,
    StrayTap,
    Tap,
    Typed,
    Unreadable,
    read,
    update_id,
)
from bot.telegram.service import SERVICE

ANA: dict[str, Any] = {"id": 7, "is_bot": False, "first_name": "Ana <b>", "language_code": "en-GB"}
PRIVATE: dict[str, Any] = {"id": 7, "type": "private", "first_name": "Ana <b>"}
GROUP: dict[str, Any] = {"id": -100, "type": "supergroup", "title": "Legs"}


class _Known(Bot):
    """A bot that knows who it is without asking."""

    @property
    def username(self) -> str:
        return "SignpostBot"

    @property
    def id(self) -> int:
        return 42


BOT = _Known("42:abc")


def message(chat: dict[str, Any] = PRIVATE, sender: dict[str, Any] | None = ANA, **content: object) -> dict[str, Any]:
    """An update with a message."""
    made = {"message_id": 3, "date": 1, "chat": chat, **content}
    return {"update_id": 1, "message": made | ({"from": sender} if sender else {})}


def command(text: str, length: int) -> dict[str, Any]:
    """A text that begins with a command of this length."""
    return {"text": text, "entities": [{"type": "bot_command", "offset": 0, "length": length}]}


def what(update: dict[str, Any]) -> object:
    """What an update means."""
    incoming = read(update, BOT)
    return incoming.what if incoming else None


@pytest.mark.parametrize(
    ("content", "means"),
    [
        ({"text": "hello"}, Typed("hello")),
        (command("/check leg_lift", 6), Command("check", "leg_lift")),
        (command("/CHECK@signpostbot", 18), Command("check", "")),
        (command("/check@other_bot", 16), Command("", "")),
        ({"text": "/check leg_lift"}, Command("check", "leg_lift")),  # a server that marks nothing in texts
        ({"text": "/check@other_bot"}, Command("", "")),
        ({"text": "/check/it"}, Typed("/check/it")),
        ({"text": "half a character \ud83d"}, Unreadable("not_text", "half a character  ")),
        ({"text": "see /check", "entities": [{"type": "bot_command", "offset": 4, "length": 6}]}, Typed("see /check")),
        ({"photo": [{"file_id": "a", "file_unique_id": "b", "width": 1, "height": 1}]}, Unreadable("not_text")),
        ({"voice": {"file_id": "a", "file_unique_id": "b", "duration": 1}}, Unreadable("not_text")),
        ({"location": {"latitude": 1.0, "longitude": 1.0}}, Unreadable("not_text")),
        ({"contact": {"phone_number": "1", "first_name": "B"}}, Unreadable("not_text")),
        ({"something_of_tomorrow": {"a": 1}}, Unreadable("not_text")),
        ({"pinned_message": {"message_id": 2, "date": 1, "chat": PRIVATE, "text": "x"}}, None),
        (
            {"text": "x", "forward_origin": {"type": "hidden_user", "date": 1, "sender_user_name": "B"}},
            Unreadable("not_forwarded", "x"),
        ),
        ({"text": 5}, Unreadable("not_text")),
    ],
)
def test_what_a_person_does_in_private(content: dict[str, Any], means: object) -> None:
    """What a person does in private."""
    assert what(message(**content)) == means


SERVICE_FIELDS = (Path(__file__).parent / "fixtures" / "service_messages.txt").read_text("utf-8").splitlines()[1:]


@pytest.mark.parametrize("field", SERVICE_FIELDS)
def test_what_telegram_itself_notes_is_nobodys_message(field: str) -> None:
    """No service message that the Bot API knows gets a kind word about what cannot be looked at."""
    assert field in SERVICE
    update = message()
    update["message"][field] = True
    assert what(update) is None


def test_an_edit_is_told_from_a_live_location_that_moves() -> None:
    """An edit is told from a live location that moves."""
    edited = message(text="new")["message"]
    assert what({"update_id": 1, "edited_message": edited}) == Unreadable("not_edited", "new")
    moved = message(location={"latitude": 1.0, "longitude": 2.0, "live_period": 60})["message"]
    assert what({"update_id": 1, "edited_message": moved}) is None


@pytest.mark.parametrize(
    ("content", "called"),
    [
        (command("/check", 6), True),
        (command("/help@SignpostBot", 17), True),
        (command("/check@other_bot", 16), False),
        (command("/mydata", 7), False),
        (command("/mydata@SignpostBot", 19), True),
        ({"text": "my leg is weak"}, False),
        ({"text": "ask @SIGNPOSTbot", "entities": [{"type": "mention", "offset": 4, "length": 12}]}, True),
        ({"text": "ask @another", "entities": [{"type": "mention", "offset": 4, "length": 8}]}, False),
        ({"new_chat_members": [{"id": 42, "is_bot": True, "first_name": "S"}]}, False),
        (command("/check", 6) | {"is_automatic_forward": True}, False),
    ],
)
def test_who_calls_the_bot_in_a_group(content: dict[str, Any], called: bool) -> None:
    """Who calls the bot in a group."""
    assert isinstance(what(message(GROUP, **content)), GroupCall) is called


def test_an_anonymous_admin_and_a_channel_call_it_and_another_bot_does_not() -> None:
    """An anonymous admin and a channel call it and another bot does not."""
    other_bot = {"id": 9, "is_bot": True, "first_name": "B"}
    assert what(message(GROUP, other_bot, **command("/check", 6))) is None
    assert what(message(GROUP, other_bot, sender_chat=GROUP, **command("/check", 6))) == GroupCall(3, None)
    assert what(message(GROUP, None, sender_chat=GROUP, **command("/check", 6))) == GroupCall(3, None)


def test_the_topic_is_that_of_the_call() -> None:
    """The topic is that of the call."""
    content = command("/check leg_lift", 6)
    topic = message(GROUP, message_thread_id=5, is_topic_message=True, **content)
    assert what(topic) == GroupCall(3, 5, "leg_lift")
    thread_of_replies = message(GROUP, message_thread_id=5, **content)
    assert what(thread_of_replies) == GroupCall(3, None, "leg_lift")


def test_taps() -> None:
    """A tap in one's own chat counts; from a group, of a wrong type, or on nothing of a bot it is only answered."""
    where = message(text="x", sender={"id": 42, "is_bot": True, "first_name": "Signpost"})["message"]
    query = {"id": "q", "from": ANA, "chat_instance": "1", "data": "d", "message": where}
    assert read({"update_id": 1, "callback_query": query}, BOT) == Incoming(1, 7, "en-GB", Tap("q", "d", 3))
    in_group = query | {"message": where | {"chat": GROUP}}
    assert what({"update_id": 1, "callback_query": in_group}) == StrayTap("q")
    own = query | {"message": message(text="x")["message"]}
    assert what({"update_id": 1, "callback_query": own}) == StrayTap("q")  # people's own messages have no buttons
    gone = query | {"message": {"chat": PRIVATE, "message_id": 3, "date": 0}}
    assert what({"update_id": 1, "callback_query": gone}) == Tap("q", "d", 3)
    assert what({"update_id": 1, "callback_query": {"id": "q"}}) == StrayTap("q")
    assert what({"update_id": 1, "callback_query": query | {"data": 5}}) == StrayTap("q")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
FIELDS = ["message", "edited_message", "callback_query", "channel_post", "chat", "from", "text", "entities", "data"]
SHAPED = st.recursive(JSON, lambda inner: st.dictionaries(st.sampled_from(FIELDS), inner, max_size=4), max_leaves=8)


@given(SHAPED)
def test_anything_at_all_is_read_without_an_error(inner: object) -> None:
    """Anything at all is read without an error."""
    raw = {"update_id": 5, **inner} if isinstance(inner, dict) else inner
    incoming = read(raw, BOT)
    assert incoming is None or incoming.update == 5


@pytest.mark.parametrize("raw", [None, [], {}, {"update_id": True}, {"update_id": "1"}, {"update_id": 2**70}])
def test_what_has_no_number_is_no_update(raw: object) -> None:
    """What has no number is no update."""
    assert update_id(raw) is None
    assert read(raw, BOT) is None


TAP: dict[str, Any] = {
    "id": "55",
    "from": ANA,
    "chat_instance": "1",
    "data": "a.1.o.me.0000",
    "message": {"message_id": 3, "date": 1, "chat": PRIVATE, "from": {"id": 42, "is_bot": True, "first_name": "S"}},
}
ODD: list[Any] = [None, "", "x", "\ud800", 0, -1, 7, 2**63, 2**70, True, False, 1.5, [], {}, GROUP, ANA, PRIVATE]


def _paths(value: Any, path: tuple[str, ...] = ()) -> list[tuple[str, ...]]:  # noqa: ANN401 - any JSON
    if not isinstance(value, dict):
        return [path]
    return [path, *(each for name, inner in value.items() for each in _paths(inner, (*path, name)))]


def _with(value: Any, path: tuple[str, ...], odd: object) -> Any:  # noqa: ANN401 - any JSON
    if not path:
        return odd
    return value | {path[0]: _with(value[path[0]], path[1:], odd)}


@pytest.mark.parametrize("path", _paths(TAP)[1:])
def test_a_tap_is_read_alike_with_and_without_the_library(
    path: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever stands in any field, the short way to read a tap gives what the library gives, or leaves it to that."""
    updates = [{"update_id": 1, "callback_query": _with(TAP, path, odd)} for odd in ODD]
    short = [read(update, BOT) for update in updates]
    monkeypatch.setattr("bot.telegram.incoming._plain_tap", lambda *_: None)
    assert short == [read(update, BOT) for update in updates]
