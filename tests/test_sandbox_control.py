"""The sandbox over HTTP: the chat page, the control calls, and `signpost sandbox` as a process."""

from __future__ import annotations

import asyncio
import re
import signal
import socket
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

import aiohttp

from bot.sandbox import TOKEN, Sandbox
from bot.sandbox.control import Control
from tests.telegram_kit import running

ROOT = Path(__file__).parent.parent


def served(tmp_path: Path, script: Callable[[Sandbox, aiohttp.ClientSession], Awaitable[None]]) -> None:
    """A sandbox with its control calls, and the bot."""

    async def main() -> None:
        sandbox = Sandbox()
        Control(sandbox).add_routes()
        async with sandbox, running(sandbox, tmp_path / "s.db"), aiohttp.ClientSession(sandbox.url) as session:
            await script(sandbox, session)

    asyncio.run(main())


def test_a_conversation_over_http(tmp_path: Path) -> None:
    """A program can write, tap and read the chat as a person would, and then read what was seen and called."""

    async def script(sandbox: Sandbox, session: aiohttp.ClientSession) -> None:
        async with session.post("/sandbox/people", json={"name": "Ana <b>"}) as answer:
            person = (await answer.json())["id"]
        async with session.post(f"/sandbox/people/{person}/send", json={"text": "/check"}) as answer:
            assert answer.status == 200
        await sandbox.quiet()
        async with session.get(f"/sandbox/people/{person}/chat") as answer:
            state = await answer.json()
        assert state["polled"] is True
        assert state["commands"][0]["command"] == "start"
        card = state["messages"][-1]
        data = card["keyboard"][0][0]["callback_data"]
        waiting = asyncio.create_task(session.get(f"/sandbox/people/{person}/chat?since={state['version']}"))
        tap = {"message": card["id"], "data": data}
        async with session.post(f"/sandbox/people/{person}/tap", json=tap) as answer:
            assert answer.status == 200
        changed = await (await waiting).json()
        assert changed["version"] != state["version"]
        async with session.post(f"/sandbox/people/{person}/tap", json=tap | {"data": "no such button"}) as answer:
            assert answer.status == 400
        async with session.post(f"/sandbox/people/{person}/photo", json={}) as answer:
            assert answer.status == 200
        await sandbox.quiet()
        async with session.get("/sandbox/journal") as answer:
            record = await answer.json()
        assert record["violations"] == []
        assert (record["refusals"], record["unanswered"]) == ([], [])
        sent = [call for call in record["calls"] if call["method"] == "sendMessage" and call["result"] == card["id"]]
        assert [(call["parameters"]["chat_id"], call["error"]) for call in sent] == [(str(person), "")]
        assert sent[0]["time"] > 0
        async with session.get(f"/sandbox/people/{person}/chat") as answer:
            state = await answer.json()
        seen = [sight for sight in state["saw"] if sight["message_id"] == card["id"]]
        assert [sight["what"] for sight in seen][:2] == ["message", "edit"]
        assert seen[0]["text"] == card["text"]
        assert seen[0]["buttons"] == [button["text"] for row in card["keyboard"] for button in row]
        assert seen[1]["text"] != card["text"]

    served(tmp_path, script)


def test_groups_over_http(tmp_path: Path) -> None:
    """A program can let somebody write in a group and read what the bot says there."""

    async def script(sandbox: Sandbox, session: aiohttp.ClientSession) -> None:
        async with session.post("/sandbox/people", json={"name": "Ana"}) as answer:
            person = (await answer.json())["id"]
        async with session.post("/sandbox/groups", json={"title": "Legs"}) as answer:
            group = (await answer.json())["id"]
        said = {"person": person, "text": "/check"}
        async with session.post(f"/sandbox/groups/{group}/send", json=said) as answer:
            assert answer.status == 200
        await sandbox.quiet()
        async with session.get(f"/sandbox/groups/{group}/chat") as answer:
            messages = (await answer.json())["messages"]
        assert [message["bot"] for message in messages] == [False, True]

    served(tmp_path, script)


