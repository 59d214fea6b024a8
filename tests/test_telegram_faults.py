"""Telegram fails, refuses or hangs: a seek-care message arrives all the same, and the bot lives on."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path

import aiohttp.web
import pytest

from bot.sandbox import Person, Sandbox
from bot.sandbox.errors import Json
from bot.sandbox.server import Fault
from bot.storage.errors import StorageError
from tests.telegram_kit import running
from tests.test_telegram_chat import to_dangers, to_emergency
from tests.test_telegram_start import process

Handle = Callable[[], Awaitable[aiohttp.web.Response]]

ALWAYS = 10**9
WITHIN = 20.0
"""Seconds within which a seek-care message has to be there whatever fails beside it; far less on a quiet machine."""


def refusal(code: int, words: str, **parameters: object) -> aiohttp.web.Response:
    """A refusal as Telegram words it."""
    body = {"ok": False, "error_code": code, "description": words, "parameters": parameters}
    return aiohttp.web.json_response(body, status=code)


FAILURES: dict[str, Callable[[], aiohttp.web.Response | None]] = {
    "400": lambda: refusal(400, "Bad Request: something new that nobody knows"),
    "404": lambda: refusal(404, "Not Found: method not found"),
    "413": lambda: refusal(413, "Request Entity Too Large"),
    "429": lambda: refusal(429, "Too Many Requests: retry after 30", retry_after=30),
    "429 oddly": lambda: refusal(429, "Too Many Requests", retry_after="soon"),
    "500": lambda: refusal(500, "Internal Server Error"),
    "502 of a proxy": lambda: aiohttp.web.Response(text="<html>Bad Gateway</html>", status=502),
    "200 of a proxy": lambda: aiohttp.web.Response(text="<html>Log in to the guest network</html>"),
    "hang": lambda: None,
}


def failing(how: str, methods: frozenset[str], times: int = ALWAYS) -> Fault:
    """These methods fail so often in this way, then they work."""
    left = iter(range(times))

    async def fault(method: str, _: Json, handle: Handle) -> aiohttp.web.Response:
        if method not in methods or next(left, None) is None:
            return await handle()
        answer = FAILURES[how]()
        if answer is None:
            await asyncio.sleep(60)
        return answer or await handle()

    return fault


async def warned(person: Person) -> None:
    """The seek-care message is there, or comes in time."""
    async with asyncio.timeout(WITHIN):
        await person.until(lambda: any(text.text.startswith("EMERGENCY") for text in person.messages))


async def _ticks(person: Person, fault: Fault, sandbox: Sandbox) -> None:
    """A harmless tick whose card gets stuck, then the danger, tapped on the card as the phone still shows it."""
    card = person.last
    datas = {button["text"]: button["callback_data"] for row in card.keyboard for button in row}
    sandbox.fault = fault
    await person.tap_stale(card, datas["☐ Sexual feeling changed"], wait=False)
    await person.tap_stale(card, datas["☐ Numb between the legs"], wait=False)


async def _types(person: Person, fault: Fault, sandbox: Sandbox) -> None:
    """The danger typed, while what came before it is stuck."""
    sandbox.fault = fault
    await person.tap("Why do you ask?", wait=False)
    await person.send("/mydata", wait=False)
    await person.send("numb between the legs", wait=False)


@pytest.mark.parametrize("danger", [_ticks, _types])
def test_a_seek_care_message_comes_whatever_fails_beside_it(
    tmp_path: Path, danger: Callable[[Person, Fault, Sandbox], Awaitable[None]]
) -> None:
    """Edits, keyboards, files and answers to taps may fail in any way; the warning is a message of its own."""
    beside = frozenset({"editMessageText", "editMessageReplyMarkup", "sendDocument", "answerCallbackQuery"})

    async def one(number: int, how: str) -> None:
        async with (
            Sandbox(patience=60, settle=0.5) as sandbox,
            running(sandbox, tmp_path / f"{number}.db", refusals=None),
        ):
            ana = sandbox.person()
            await to_dangers(ana)
            await danger(ana, failing(how, beside), sandbox)
            await warned(ana)

    async def main() -> None:
        await asyncio.gather(*(one(number, how) for number, how in enumerate(FAILURES)))

    asyncio.run(main())


@pytest.mark.parametrize("how", ["429 oddly", "500", "502 of a proxy", "200 of a proxy"])
def test_a_seek_care_message_is_tried_until_it_is_there(tmp_path: Path, how: str) -> None:
    """Sending itself fails for a while: the message comes once it works, and once only."""

    async def main() -> None:
        async with Sandbox(patience=30) as sandbox, running(sandbox, tmp_path / "s.db") as _:
            ana = sandbox.person()
            await to_dangers(ana)
            sandbox.fault = failing(how, frozenset({"sendMessage"}), times=2)
            await ana.tap("☐ Numb between the legs")
            await warned(ana)
            await sandbox.quiet()
            assert sum(text.text.startswith("EMERGENCY") for text in ana.messages) == 1
            assert len(ana.keyboards) == 1

    asyncio.run(main())


def test_a_seek_care_message_that_was_never_sent_comes_with_the_next_tap(tmp_path: Path) -> None:
    """The card with the questions is still there and looks alive; a tap on it must not be told off for ever."""

    async def main() -> None:
        async with Sandbox() as sandbox, running(sandbox, tmp_path / "s.db", refusals=None):
            ana = sandbox.person()
            await to_dangers(ana)
            card, other = ana.last, ana.last.keyboard[1][0]["callback_data"]

            async def gone(method: str, _: Json, handle: Handle) -> aiohttp.web.Response:
                return (
                    refusal(403, "Forbidden: bot was blocked by the user") if method[:4] == "send" else await handle()
                )

            sandbox.fault = gone
            await ana.tap("☐ Numb between the legs", silent=True)
            await sandbox.quiet()
            assert not ana.sees("EMERGENCY")
            sandbox.fault = None
            await ana.tap_stale(card, other)
            assert ana.last.text.startswith("EMERGENCY")
            assert card.keyboard == []
            assert len(ana.keyboards) == 1

    asyncio.run(main())


BROKEN_POLLS: list[Callable[[], aiohttp.web.Response]] = [
    lambda: aiohttp.web.json_response([]),
    lambda: aiohttp.web.json_response(None),
    lambda: aiohttp.web.json_response({"ok": False}),
    lambda: aiohttp.web.json_response({"ok": True}),
    lambda: aiohttp.web.json_response({"ok": True, "result": {"update_id": 1}}),
    lambda: aiohttp.web.json_response(["bad gateway"], status=502),
    lambda: aiohttp.web.json_response("bad gateway", status=502),
    lambda: aiohttp.web.Response(text="<html>nothing here</html>", status=404),
    lambda: refusal(429, "Too Many Requests", retry_after="1"),
    lambda: aiohttp.web.json_response({"ok": False, "parameters": [1]}, status=400),
    lambda: aiohttp.web.Response(body=b"\xff\xfe{", status=500),
]


def test_no_answer_to_a_poll_ends_the_bot(tmp_path: Path) -> None:
    """A proxy's page, half an answer or a wrong type: it is asked again, and people are answered."""

    async def one(number: int, broken: Callable[[], aiohttp.web.Response]) -> None:
        async with Sandbox(patience=60, settle=0.5) as sandbox, running(sandbox, tmp_path / f"{number}.db") as _:
            left = iter(range(2))

            async def fault(method: str, _: Json, handle: Handle) -> aiohttp.web.Response:
                return broken() if method == "getUpdates" and next(left, None) is not None else await handle()

            sandbox.fault = fault
            ana = sandbox.person()
            await ana.send("/start", wait=False)  # ends the poll that waits
            await to_emergency(ana)
            assert ana.last.text.startswith("EMERGENCY")

    async def main() -> None:
        await asyncio.gather(*(one(number, broken) for number, broken in enumerate(BROKEN_POLLS)))

    asyncio.run(main())


