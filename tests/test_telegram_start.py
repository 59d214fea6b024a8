"""`signpost run` as a process: its start, its end, its restart, and what it never prints."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import sqlite3
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import aiohttp.web
import pytest

from bot.sandbox import TOKEN, Person, Sandbox
from bot.sandbox.errors import Json
from bot.sandbox.server import Fault
from bot.storage.database import Database
from bot.storage.errors import StorageError
from bot.telegram.polling import YOUNG
from tests.tapping import session_of
from tests.telegram_kit import check, running
from tests.test_telegram_chat import to_dangers, to_emergency

ROOT = Path(__file__).parent.parent
SECRET = TOKEN.partition(":")[2]


class Bot:
    """A running `signpost run`."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process

    async def end(self, sign: signal.Signals = signal.SIGTERM) -> tuple[int, str]:
        """Send a signal and wait; the exit code and what was printed."""
        self.process.send_signal(sign)
        return await self.ended()

    async def ended(self) -> tuple[int, str]:
        """Wait for its own end; the exit code and what was printed."""
        async with asyncio.timeout(15):
            out, err = await self.process.communicate()
        assert self.process.returncode is not None
        return self.process.returncode, (out + err).decode()


@asynccontextmanager
async def process(folder: Path, url: str, token: str = TOKEN, **settings: str) -> AsyncIterator[Bot]:
    """`signpost run` in this folder; killed at the end if it still runs."""
    environment = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LANG", "PYTHONPATH"}}
    environment |= {"TELEGRAM_TOKEN": token, "TELEGRAM_API_URL": url, "PYTHONPATH": str(ROOT)} | settings
    started = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "bot",
        "run",
        cwd=folder,
        env=environment,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        yield Bot(started)
    finally:
        if started.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                started.kill()
            await started.communicate()


def test_a_bad_token_is_one_clear_line(tmp_path: Path) -> None:
    """A bad token is one clear line."""

    async def main() -> tuple[int, str]:
        async with Sandbox("1:another-bot-entirely-000000000000000") as sandbox, process(tmp_path, sandbox.url) as bot:
            return await bot.ended()

    code, said = asyncio.run(main())
    assert code == 2
    assert len(said.splitlines()) == 1
    assert "TELEGRAM_TOKEN" in said
    assert "@BotFather" in said
    assert SECRET not in said


def test_an_unreachable_api_is_one_clear_line(tmp_path: Path) -> None:
    """An unreachable api is one clear line."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # not listening
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"

        async def main() -> tuple[int, str]:
            async with process(tmp_path, url) as bot:
                return await bot.ended()

        code, said = asyncio.run(main())
    assert code == 1
    assert len(said.splitlines()) == 1
    assert f"cannot be reached at {url}" in said
    assert SECRET not in said


def test_a_second_poller_ends_with_a_clear_line_and_the_first_goes_on(tmp_path: Path) -> None:
    """Whoever starts the bot twice by mistake reads so, and people are answered by the first all the same."""

    async def main() -> None:
        async with Sandbox(patience=15) as sandbox, process(tmp_path, sandbox.url) as first:
            await sandbox.polled()
            ana = sandbox.person()
            await to_dangers(ana)
            await asyncio.sleep(YOUNG + 0.2)
            second_home = tmp_path / "second"
            second_home.mkdir()
            async with process(second_home, sandbox.url) as second:
                code, said = await second.ended()
            assert code == 1
            assert "another process is polling" in said
            await ana.tap("None of these")
            assert "Bladder and between the legs: None of these" in ana.last.text
            code, said = await first.end()
            assert code == 0
            assert said.count("another process polls") == 1
            check(sandbox, ["terminated by other getUpdates request"])

    asyncio.run(main())


@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGKILL])
def test_after_a_restart_the_next_tap_goes_on_at_the_same_card(tmp_path: Path, sign: signal.Signals) -> None:
    """After a restart the next tap goes on at the same card."""

    async def main() -> None:
        async with Sandbox(patience=15) as sandbox:
            ana = sandbox.person()
            async with process(tmp_path, sandbox.url) as bot:
                await to_dangers(ana)
                card = ana.last
                began = asyncio.get_running_loop().time()
                code, _ = await bot.end(sign)
                assert code == (0 if sign is signal.SIGTERM else -signal.SIGKILL)
                assert asyncio.get_running_loop().time() - began < 10
            await ana.tap("None of these", wait=False)  # while nobody is there
            async with process(tmp_path, sandbox.url):
                await ana.until(lambda: "Bladder and between the legs: None of these" in card.text)
                assert ana.last is card
                await sandbox.quiet()
                check(sandbox)

    asyncio.run(main())


def test_the_end_comes_within_ten_seconds_when_nothing_answers(tmp_path: Path) -> None:
    """Telegram hangs and another program holds the database: it ends all the same, and what was tapped comes again."""

    async def main() -> None:
        async with Sandbox(patience=15) as sandbox:
            ana = sandbox.person()
            async with process(tmp_path, sandbox.url) as bot:
                await to_dangers(ana)

                async def hang(
                    method: str, _: Json, handle: Callable[[], Awaitable[aiohttp.web.Response]]
                ) -> aiohttp.web.Response:
                    if method != "getUpdates":
                        await asyncio.sleep(30)
                    return await handle()

                sandbox.fault = hang
                await ana.tap("None of these", wait=False)
                await asyncio.sleep(0.5)  # it is applied; its card hangs
                other = sqlite3.connect(tmp_path / "data" / "signpost.db", isolation_level=None)
                other.execute("BEGIN IMMEDIATE")
                await ana.send("/help", wait=False)
                await asyncio.sleep(1.5)  # it waits for the database
                began = asyncio.get_running_loop().time()
                code, said = await bot.end()
                assert code == 0
                assert asyncio.get_running_loop().time() - began < 10
                assert "signpost.db is busy" in said
                assert "not everything that was owed could be sent" in said
                other.close()
                sandbox.fault = None
            async with process(tmp_path, sandbox.url):
                await ana.until(
                    lambda: ana.sees("/forget – ") and "Bladder and between the legs: None" in ana.last.text
                )

    asyncio.run(main())


def _without(*missing: str) -> Fault:
    """A server that does not know these methods, and does not wait for updates."""

    async def fault(
        method: str, given: Json, handle: Callable[[], Awaitable[aiohttp.web.Response]]
    ) -> aiohttp.web.Response:
        if method in missing:
            body = {"ok": False, "error_code": 404, "description": "Not Found: method not found"}
            return aiohttp.web.json_response(body, status=404)
        given.pop("timeout", None)
        return await handle()

    return fault


def test_a_server_that_knows_less_is_good_enough(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Without webhooks, without a bot's name, and with polls that return at once, people are answered all the same."""

    async def main() -> None:
        async with Sandbox() as sandbox:
            sandbox.fault = _without("deleteWebhook", "getMyCommands", "getMyName")
            async with running(sandbox, tmp_path / "s.db"):
                ana = sandbox.person()
                await to_emergency(ana)
                assert ana.last.text.startswith("EMERGENCY")
                await sandbox.quiet()
                assert sandbox.world.profile.descriptions[""]
                assert sandbox.world.profile.shorts[""]

    asyncio.run(main())
    assert "a webhook that may be left from before could not be ended" in caplog.text
    assert "could not be set; the next start tries again" in caplog.text


