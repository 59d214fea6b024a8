"""Calls as they come over HTTP: broken ones, those whose sender is gone, and mistakes of the sandbox itself."""

# ruff: noqa: ARG001 - each script takes what all scripts take

from __future__ import annotations

import asyncio
import io
from collections.abc import Awaitable, Callable
from typing import Any

import aiohttp
import aiohttp.web
import pytest
from yarl import URL

from bot.sandbox import TOKEN, Person, Sandbox
from bot.sandbox.errors import Json
from bot.sandbox.server import LARGEST_BODY
from tests.test_sandbox_api import Call, play

JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
PARTS = "multipart/form-data; boundary=x"


async def post(sandbox: Sandbox, method: str, body: bytes, kind: str) -> tuple[int, dict[str, Any]]:
    """Send a body as it is; the status and what came back as JSON."""
    headers = {"Content-Type": kind}
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{sandbox.url}/bot{TOKEN}/{method}", data=io.BytesIO(body), headers=headers) as answer,
    ):
        assert answer.content_type == JSON
        return answer.status, await answer.json()


async def until(holds: Callable[[], bool]) -> None:
    """Wait until this holds, a second at the longest."""
    for _ in range(200):
        if holds():
            return
        await asyncio.sleep(0.005)
    raise AssertionError("it did not come about")


@pytest.mark.parametrize(
    ("body", "kind", "code", "says"),
    [
        (b"{", JSON, 400, "Bad Request: can't parse JSON object"),
        (b"[]", JSON, 400, "Bad Request: can't parse JSON object"),
        (b'{"chat_id": 1001, "text": "\xff"}', JSON, 400, "Bad Request: strings must be encoded in UTF-8"),
        (b"{}", f"{JSON}; charset=klingon", 400, "Bad Request: strings must be encoded in UTF-8"),
        (b"chat_id=1001&text=%FF", FORM, 400, "Bad Request: strings must be encoded in UTF-8"),
        (b"chat_id=1001&text=\xff", FORM, 400, "Bad Request: strings must be encoded in UTF-8"),
        (b"text=x", f"{FORM}; charset=latin-1", 400, "Bad Request: strings must be encoded in UTF-8"),
        (b"text=x", f"{FORM}; charset=klingon", 400, "Bad Request: strings must be encoded in UTF-8"),
        (b"nothing of the kind", PARTS, 400, "Bad Request: can't parse the parts of the body"),
        (b"nothing of the kind", "multipart/form-data", 400, "Bad Request: can't parse the parts of the body"),
        (
            b'--x\r\nContent-Disposition: form-data; name="a"\r\nContent-Type: text/x; charset=no\r\n\r\nx\r\n--x--',
            PARTS,
            400,
            "Bad Request: can't parse the parts of the body",
        ),
        (
            b'--x\r\nContent-Disposition: form-data; name="text"\r\n\r\n\xff\r\n--x--\r\n',
            PARTS,
            400,
            "Bad Request: can't parse the parts of the body",
        ),
        (b"<x/>", "text/xml", 415, "Unsupported Media Type: text/xml"),
        (b" " * (LARGEST_BODY + 1), JSON, 413, "Request Entity Too Large"),
    ],
)
def test_a_body_that_cannot_be_read_is_refused_as_json(body: bytes, kind: str, code: int, says: str) -> None:
    """Whatever a bot sends, it gets Telegram's kind of answer, and a broken body counts as its mistake."""

    async def script(sandbox: Sandbox, ana: Person, call: Call) -> None:
        status, answer = await post(sandbox, "sendMessage", body, kind)
        assert (status, answer) == (code, {"ok": False, "error_code": code, "description": says})
        assert sandbox.violations == [f"sendMessage: {code} {says}"]

    play(script)


def test_the_journal_keeps_what_could_be_read_of_a_broken_call() -> None:
    """A bot author finds in the journal what came before the mistake, and the beginning of a body that is no JSON."""

    async def script(sandbox: Sandbox, ana: Person, call: Call) -> None:
        await post(sandbox, "sendMessage?chat_id=1001", b'{"text": ', JSON)
        await call("noSuchMethod", text="x")
        assert [each.parameters for each in sandbox.journal] == [
            {"chat_id": "1001", "body": '{"text": '},
            {"text": "x"},
        ]

    play(script)


def test_parameters_in_the_address_are_read_and_have_to_be_utf8() -> None:
    """A call by address alone works, as from a browser; broken letters in it are refused."""

    async def script(sandbox: Sandbox, ana: Person, call: Call) -> None:
        url = f"{sandbox.url}/bot{TOKEN}/sendMessage"
        async with aiohttp.ClientSession() as session:
            async with session.get(url, params={"chat_id": "1001", "text": "é & ü"}) as answer:
                assert (await answer.json())["result"]["text"] == "é & ü"
            async with session.get(URL(f"{url}?chat_id=1001&text=%FF", encoded=True)) as answer:
                assert answer.status == 400
            for way in ("PUT", "DELETE"):
                async with session.request(way, url, params={"chat_id": "1001", "text": "x"}) as answer:
                    assert (answer.status, (await answer.json())["error_code"]) == (405, 405)
        assert len(ana.messages) == 1
        assert len(sandbox.violations) == 3

    play(script)