def test_a_wrong_address_is_not_taken_for_a_wrong_token(tmp_path: Path) -> None:
    """Some web server answers 404 with a page: the token is not what has to be copied again."""

    async def page(method: str, _: Json, handle: Handle) -> aiohttp.web.Response:
        return aiohttp.web.Response(text="<html>404</html>", status=404) if method else await handle()

    async def main() -> tuple[int, str]:
        async with Sandbox() as sandbox:
            sandbox.fault = page
            async with process(tmp_path, sandbox.url) as bot:
                return await bot.ended()

    code, said = asyncio.run(main())
    assert code == 1
    assert "cannot be reached at http://127.0.0.1" in said
    assert len(said.splitlines()) == 1


def test_while_the_database_fails_people_hear_what_is_always_right(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody who writes at night into a bot with a full disk is not left with silence, and is answered later."""

    async def main() -> None:
        async with Sandbox(patience=20) as sandbox, running(sandbox, tmp_path / "s.db") as database:
            ana = sandbox.person()
            await ana.start("leg_lift")
            works, broken = database.transaction, True

            def sometimes() -> object:
                if broken:
                    raise StorageError("s.db does not fit on the disk; make room there")
                return works()

            monkeypatch.setattr(database, "transaction", sometimes)
            await ana.send("me", wait=False)
            await ana.until(lambda: ana.sees("I cannot answer at this moment"))
            assert ana.sees("call your local emergency number")
            broken = False
            await ana.until(lambda: "How old" in ana.last.text)
            await sandbox.quiet()
            assert sum("I cannot answer at this moment" in message.text for message in ana.messages) == 1
            assert len(ana.keyboards) == 1

    asyncio.run(main())


def test_an_id_that_no_server_can_be_told_is_left_alone(tmp_path: Path) -> None:
    """Half a character in the id of a tap is nothing to answer, and nothing to try again for ever."""

    async def main() -> None:
        async with Sandbox() as sandbox, running(sandbox, tmp_path / "s.db"):
            ana = sandbox.person()
            await ana.start("leg_lift")
            body = json.loads('{"id": "\\ud800", "chat_instance": "1", "data": "x"}') | {"from": ana.user.api()}
            await sandbox.raw_update({"callback_query": body | {"message": ana.last.api()}})
            await ana.tap("Me")
            assert "How old" in ana.last.text

    asyncio.run(main())


def test_one_refusal_of_a_server_out_of_order_loses_no_seek_care_message(tmp_path: Path) -> None:
    """401, 404 and 409 in between, as a proxy or a restarting server gives them, are tried again."""

    async def main() -> None:
        async with Sandbox(patience=30, settle=0.3) as sandbox, running(sandbox, tmp_path / "s.db"):
            ana = sandbox.person()
            await to_dangers(ana)
            codes = iter((401, 404, 409))

            async def fault(method: str, _: Json, handle: Handle) -> aiohttp.web.Response:
                code = next(codes, None) if method == "sendMessage" else None
                return await handle() if code is None else refusal(code, "out of order")

            sandbox.fault = fault
            await ana.tap("☐ Numb between the legs")
            await warned(ana)

    asyncio.run(main())


def test_buttons_that_could_not_be_taken_off_are_taken_off_later(tmp_path: Path) -> None:
    """Told to wait while the next answer comes in: in the end only the newest card has buttons."""

    async def main() -> None:
        async with Sandbox(patience=30, settle=0.3) as sandbox, running(sandbox, tmp_path / "s.db"):
            ana = sandbox.person()
            await to_dangers(ana)
            left = iter(range(1))

            async def flood(method: str, _: Json, handle: Handle) -> aiohttp.web.Response:
                if method == "editMessageReplyMarkup" and next(left, None) is not None:
                    return refusal(429, "Too Many Requests: retry after 4", retry_after=4)
                return await handle()

            sandbox.fault = flood
            await ana.send("none of these")
            await ana.send("none of these")
            await ana.until(lambda: len(ana.keyboards) == 1)

    asyncio.run(main())


_ROOM = 20
"""Calls in flight that there is room for here; less than usual, so that it takes fewer people to fill it."""


def test_other_peoples_hanging_calls_hold_up_no_seek_care_message(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As many calls as there is room for hang; the warning has room of its own."""
    monkeypatch.setattr("bot.telegram.api.CONNECTIONS", _ROOM)

    async def main() -> None:
        async with (
            Sandbox(patience=60, settle=0.3, answer_within=60) as sandbox,
            running(sandbox, tmp_path / "s.db", refusals=None),
        ):
            ana, others = sandbox.person(), [sandbox.person(f"P{number}") for number in range(_ROOM + 10)]
            await to_dangers(ana)
            await asyncio.gather(*(other.start("leg_lift") for other in others))

            hanging, full = [], asyncio.Event()

            async def hang(method: str, given: Json, handle: Handle) -> aiohttp.web.Response:
                if str(given.get("chat_id")) != str(ana.user.id) and method.startswith(("edit", "answer")):
                    hanging.append(method)
                    if len(hanging) == _ROOM:
                        full.set()
                    await asyncio.sleep(60)
                return await handle()

            sandbox.fault = hang
            for other in others:
                await other.tap("Me", wait=False)
            await full.wait()
            await ana.tap("☐ Numb between the legs", wait=False)
            await warned(ana)
            assert len(hanging) == _ROOM  # nobody's call has come to an end and made room meanwhile

    asyncio.run(main())
