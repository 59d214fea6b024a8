"""What is written down, and what comes back over the network, is read right whatever stands in it."""

from __future__ import annotations

import json
from collections.abc import Coroutine
from contextlib import suppress
from dataclasses import replace
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from telegram.error import RetryAfter, TelegramError
from telegram.request import BaseRequest

from bot.telegram.api import seconds_of
from bot.telegram.http_client import _checked, _form
from bot.telegram.owed import Owed, read
from bot.telegram.posts import Bare, Button, Card, Face, File, GroupLine, Look, Note, Post, Toast, is_final

WHOLE = st.text()
"""Any text without half characters, which none of ours holds."""
BUTTONS = st.builds(Button, WHOLE, WHOLE, WHOLE, WHOLE, st.sampled_from(Look))
KEYBOARDS = st.lists(st.lists(BUTTONS, max_size=3).map(tuple), max_size=3).map(tuple)
TEXTS = st.lists(WHOLE, min_size=1, max_size=3).map(tuple)
NUMBERS = st.integers(-(2**63) + 1, 2**63 - 1)
POSTS: st.SearchStrategy[Post] = st.one_of(
    st.builds(Note, TEXTS, st.booleans(), st.booleans()),
    st.builds(Card, TEXTS, KEYBOARDS, st.booleans(), st.booleans(), st.sampled_from(Face), WHOLE),
    st.builds(Bare, st.none() | NUMBERS),
    st.builds(File, WHOLE, st.binary(), WHOLE),
    st.builds(GroupLine, WHOLE, BUTTONS, st.none() | NUMBERS, NUMBERS),
    st.builds(Toast, WHOLE, WHOLE),
)


# --- what is owed -----------------------------------------------------------------------------------------------------


@given(POSTS, NUMBERS, st.integers(1, 2**63 - 1), st.integers(0, 2**40), st.booleans())
def test_what_is_owed_is_read_as_it_was_written(post: Post, chat: int, number: int, at: int, below: bool) -> None:
    """Whatever is owed, and whatever stands in it, is the same after a restart."""
    owed = Owed(chat, f"telegram:{chat}", "en", post, at, number)
    row = owed.row(below=below)
    row[-1].encode()  # the database takes nothing else
    found = read(row)
    assert found is not None
    wanted = replace(post, below=below or post.below) if isinstance(post, Card) else post
    assert found.post == wanted
    assert (found.chat, found.key, found.language, found.at, found.number) == (chat, owed.key, "en", at, number)
    assert is_final(found.post) == is_final(post)
    assert found.row() == row


@pytest.mark.parametrize("kind", ["card", "note", "bare", "group", "toast", "final", "file", "of_tomorrow"])
@given(text=WHOLE | st.sampled_from(["{", '{"texts": 5}', "5", '{"name": 1, "content": "é", "caption": 2}']))
@example(text="[" * 5000)
@example(text='{"texts": ' * 5000)
def test_what_is_owed_and_cannot_be_read_is_left_out(kind: str, text: str) -> None:
    """A row that another version wrote, or a disk has spoilt, raises nothing, so the bot starts all the same."""
    found = read((1, 0, 1, "telegram:1", kind, "en", 0, text))
    assert found is None or isinstance(found, Owed)


# --- calls ------------------------------------------------------------------------------------------------------------


@given(st.dictionaries(WHOLE.filter(bool), WHOLE, max_size=6))
def test_a_form_is_read_as_it_was_written(parameters: dict[str, str]) -> None:
    """A server reads from a form what was put into it, whatever that is."""
    read_back = parse_qsl(_form(parameters).decode("ascii"), keep_blank_values=True, strict_parsing=bool(parameters))
    assert read_back == list(parameters.items())


@given(st.text(st.characters(categories=["Cs"]), min_size=1), WHOLE)
def test_half_a_character_gets_into_no_form(half: str, rest: str) -> None:
    """It raises, rather than being left out in silence."""
    with pytest.raises(UnicodeEncodeError):
        _form({"text": rest + half})


# --- answers ----------------------------------------------------------------------------------------------------------


class _Answers(BaseRequest):
    """A client to which this comes back, and which reads it as the bot's own does."""

    def __init__(self, code: int, payload: bytes) -> None:
        self._came = (code, payload)
        self.broke = False

    @property
    def read_timeout(self) -> float | None:
        return 1.0

    async def initialize(self) -> None: ...

    async def shutdown(self) -> None: ...

    async def do_request(self, *_: object, **__: object) -> tuple[int, bytes]:
        try:
            return _checked(*self._came)
        except TelegramError:
            raise
        except Exception:
            self.broke = True
            raise


_SCALARS = st.none() | st.booleans() | st.integers() | st.integers(10**9, 10**30) | st.floats() | WHOLE
_ANY = st.recursive(_SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WHOLE, inner, max_size=3))
_MORE = st.fixed_dictionaries({}, optional={"retry_after": _SCALARS, "migrate_to_chat_id": _SCALARS, "x": _ANY})
_SAID = st.fixed_dictionaries({"ok": _ANY}, optional={"result": _ANY, "description": _ANY, "parameters": _ANY | _MORE})
_PAYLOADS = st.binary() | _ANY.map(json.dumps).map(str.encode) | _SAID.map(json.dumps).map(str.encode)


def answered(code: int, payload: bytes) -> object:
    """What a call gives, or raises, when this comes back; nothing in it waits for anything."""
    client = _Answers(code, payload)
    call: Coroutine[Any, Any, Any] = client.post("http://telegram.invalid/bot/sendMessage")
    try:
        call.send(None)
    except StopIteration as end:
        result: object = end.value
        return result
    finally:
        assert not client.broke
    raise AssertionError("it waits")


def refusal(**more: object) -> bytes:
    """A refusal that says this, too."""
    return json.dumps({"ok": False, **more}).encode()


@given(st.sampled_from([int(each) for each in HTTPStatus]) | st.integers(200, 999), _PAYLOADS)
@example(400, refusal(description=1))
@example(403, refusal(description={"a": "b"}))
@example(429, refusal(parameters={"retry_after": 10**30}))
@example(429, refusal(parameters={"retry_after": 10**4000}))
@example(429, refusal(parameters={"retry_after": "--5"}))
@example(400, refusal(parameters={"migrate_to_chat_id": 10**400}))
@example(400, b'{"ok": false, "x": ' + b"[" * 900 + b"]" * 900 + b"}")
def test_whatever_answers_it_is_an_answer_or_one_of_telegrams_errors(code: int, payload: bytes) -> None:
    """No answer of any server raises anything that delivery would take for a mistake of ours."""
    with suppress(TelegramError):
        assert answered(code, payload) is not None


@pytest.mark.parametrize("more", [{}, {"description": 5}, {"description": "Too Many Requests"}])
def test_how_long_to_wait_is_read_whatever_else_is_said(more: dict[str, object]) -> None:
    """The seconds count, as a number or as text."""
    for seconds in (7, "7"):
        with pytest.raises(RetryAfter) as error:
            answered(429, refusal(parameters={"retry_after": seconds}, **more))
        assert seconds_of(error.value) == 7
