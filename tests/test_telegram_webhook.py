"""The bot behind a webhook: the same conversations, nothing lost or twice, and a clear word where it cannot start."""

from __future__ import annotations

import asyncio
import signal
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import aiohttp
import pytest

from bot.flow.session import Ticked
from bot.sandbox import Failure, Mishap, Person, Posting, Rule, Sandbox, Shares
from bot.storage.database import Database
from bot.storage.errors import BusyError
from tests.tapping import session_of, tap_through
from tests.telegram_kit import check, free_port, running
from tests.test_patients import PATIENTS
from tests.test_telegram_chat import to_dangers, to_emergency
from tests.test_telegram_start import process

IN_USE = "is in use by another bot; end that one first, or name another database for this one"
SECRET = "a-secret-of-the-tests"  # noqa: S105 - it opens nothing


def settings(port: int) -> dict[str, str]:
    """The environment of a bot with a webhook."""
    return {
        "WEBHOOK_URL": f"http://127.0.0.1:{port}/hook",
        "HTTP_LISTEN": f"127.0.0.1:{port}",
        "WEBHOOK_SECRET": SECRET,
    }


async def got(url: str) -> tuple[int, str]:
    """What a page answers."""
    async with aiohttp.ClientSession() as session, session.get(url) as answer:
        return answer.status, await answer.text()


def test_a_talk_over_the_webhook(tmp_path: Path) -> None:
    """Taps, words and commands come in by posts and are answered; the answers to taps ride in the answers to posts."""

    async def main() -> None:
        async with Sandbox() as sandbox, running(sandbox, tmp_path / "s.db", webhook=True) as database:
            patient = PATIENTS["acl_rehab_thin_thigh"]
            ana = sandbox.person()
            outcome = await tap_through(ana, database, patient["answers"])
            assert outcome.level.value in ana.last.text.lower() or ana.sees("EMERGENCY")
            await ana.send("hello")
            await ana.send("/help")
            assert ana.sees("/forget – ")
            assert all(tap.answered for tap in ana.user.taps)
            assert not [call for call in sandbox.journal if call.method == "getUpdates"]

    asyncio.run(main())


def test_posts_that_come_twice_late_and_mixed_up(tmp_path: Path) -> None:
    """Telegram posts again what it got no answer for, and promises no order: every answer counts once."""

    async def main() -> None:
        async with (
            Sandbox(patience=20) as sandbox,
            running(sandbox, tmp_path / "s.db", refusals=None, webhook=True) as database,
        ):
            mishaps = sandbox.disturb(Shares(lost=0.3, late=0.3, seconds=0.05), seed=3)
            people = [sandbox.person(f"P{number}") for number in range(8)]
            await asyncio.gather(*(to_dangers(person) for person in people))
            for person in people:
                await person.tap("☐ Bladder changed")
                assert "☑ Bladder changed" in person.buttons
                inputs = (await session_of(database, person)).inputs
                assert sum(isinstance(each, Ticked) for each in inputs) == 1
            assert mishaps.count(Mishap.LOST) > 0
            sandbox.disturb()

    asyncio.run(main())


def test_from_polling_to_the_webhook_and_back_nothing_is_lost(tmp_path: Path) -> None:
    """What is sent while nobody is there, or while the way is changed, is answered once, by whichever comes next."""

    async def main() -> None:
        async with Sandbox(patience=15) as sandbox:
            ana = sandbox.person()
            file = tmp_path / "s.db"
            async with running(sandbox, file):
                await ana.start("leg_lift")
            await ana.tap("Me", wait=False)
            async with running(sandbox, file, webhook=True):
                await ana.until(lambda: "How old" in ana.last.text)
            await ana.send("34", wait=False)
            async with running(sandbox, file) as database:
                await ana.until(lambda: "Did any of these come on suddenly" in ana.last.text)
                await sandbox.quiet()
                assert (await session_of(database, ana)).turn == 2
            assert not [call for call in sandbox.journal if call.parameters.get("drop_pending_updates")]

    asyncio.run(main())


