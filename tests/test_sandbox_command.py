"""`signpost sandbox` as somebody starts it who wants a bad day: its options, and what it says of wrong ones."""

from __future__ import annotations

import asyncio
import signal

import aiohttp
import pytest

from bot.cli.command import _parsers
from bot.cli.trouble import UsageError
from bot.sandbox import TOKEN, Failure, Rule
from tests.test_sandbox_control import _free_port, _process


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (("--fault", "sendMessage:lost"), "write METHOD:KIND:SHARE, for instance sendMessage:lost:0.1"),
        (("--fault", "sendMesage:lost:1"), "there is no method 'sendMesage'"),
        (
            ("--fault", "sendMessage:gone:1"),
            "there is no fault 'gone'; there is: 500, 502, 503, hang, reset, lost, 429,",
        ),
        (("--fault", "sendMessage:lost:1.1"), "the share is a number from 0 to 1"),
        (("--fault", "sendMessage:lost:nan"), "the share is a number from 0 to 1"),
        (("--latency", "0.5"), "write a whole number of 0 or more"),
        (("--jitter", "-1"), "write a whole number of 0 or more"),
        (("--seed", "x"), "write a whole number of 0 or more"),
    ],
)
def test_wrong_options(options: tuple[str, ...], says: str) -> None:
    """What cannot be meant is told in one line, with what can."""
    parser, _ = _parsers()
    with pytest.raises(UsageError) as told:
        parser.parse_args(["sandbox", *options])
    assert says in str(told.value)
    assert "\n" not in str(told.value)


def test_faults_add_up() -> None:
    """The option may be given several times; without it nothing fails."""
    parser, _ = _parsers()
    wish = parser.parse_args(["sandbox", "--fault", "sendMessage:lost:0.1", "--fault", "*:502:0.05"])
    assert wish.fault == [Rule(Failure.LOST, ("sendMessage",), 0.1), Rule(Failure.PROXY, ("*",), 0.05)]
    assert parser.parse_args(["sandbox"]).fault == []


def test_every_fault_is_explained(capsys: pytest.CaptureFixture[str]) -> None:
    """Whoever asks for help reads what each fault is."""
    parser, _ = _parsers()
    with pytest.raises(SystemExit):
        parser.parse_args(["sandbox", "--help"])
    lines = [line for line in capsys.readouterr().out.splitlines() if line.startswith("  ") and "--" not in line]
    explained = {word.strip(",") for line in lines for word in line[:16].split()}
    assert set(Failure) <= explained


def test_a_bad_day() -> None:
    """A local Telegram started with faults, slowness and limits has them."""

    async def main() -> None:
        port = _free_port()
        bad = ("--latency", "30", "--jitter", "10", "--fault", "getMe:502:1", "--seed", "3", "--limits")
        process = await _process("--port", str(port), "--token", TOKEN, *bad)
        assert process.stdout is not None
        for _ in range(5):
            await process.stdout.readline()
        async with aiohttp.ClientSession(f"http://127.0.0.1:{port}") as session:
            before = asyncio.get_running_loop().time()
            async with session.get(f"/bot{TOKEN}/getMe") as answer:
                assert answer.status == 502
            assert asyncio.get_running_loop().time() - before >= 0.03
            async with session.post("/sandbox/people", json={"name": "Ana"}) as answer:
                chat = (await answer.json())["id"]
            await session.post(f"/sandbox/people/{chat}/send", json={"text": "hello"})
            codes = []
            for _ in range(6):
                async with session.post(f"/bot{TOKEN}/sendMessage", json={"chat_id": chat, "text": "x"}) as answer:
                    codes.append(answer.status)
            assert codes == [200] * 5 + [429]
        process.send_signal(signal.SIGTERM)
        await process.communicate()
        assert process.returncode == 0

    asyncio.run(main())