def test_pages_from_elsewhere_are_kept_out_and_bad_input_is_told(tmp_path: Path) -> None:
    """A page of another site gets at nothing, and whoever sends nonsense reads what is missing."""

    async def script(_: Sandbox, session: aiohttp.ClientSession) -> None:
        async with session.get("/sandbox/people", headers={"Host": "evil.example"}) as answer:
            assert answer.status == 403
        async with session.post("/sandbox/people", data={"name": "x"}) as answer:
            assert answer.status == 415
        for body in ({}, {"name": 5}, {"name": " "}):
            async with session.post("/sandbox/people", json=body) as answer:
                assert (answer.status, await answer.text()) == (400, "name: write some text")
        for kind in ("application/json; charset=klingon", "application/json"):
            async with session.post("/sandbox/people", data=b"\xff", headers={"Content-Type": kind}) as answer:
                assert (answer.status, await answer.text()) == (400, "the body is no JSON object")
        async with session.get("/sandbox/people/77/chat") as answer:
            assert answer.status == 404

    served(tmp_path, script)


def test_blocking_needs_no_running_bot() -> None:
    """Somebody can block the bot while none runs; what they cannot do then is told in words."""

    async def main() -> None:
        sandbox = Sandbox()
        Control(sandbox).add_routes()
        async with sandbox, aiohttp.ClientSession(sandbox.url) as session:
            async with session.post("/sandbox/people", json={"name": "Ana"}) as answer:
                path = f"/sandbox/people/{(await answer.json())['id']}"
            for action, body, code in (
                ("block", {}, 200),
                ("send", {"text": "x"}, 400),
                ("unblock", {}, 200),
                ("send", {"text": "x"}, 200),
                ("tap", {"message": 99, "data": "a"}, 400),
                ("dance", {}, 404),
            ):
                async with session.post(f"{path}/{action}", json=body) as answer:
                    assert answer.status == code, action

    asyncio.run(main())


def test_the_page_is_served_and_loads_nothing_from_elsewhere(tmp_path: Path) -> None:
    """The chat page works without a network: nothing in it comes from elsewhere, and texts cannot become markup."""

    async def script(_: Sandbox, session: aiohttp.ClientSession) -> None:
        async with session.get("/") as answer:
            page = await answer.text()
        assert answer.content_type == "text/html"
        assert "src=" not in page
        assert "innerHTML" not in page
        assert "<link" not in page

    served(tmp_path, script)


async def _process(*options: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "bot",
        "sandbox",
        *options,
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


def test_the_command_says_how_to_use_it_and_ends_when_told() -> None:
    """Whoever starts it reads how to run the bot with it, and why it does not start, and can end it with a signal."""

    async def main() -> None:
        port = _free_port()
        first = await _process("--port", str(port))
        assert first.stdout is not None
        said = [await first.stdout.readline() for _ in range(5)]
        assert f"TELEGRAM_API_URL=http://127.0.0.1:{port} make run" in said[2].decode()
        found = re.search(r"TELEGRAM_TOKEN=(\d{8,10}:[A-Za-z0-9_-]{30,}) ", said[2].decode())
        assert found is not None
        assert found[1] != TOKEN  # made anew at each start
        async with aiohttp.ClientSession(f"http://127.0.0.1:{port}") as session:
            for token, code in ((found[1], 200), (TOKEN, 401)):
                async with session.get(f"/bot{token}/getMe") as answer:
                    assert answer.status == code
        second = await _process("--port", str(port))
        _, error = await second.communicate()
        assert second.returncode == 1
        assert error.decode().splitlines() == [f"signpost: port {port} is taken; name another one with --port"]
        third = await _process("--token", "nonsense")
        _, error = await third.communicate()
        assert third.returncode == 1
        assert "no bot token" in error.decode()
        first.send_signal(signal.SIGTERM)
        await first.communicate()
        assert first.returncode == 0

    asyncio.run(main())