def test_forged_posts_change_nothing(tmp_path: Path) -> None:
    """Without the secret, with a wrong one, or with two of them: 403, and the database is as it was."""

    async def main() -> None:
        port = free_port()
        async with Sandbox(patience=15) as sandbox, process(tmp_path, sandbox.url, **settings(port)):
            await sandbox.polled()
            ana = sandbox.person()
            await to_dangers(ana)
            tap = {
                "id": "77",
                "from": ana.user.api(),
                "chat_instance": "1",
                "data": ana.last.keyboard[0][0]["callback_data"],
            }
            body = {"update_id": 999_999_999, "callback_query": tap | {"message": ana.last.api()}}
            before = _dump(tmp_path)
            name = "X-Telegram-Bot-Api-Secret-Token"
            async with aiohttp.ClientSession() as session:
                for headers in ([], [(name, "")], [(name, "wrong")], [(name, SECRET), (name, SECRET)]):
                    async with session.post(f"http://127.0.0.1:{port}/hook", json=body, headers=headers) as answer:
                        assert answer.status == 403
            assert _dump(tmp_path) == before
            status, page = await got(f"http://127.0.0.1:{port}/metrics")
            assert status == 200
            assert 'signpost_webhook_posts_total{result="forged"} 4.0' in page
            assert await got(f"http://127.0.0.1:{port}/healthz") == (200, "ok\n")
            check(sandbox)

    asyncio.run(main())


def _dump(folder: Path) -> list[str]:
    with closing(sqlite3.connect(folder / "data" / "signpost.db")) as connection:
        return list(connection.iterdump())


@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGKILL])
def test_after_a_restart_the_next_post_goes_on_at_the_same_card(tmp_path: Path, sign: signal.Signals) -> None:
    """Telegram posts again until somebody answers; the end by a signal takes less than ten seconds and gives 0."""

    async def main() -> None:
        port = free_port()
        async with Sandbox(patience=20) as sandbox:
            sandbox.posting = Posting(first_pause=0.1, longest_pause=0.5)
            ana = sandbox.person()
            async with process(tmp_path, sandbox.url, **settings(port)) as bot:
                await sandbox.polled()
                await to_dangers(ana)
                card = ana.last
                began = asyncio.get_running_loop().time()
                code, _ = await bot.end(sign)
                assert code == (0 if sign is signal.SIGTERM else -signal.SIGKILL)
                assert asyncio.get_running_loop().time() - began < 10
            await ana.tap("None of these", wait=False)
            async with process(tmp_path, sandbox.url, **settings(port)):
                await ana.until(lambda: "Bladder and between the legs: None of these" in card.text)
                await sandbox.quiet()
                check(sandbox)

    asyncio.run(main())


def test_an_address_that_telegram_does_not_take_is_one_clear_line(tmp_path: Path) -> None:
    """It names the setting, and what Telegram said."""

    async def main() -> tuple[int, str]:
        port = free_port()
        async with Sandbox() as sandbox:
            addresses = settings(port) | {"WEBHOOK_URL": "http://bot.example.org/hook"}
            async with process(tmp_path, sandbox.url, **addresses) as bot:
                return await bot.ended()

    code, said = asyncio.run(main())
    assert code == 2
    assert said.splitlines()[-1].startswith("signpost: WEBHOOK_URL: Telegram does not take it (")


def test_a_taken_port_is_one_clear_line(tmp_path: Path) -> None:
    """It names the setting."""

    async def main() -> tuple[int, str]:
        async with Sandbox() as sandbox:
            taken = sandbox.url.rpartition(":")[2]
            async with process(tmp_path, sandbox.url, HTTP_LISTEN=f"127.0.0.1:{taken}") as bot:
                return await bot.ended()

    code, said = asyncio.run(main())
    assert code != 0
    assert len(said.splitlines()) == 1
    assert "HTTP_LISTEN" in said


def test_a_second_bot_on_the_same_database_is_refused(tmp_path: Path) -> None:
    """Whatever its token is: with a line that names the file and the way out; the first one goes on."""

    async def main() -> None:
        async with Sandbox(patience=15) as sandbox, process(tmp_path, sandbox.url) as first:
            await sandbox.polled()
            ana = sandbox.person()
            await to_dangers(ana)
            async with process(tmp_path, sandbox.url) as second:
                code, said = await second.ended()
            assert code == 1
            assert said.splitlines() == [f"signpost: {tmp_path}/data/signpost.db {IN_USE}"]
            await ana.tap("None of these")
            assert (await first.end())[0] == 0
            check(sandbox)

    asyncio.run(main())