def test_a_webhook_left_from_before_is_ended_and_loses_nothing(tmp_path: Path) -> None:
    """What came in before the start is answered after it."""

    async def main() -> None:
        async with Sandbox() as sandbox:
            ana = sandbox.person()
            await ana.send("/start", wait=False)
            sandbox.world.queue.webhook = {"url": "https://example.org/"}
            async with running(sandbox, tmp_path / "s.db"):
                await ana.until(lambda: ana.buttons == ["Hard to lift a leg"])
                assert sandbox.world.queue.webhook == {}

    asyncio.run(main())


def test_a_card_that_is_refused_is_said_in_plain_words(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Buttons that Telegram does not take never silence a seek-care message."""

    async def picky(
        method: str, given: Json, handle: Callable[[], Awaitable[aiohttp.web.Response]]
    ) -> aiohttp.web.Response:
        if method == "sendMessage" and "copy_text" in str(given.get("reply_markup")):
            body = {"ok": False, "error_code": 400, "description": "Bad Request: BUTTON_TYPE_INVALID"}
            return aiohttp.web.json_response(body, status=400)
        return await handle()

    async def main() -> None:
        async with Sandbox() as sandbox, running(sandbox, tmp_path / "s.db", refusals=["not modified"]):
            ana = sandbox.person()
            await to_dangers(ana)
            sandbox.fault = picky
            await ana.tap("☐ Numb between the legs")
            assert ana.last.text.startswith("EMERGENCY: Go to an emergency department now")
            assert "<b>" not in ana.last.text
            assert ana.keyboards == []
            sandbox.fault = None
            await ana.send("thank you")
            assert ana.buttons == ["Show my result", "Change an answer", "New check"]

    asyncio.run(main())
    assert caplog.text.count("a message was refused, so it goes out more plainly: BadRequest in") == 2


def test_what_was_confirmed_before_a_crash_is_not_applied_again(tmp_path: Path) -> None:
    """What was confirmed before a crash is not applied again."""

    async def main() -> None:
        async with Sandbox(patience=15) as sandbox:
            ana = sandbox.person()
            async with process(tmp_path, sandbox.url) as bot:
                await ana.start("leg_lift")
                again = next(iter(sandbox.world.queue.pending.values()), None)
                assert again is None
                await bot.end(signal.SIGKILL)
            update = sandbox.world.queue._next_id - 1
            count = len(ana.messages)
            sandbox.world.queue._next_id = update  # Telegram hands the last one over once more
            body = {"message": ana.own()[-1].api()}
            async with process(tmp_path, sandbox.url):
                await sandbox.raw_update(body)
            assert len(ana.messages) == count

    asyncio.run(main())


def test_the_profile_is_pushed_once_and_only_what_changed(tmp_path: Path) -> None:
    """The profile is pushed once and only what changed."""

    async def main() -> None:
        async with Sandbox() as sandbox:
            for _ in range(2):
                async with running(sandbox, tmp_path / "s.db") as database:
                    await sandbox.quiet()
            pushed = [call.method for call in sandbox.journal if call.method.startswith("setMy")]
            assert sorted(set(pushed)) == ["setMyCommands", "setMyDescription", "setMyShortDescription"]
            assert pushed.count("setMyCommands") == 4
            private = next(value for key, value in sandbox.world.profile.commands.items() if "all_private" in key[0])
            assert [command["command"] for command in private][:2] == ["start", "check"]
            groups = next(value for key, value in sandbox.world.profile.commands.items() if "all_group" in key[0])
            assert [command["command"] for command in groups] == ["check", "help"]
            sandbox.world.profile.descriptions[""] = "changed by somebody"
            database = await Database.open(f"sqlite:///{tmp_path / 's.db'}")
            await database.set_note("profile", "of an older version")
            await database.close()
            del sandbox.journal[:]
            async with running(sandbox, tmp_path / "s.db"):
                await sandbox.quiet()
            assert [call.method for call in sandbox.journal if call.method.startswith("setMy")] == ["setMyDescription"]
            assert sandbox.violations == []

    asyncio.run(main())


async def _everything(sandbox: Sandbox, ana: Person) -> None:
    """A talk with everything in it that must not be logged."""
    await to_emergency(ana)
    await ana.send("my very secret words")
    await ana.forge_tap("secret-data")
    await ana.send_photo("secret caption")
    await sandbox.raw_update({"message": {"chat": "secret-unparsable"}, "callback_query": {"id": "q-secret"}})
    await sandbox.raw_update({"message": {"date": "x", "text": {"secret": 1}, "chat": {"id": 1, "type": "private"}}})
    await ana.block()
    url = f"{sandbox.url}/bot{TOKEN}/getUpdates?timeout=1"
    async with aiohttp.ClientSession() as session, session.post(url) as answer:
        await answer.read()  # somebody else polls: 409 for the bot
    await asyncio.sleep(0.5)
    await ana.unblock()
    await ana.send("/mydata")


@pytest.mark.parametrize("form", ["text", "json"])
def test_no_token_and_nothing_of_a_person_reaches_the_log(tmp_path: Path, form: str) -> None:
    """No token and nothing of a person reaches the log."""

    async def main() -> str:
        async with (
            Sandbox(patience=15) as sandbox,
            process(tmp_path, sandbox.url, LOG_LEVEL="DEBUG", LOG_FORMAT=form) as bot,
        ):
            ana = sandbox.person("Anastasia-Secret")
            await sandbox.polled()
            await asyncio.sleep(YOUNG + 0.2)
            await _everything(sandbox, ana)

            async def garbage(
                method: str, _: Json, handle: Callable[[], Awaitable[aiohttp.web.Response]]
            ) -> aiohttp.web.Response:
                if method != "getUpdates":
                    return await handle()
                sandbox.fault = None
                return aiohttp.web.Response(text="not json at all, secret")

            sandbox.fault = garbage
            await ana.send("/help")
            code, said = await bot.end()
            assert code == 0
            return said

    said = asyncio.run(main())
    assert "turn" in said  # it does log
    for secret in (SECRET, TOKEN, "secret", "Secret", "Anastasia", "telegram:1001", "saddle", "stroke", "Numb"):
        assert secret not in said, secret


def test_a_failing_database_delays_and_loses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A failing database delays and loses nothing."""

    async def main() -> None:
        async with Sandbox() as sandbox, running(sandbox, tmp_path / "s.db") as database:
            ana = sandbox.person()
            await ana.start("leg_lift")
            works, failures = database.transaction, iter(range(2))

            def sometimes() -> object:
                if next(failures, None) is not None:
                    raise StorageError("s.db does not fit on the disk; make room there")
                return works()

            monkeypatch.setattr(database, "transaction", sometimes)
            await ana.tap("Me")
            assert "How old" in ana.last.text
            session = await session_of(database, ana)
            assert session.turn == 1
            check(sandbox)

    asyncio.run(main())
    assert "so messages wait: s.db does not fit on the disk" in caplog.text


def test_the_chat_of_somebody_erased_for_age_begins_anew(tmp_path: Path) -> None:
    """The chat of somebody erased for age begins anew."""

    async def main() -> None:
        async with Sandbox() as sandbox, running(sandbox, tmp_path / "s.db") as database:
            ana = sandbox.person()
            await to_dangers(ana)
            card, data = ana.last, ana.last.keyboard[0][0]["callback_data"]
            assert await database.purge(2**40) == 1
            await ana.tap_stale(card, data)
            assert ana.toasts[-1] == "There is no check under way."
            assert ana.buttons == ["Hard to lift a leg"]
            assert card.keyboard == []
            check(sandbox)

    asyncio.run(main())