@pytest.mark.parametrize("broken", ["world", "fault"])
def test_a_mistake_of_the_sandbox_is_told_as_one(monkeypatch: pytest.MonkeyPatch, broken: str) -> None:
    """A mistake in the sandbox or in a test's fault fails the test with its name, and the bot gets a 500 as JSON."""

    async def script(sandbox: Sandbox, ana: Person, call: Call) -> None:
        def fail(*_: object, **__: object) -> Any:  # noqa: ANN401 - it never returns
            raise ZeroDivisionError

        if broken == "world":
            monkeypatch.setattr(sandbox.world, "write", fail)
        else:
            sandbox.fault = fail
        answer = await call("sendMessage", chat_id=1001, text="x")
        says = "Internal Server Error: ZeroDivisionError in the sandbox"
        assert answer == {"ok": False, "error_code": 500, "description": says}
        assert sandbox.violations == [f"sendMessage: 500 {says}"]

    play(script)


def test_a_fault_may_refuse_delay_or_change_a_call() -> None:
    """A test can stand in between: what it refuses never reaches anybody, what it lets through does."""

    async def script(sandbox: Sandbox, ana: Person, call: Call) -> None:
        async def fault(
            method: str, given: Json, handle: Callable[[], Awaitable[aiohttp.web.Response]]
        ) -> aiohttp.web.Response:
            if given["text"] == "no":
                body = {"ok": False, "error_code": 429, "description": "Too Many Requests: retry after 1"}
                return aiohttp.web.json_response(body, status=429)
            given["text"] += f" by {method}"
            return await handle()

        sandbox.fault = fault
        assert (await call("sendMessage", chat_id=1001, text="no"))["error_code"] == 429
        assert (await call("sendMessage", chat_id=1001, text="yes"))["ok"]
        assert [message.text for message in ana.messages] == ["yes by sendMessage"]
        assert sandbox.violations == sandbox.refusals == []

    play(script)


def test_a_poll_that_nobody_waits_for_is_gone_at_once() -> None:
    """After a bot was killed, the next one polls without being told that there are two."""

    async def script(sandbox: Sandbox, ana: Person, call: Call) -> None:
        offset = (await call("getUpdates"))["result"][-1]["update_id"] + 1
        async with aiohttp.ClientSession() as killed:
            url = f"{sandbox.url}/bot{TOKEN}/getUpdates"
            first = asyncio.create_task(killed.post(url, json={"offset": offset, "timeout": 30}))
            await until(lambda: sandbox.world.queue._waiting is not None)
            first.cancel()
            await asyncio.gather(first, return_exceptions=True)
        await until(lambda: not sandbox.world.queue.is_polled)
        second = asyncio.create_task(call("getUpdates", offset=offset, timeout=30))
        await sandbox.polled()
        await ana.send("two", wait=False)
        assert [update["message"]["text"] for update in (await second)["result"]] == ["two"]
        assert sandbox.refusals == sandbox.violations == []

    play(script)


def test_every_other_call_goes_on_to_its_end_without_its_sender() -> None:
    """A message whose sender did not wait for the answer is there all the same, as with Telegram."""

    async def script(sandbox: Sandbox, ana: Person, call: Call) -> None:
        begun = asyncio.Event()

        async def slow(_: str, __: Json, handle: Callable[[], Awaitable[aiohttp.web.Response]]) -> aiohttp.web.Response:
            begun.set()
            await asyncio.sleep(0.1)
            return await handle()

        sandbox.fault = slow
        async with aiohttp.ClientSession() as session:
            given = {"chat_id": 1001, "text": "x"}
            sending = asyncio.create_task(session.post(f"{sandbox.url}/bot{TOKEN}/sendMessage", json=given))
            await begun.wait()
            sending.cancel()
            await asyncio.gather(sending, return_exceptions=True)
        assert ana.messages == []
        await ana.until(lambda: ana.sees("x"))

    play(script)


def test_only_this_machine_may_call() -> None:
    """A page from elsewhere that has its name point here gets at nothing, even if it knew the token."""

    async def script(sandbox: Sandbox, ana: Person, call: Call) -> None:
        async with aiohttp.ClientSession(headers={"Host": "evil.example"}) as session:
            for path in (f"/bot{TOKEN}/getMe", f"/file/bot{TOKEN}/documents/file1"):
                async with session.get(sandbox.url + path) as answer:
                    assert answer.status == 403
        assert sandbox.refusals == sandbox.violations == []

    play(script)