def test_the_lock_is_free_again_after_a_crash(tmp_path: Path) -> None:
    """However the first one ends, the next one has the file."""

    async def main() -> None:
        file = tmp_path / "s.db"
        first = await Database.at(file, alone=True)
        with pytest.raises(BusyError, match="in use by another bot"):
            await Database.at(file, alone=True)
        beside = await Database.at(file)  # a check in the terminal is no bot
        await beside.close()
        await first.close()
        await (await Database.at(file, alone=True)).close()

    asyncio.run(main())


def test_health_tells_what_is_wrong(tmp_path: Path) -> None:
    """While Telegram cannot be reached the bot is not well, and it is again afterwards."""

    async def main() -> None:
        port = free_port()
        url = f"http://127.0.0.1:{port}/healthz"
        async with Sandbox(patience=15) as sandbox, process(tmp_path, sandbox.url, HTTP_LISTEN=f"127.0.0.1:{port}"):
            await sandbox.polled()
            assert await got(url) == (200, "ok\n")
            sandbox.fail(Rule(Failure.PROXY, ("getUpdates",)))
            await sandbox.person().send("/start", wait=False)  # ends the poll that waits
            await _until_it_says(url, 503, "Telegram cannot be reached\n")
            sandbox.fail()
            await _until_it_says(url, 200, "ok\n")

    asyncio.run(main())


async def _until_it_says(url: str, status: int, text: str) -> None:
    async with asyncio.timeout(20):
        while await got(url) != (status, text):  # noqa: ASYNC110 - there is nothing that would tell
            await asyncio.sleep(0.1)


def test_the_page_of_metrics_counts_a_talk_and_names_nobody(tmp_path: Path) -> None:
    """Updates, turns, calls, an outcome and the time until something is to be seen; no chat, no answer."""

    async def main() -> str:
        port = free_port()
        async with Sandbox(patience=15) as sandbox, process(tmp_path, sandbox.url, HTTP_LISTEN=f"127.0.0.1:{port}"):
            await sandbox.polled()
            ana = sandbox.person(user_id=987654321)
            await to_emergency(ana)
            await sandbox.quiet()
            return (await got(f"http://127.0.0.1:{port}/metrics"))[1]

    page = asyncio.run(main())
    values = dict(_values(page))
    assert values['signpost_updates_total{kind="callback_query",result="applied"}'] > 3
    assert values['signpost_outcomes_total{level="emergency"}'] == 1
    assert values['signpost_api_calls_total{method="sendMessage",result="ok"}'] > 2
    assert values["signpost_turn_seconds_count"] == values["signpost_batch_updates_sum"]
    assert values["signpost_visible_seconds_count"] >= values["signpost_turn_seconds_count"]
    assert values["signpost_owed_messages"] == 0
    assert "987654321" not in page
    assert "numb between" not in page.lower()


def _values(page: str) -> Iterator[tuple[str, float]]:
    for line in page.splitlines():
        if not line.startswith("#"):
            name, _, value = line.rpartition(" ")
            yield name, float(value)


def test_telegrams_limits_are_kept(tmp_path: Path) -> None:
    """Many people at once, and one who writes fast: nobody is told to wait, and everybody is answered."""

    async def main() -> None:
        async with Sandbox(patience=60, answer_within=60) as sandbox, process(tmp_path, sandbox.url):
            await sandbox.polled()
            limiter = sandbox.limit()
            people = [sandbox.person(f"P{number}") for number in range(40)]
            await asyncio.gather(*(_asks(person) for person in people))
            fast = people[0]
            for _ in range(4):
                await fast.send("/help", wait=False)
            await fast.until(lambda: sum("/forget – " in message.text for message in fast.messages) == 4)
            await sandbox.quiet()
            assert limiter.refused.total() <= 2  # a stalled machine may let what was sent apart arrive together

    asyncio.run(main())


async def _asks(person: Person) -> None:
    await person.send("/start leg_lift", wait=False)
    await person.until(lambda: "Me" in person.buttons)
