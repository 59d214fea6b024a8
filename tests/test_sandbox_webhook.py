"""Webhooks: what may be set, what is posted there and when, and what becomes of it when the bot fails."""

# ruff: noqa: ARG001 - each script takes what all scripts take

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from itertools import pairwise
from typing import Any

import pytest
from aiohttp import web

from bot.sandbox import Failure, Mishap, Person, Posting, Rule, Sandbox, Shares
from bot.sandbox.errors import Json
from bot.sandbox.posting import SECRET_HEADER
from tests.test_sandbox_api import KEYS, Call, play
from tests.test_sandbox_calls import until

SECRET = "S-1"  # noqa: S105 - it opens nothing but this test
Answer = Callable[[Json], Awaitable[web.StreamResponse]]


async def take(_: Json) -> web.StreamResponse:
    """What a bot answers that has taken an update."""
    return web.Response()


class Hook:
    """A bot's web server: what it got, and how many updates it had at once at most."""

    def __init__(self) -> None:
        self.answer: Answer = take
        self.got: list[Json] = []
        self.headers: list[Json] = []
        self.url = ""
        self.at_once = self.most_at_once = 0

    async def handle(self, request: web.Request) -> web.StreamResponse:
        self.got.append(await request.json())
        self.headers.append(dict(request.headers))
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            return await self.answer(self.got[-1])
        finally:
            self.at_once -= 1

    @property
    def texts(self) -> list[str]:
        return [update["message"]["text"] for update in self.got]


@asynccontextmanager
async def hooked() -> AsyncIterator[Hook]:
    """A bot's web server on this machine."""
    hook = Hook()
    app = web.Application()
    app.router.add_post("/hook", hook.handle)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    hook.url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    try:
        yield hook
    finally:
        await runner.cleanup()


def answered(*answers: web.Response | float) -> Answer:
    """These answers one after the other, and then yes; a number is waited for so many seconds, and then yes."""
    left = iter(answers)

    async def answer(_: Json) -> web.StreamResponse:
        given = next(left, 0.0)
        if isinstance(given, web.Response):
            return given
        await asyncio.sleep(given)
        return web.Response()

    return answer


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"url": "http://example.org/hook"}, "bad webhook: An HTTPS URL must be provided for webhook"),
        ({"url": "ftp://127.0.0.1/hook"}, "bad webhook: An HTTPS URL must be provided for webhook"),
        ({"url": "example.org/hook"}, "bad webhook: invalid webhook URL specified"),
        ({"url": "https://[example.org/hook"}, "bad webhook: invalid webhook URL specified"),
        ({"url": "https://example.org:99999/hook"}, "bad webhook: invalid webhook URL specified"),
        ({"url": "https://example.org:8000/"}, "Webhook can be set up only on ports 80, 88, 443 or 8443"),
        ({"url": "https://example.org/", "secret_token": "a b"}, "secret token contains unallowed characters"),
        ({"url": "https://example.org/", "secret_token": "x" * 257}, "secret token is too long"),
        ({"url": "https://example.org/", "secret_token": ""}, "secret token is empty"),
        ({"url": "https://example.org/", "max_connections": 0}, "max_connections must be from 1 to 100"),
        ({"url": "https://example.org/", "max_connections": 101}, "max_connections must be from 1 to 100"),
        ({"url": "https://example.org/", "allowed_updates": ["mesage"]}, 'unknown kind of updates "mesage"'),
        ({"url": "https://example.org/", "ip_address": "1.2.3.4"}, "does not play the ip_address of a webhook"),
        ({}, "there is no url in the request"),
    ],
)
def test_a_webhook_that_telegram_refuses(given: dict[str, Any], says: str) -> None:
    """A webhook that Telegram would not take is refused as the bot's mistake, and polling goes on."""

    async def script(sandbox: Sandbox, ana: Person, call: Call) -> None:
        assert says in (await call("setWebhook", **given))["description"]
        assert len(sandbox.violations) == 1
        assert len((await call("getUpdates"))["result"]) == 1

    play(script)


def test_what_is_set_can_be_asked_for() -> None:
    """The state of a webhook tells what was set, but not the secret, and ends with an empty address too."""

    async def script(sandbox: Sandbox, ana: Person, call: Call) -> None:
        url = "https://example.org:8443/hook"
        await call("setWebhook", url=url, secret_token="A-z_9" * 51, allowed_updates=["message"], max_connections=7)
        told = (await call("getWebhookInfo"))["result"]
        assert told.pop("pending_update_count") == 1
        told.pop("last_error_date", None)
        told.pop("last_error_message", None)
        kept = {"url": url, "has_custom_certificate": False}
        assert told == kept | {"max_connections": 7, "allowed_updates": ["message"]}
        await call("setWebhook", url=url)
        told = (await call("getWebhookInfo"))["result"]
        assert (told["max_connections"], told["allowed_updates"]) == (40, ["message"])
        await call("setWebhook", url="")
        told = (await call("getWebhookInfo"))["result"]
        assert told == {"url": "", "has_custom_certificate": False, "pending_update_count": 1} | {
            "allowed_updates": ["message"]
        }
        assert sandbox.violations == []

    play(script)


def test_updates_are_posted_with_the_secret_in_order() -> None:
    """What waited and what comes is posted as JSON, one after the other, with the secret that was set."""

    async def script(sandbox: Sandbox, ana: Person, call: Call) -> None:
        async with hooked() as hook:
            await ana.send("two", wait=False)
            await call("setWebhook", url=hook.url, secret_token=SECRET, max_connections=1)
            await sandbox.polled()
            await ana.send("three", silent=True)
            assert hook.texts == ["hello", "two", "three"]
            assert {headers[SECRET_HEADER] for headers in hook.headers} == {SECRET}
            assert {headers["Content-Type"] for headers in hook.headers} == {"application/json"}
            assert (await call("getWebhookInfo"))["result"]["pending_update_count"] == 0
            await call("setWebhook", url=hook.url)
            await ana.send("four", silent=True)
            assert SECRET_HEADER not in hook.headers[-1]
            assert (await call("getUpdates"))["error_code"] == 409

    play(script)


def test_several_updates_are_under_way_at_once_and_no_more_than_allowed() -> None:
    """A bot that is slow has several updates at once, also of one chat, but never more than it wants."""

    async def script(sandbox: Sandbox, ana: Person, call: Call) -> None:
        async with hooked() as hook:
            hook.answer = answered(*[0.03] * 7)
            for number in range(6):
                await ana.send(f"{number}", wait=False)
            await call("setWebhook", url=hook.url, max_connections=3)
            await sandbox.quiet()
            assert hook.most_at_once == 3
            assert sorted(hook.texts) == [*"012345", "hello"]

    play(script)


@pytest.mark.parametrize(
    ("answers", "says"),
    [
        ([web.Response(status=500)], "Wrong response from the webhook: 500 Internal Server Error"),
        ([web.Response(status=302, headers={"Location": "/"})], "Wrong response from the webhook: 302 Found"),
        ([web.Response(status=403), web.Response(status=404)], "Wrong response from the webhook: 404 Not Found"),
        ([5.0], "Read timeout expired"),
    ],
)
def test_what_is_not_taken_is_posted_again(answers: list[web.Response | float], says: str) -> None:
    """An update comes until the bot says yes to it, and the state of the webhook tells what went wrong last."""

    async def script(sandbox: Sandbox, ana: Person, call: Call) -> None:
        async with hooked() as hook:
            sandbox.posting = Posting(first_pause=0.01, timeout=0.5)
            hook.answer = answered(*answers)
            await call("setWebhook", url=hook.url)
            await sandbox.quiet()
            assert [update["update_id"] for update in hook.got] == [hook.got[0]["update_id"]] * (len(answers) + 1)
            told = (await call("getWebhookInfo"))["result"]
            assert (told["last_error_message"], told["last_error_date"]) == (says, 1_800_000_000)
            assert sandbox.violations == sandbox.refusals == []

    play(script)


def test_a_failing_update_does_not_hold_up_the_others() -> None:
    """While one update fails again and again, with growing pauses, those after it are taken."""

    async def script(sandbox: Sandbox, ana: Person, call: Call) -> None:
        times: list[float] = []

        async def answer(update: Json) -> web.StreamResponse:
            if update["message"]["text"] != "hello":
                return web.Response()
            times.append(asyncio.get_running_loop().time())
            return web.Response(status=500 if len(times) < 5 else 200)

        async with hooked() as hook:
            sandbox.posting = Posting(first_pause=0.02, longest_pause=0.08)
            hook.answer = answer
            await call("setWebhook", url=hook.url)
            await ana.send("two", wait=False)
            await sandbox.quiet()
            assert hook.texts[-1] == "hello"
            pauses = [after - before for before, after in pairwise(times)]
            assert all(pause >= least for pause, least in zip(pauses, (0.02, 0.04, 0.08, 0.08), strict=True))
            assert hook.texts.count("two") == 1

    play(script)


def test_a_bot_that_is_away_gets_everything_when_it_is_back() -> None:
    """What is written while nobody listens there is posted once somebody does; until then the bot counts as away."""

    async def script(sandbox: Sandbox, ana: Person, call: Call) -> None:
        async with hooked() as hook:
            port = hook.url
        await call("setWebhook", url=port)
        await until(lambda: not sandbox.world.queue.is_polled)
        told = (await call("getWebhookInfo"))["result"]
        assert (told["last_error_message"], told["pending_update_count"]) == ("Connection refused", 1)
        sandbox.patience = 0.1
        with pytest.raises(AssertionError, match="no bot asks for updates"):
            await sandbox.polled()
        with pytest.raises(AssertionError, match="did not take an update"):
            await ana.send("two", silent=True)
        sandbox.patience = 5
        async with hooked() as hook:
            await call("setWebhook", url=hook.url)
            await sandbox.polled()
            await sandbox.quiet()
            assert hook.texts == ["hello", "two"]
            assert "last_error_message" not in (await call("getWebhookInfo"))["result"]

    play(script)


@pytest.mark.parametrize("form", [True, False])
def test_a_method_in_the_answer_is_carried_out(*, form: bool) -> None:
    """A bot may put a call into its answer; a person who taps sees what comes of it."""

    async def script(sandbox: Sandbox, ana: Person, call: Call) -> None:
        async def answer(update: Json) -> web.StreamResponse:
            if "callback_query" not in update:
                return web.Response(text="OK")
            given = {"method": "answercallbackquery", "callback_query_id": update["callback_query"]["id"], "text": "!"}
            if not form:
                return web.json_response(given)
            body = "&".join(f"{name}={value}" for name, value in given.items())
            return web.Response(text=body, content_type="application/x-www-form-urlencoded")

        async with hooked() as hook:
            hook.answer = answer
            await call("setWebhook", url=hook.url)
            await call("sendMessage", chat_id=1001, text="x", reply_markup=KEYS)
            await ana.tap("A", silent=True)
            assert ana.toasts == ["!"]
            assert sandbox.journal[-1].method == "answerCallbackQuery"
            assert (sandbox.violations, sandbox.unanswered) == ([], [])

    play(script)


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"method": "sendMessage", "chat_id": 1001}, "sendMessage: 400 Bad Request: message text is empty"),
        ({"method": "noSuchMethod"}, "noSuchMethod: 404 Not Found: method not found"),
        ({"method": "getMe"}, "getMe: 400 Bad Request: this method can't be called in the answer of a webhook"),
        ([1], "the answer of a webhook: 400 Bad Request: can't parse JSON object"),
    ],
)
def test_a_mistake_in_the_answer_is_the_bots(given: object, says: str) -> None:
    """The bot hears nothing of a call in its answer that is wrong, but a test does; the update counts as taken."""

    async def script(sandbox: Sandbox, ana: Person, call: Call) -> None:
        async with hooked() as hook:
            hook.answer = answered(web.json_response(given))
            await call("setWebhook", url=hook.url)
            await sandbox.quiet()
            assert len(hook.got) == 1
            assert sandbox.violations == [says]

    play(script)


def test_a_call_in_the_answer_may_fail_on_the_way() -> None:
    """A call in the answer meets the same faults as any other; the bot does not know, and the person sees nothing."""

    async def script(sandbox: Sandbox, ana: Person, call: Call) -> None:
        async with hooked() as hook:
            given = {"method": "sendMessage", "chat_id": 1001, "text": "x"}
            hook.answer = answered(*[web.json_response(given) for _ in range(3)])
            faults = sandbox.fail(Rule(Failure.FLOOD, times=1), Rule(Failure.RESET, ("sendMessage",), times=1))
            assert (await call("setWebhook", url=hook.url))["error_code"] == 429
            assert (await call("setWebhook", url=hook.url))["ok"]
            await sandbox.quiet()
            assert faults.count(Failure.RESET, "sendMessage", 1001) == 1
            assert ana.messages == []
            await ana.send("two")
            assert ana.last.text == "x"

    play(script)


def test_switching_between_webhook_and_polling_loses_nothing() -> None:
    """What a webhook was just being told, and did not take, is there for the next one, and for a poll."""

    async def script(sandbox: Sandbox, ana: Person, call: Call) -> None:
        async with hooked() as slow, hooked() as other:
            slow.answer = answered(*[60.0] * 9)
            await call("setWebhook", url=slow.url)
            await until(lambda: slow.texts == ["hello"])
            await call("deleteWebhook")
            assert [update["message"]["text"] for update in (await call("getUpdates"))["result"]] == ["hello"]
            await call("setWebhook", url=slow.url)
            await until(lambda: slow.texts == ["hello"] * 2)
            await call("setWebhook", url=other.url)
            await sandbox.quiet()
            assert other.texts == ["hello"]

    play(script)


def test_setting_the_same_again_changes_nothing() -> None:
    """A bot that sets its webhook at each start does not get again what it is just taking."""

    async def script(sandbox: Sandbox, ana: Person, call: Call) -> None:
        async with hooked() as hook:
            hook.answer = answered(0.1)
            await call("setWebhook", url=hook.url)
            await until(lambda: hook.texts == ["hello"])
            await call("setWebhook", url=hook.url)
            await sandbox.quiet()
            assert hook.texts == ["hello"]

    play(script)


def test_setting_a_webhook_ends_a_poll_that_waits() -> None:
    """A bot that still polls while another one sets a webhook is told so at once."""

    async def script(sandbox: Sandbox, ana: Person, call: Call) -> None:
        offset = (await call("getUpdates"))["result"][-1]["update_id"] + 1
        waiting = asyncio.create_task(call("getUpdates", offset=offset, timeout=30))
        await until(lambda: sandbox.world.queue._waiting is not None)
        await call("setWebhook", url="https://example.org/")
        answer = await waiting
        assert (answer["error_code"], answer["description"]) == (409, "Conflict: terminated by setWebhook request")

    play(script)


def test_dropping_what_waits_when_a_webhook_is_set() -> None:
    """A bot may begin anew; what it dropped is never posted, and the journal shows who dropped it."""

    async def script(sandbox: Sandbox, ana: Person, call: Call) -> None:
        async with hooked() as hook:
            await call("setWebhook", url=hook.url, drop_pending_updates=True)
            await ana.send("two", silent=True)
            assert hook.texts == ["two"]
            assert sandbox.journal[0].parameters["drop_pending_updates"] is True
            assert sandbox.violations == []

    play(script)


def test_a_lost_answer_brings_the_same_update_again() -> None:
    """A bot that said yes gets the same update again when its answer got lost, and the count says how often."""

    async def script(sandbox: Sandbox, ana: Person, call: Call) -> None:
        async with hooked() as hook:
            sandbox.posting = Posting(first_pause=0.01, longest_pause=0.01)
            mishaps = sandbox.disturb(Shares(lost=0.4), seed=3)
            await call("setWebhook", url=hook.url, max_connections=1)
            for number in range(20):
                await ana.send(f"{number}", wait=False)
            await sandbox.quiet()
            lost = mishaps.count(Mishap.LOST, 1001)
            assert lost > 3
            assert len(hook.got) == 21 + lost
            assert len(set(hook.texts)) == 21

    play(script)


@pytest.mark.parametrize("shares", [Shares(mixed=0.5), Shares(late=0.5, seconds=0.1)])
def test_updates_may_come_in_another_order(shares: Shares) -> None:
    """Nothing promises a bot the order of what is posted: all of it comes, once, but not as it was written."""

    async def script(sandbox: Sandbox, ana: Person, call: Call) -> None:
        async with hooked() as hook:
            mishaps = sandbox.disturb(shares, seed=5)
            for number in range(20):
                await ana.send(f"{number:02}", wait=False)
            await call("setWebhook", url=hook.url, max_connections=1)
            await sandbox.quiet()
            assert mishaps.count(Mishap.MIXED) + mishaps.count(Mishap.LATE) > 3
            assert hook.texts != sorted(hook.texts)
            assert len(set(hook.texts)) == len(hook.texts) == 21

    play(script)


def test_an_update_that_comes_again_is_waited_for() -> None:
    """Whoever waits for the bot to come to rest waits for the second time too."""

    async def script(sandbox: Sandbox, ana: Person, call: Call) -> None:
        async with hooked() as hook:
            mishaps = sandbox.disturb(Shares(again=1.0))
            hook.answer = answered(0.0, 0.3)
            await call("setWebhook", url=hook.url)
            await sandbox.quiet()
            assert hook.got == [hook.got[0]] * 2
            assert hook.at_once == 0
            assert mishaps.count(Mishap.AGAIN, 1001) == 1

    play(script)


def test_the_updates_of_one_chat_in_order() -> None:
    """As the real server does it: what one person does comes one by one and waits for what failed, others do not."""

    async def script(sandbox: Sandbox, ana: Person, call: Call) -> None:
        async with hooked() as hook:
            sandbox.posting = Posting(first_pause=0.05, in_order=True)
            hook.answer = answered(web.Response(status=500), *[0.01] * 8)
            for number in range(3):
                await ana.send(f"{number}", wait=False)
            await sandbox.person("Bo").send("Bo", wait=False)
            await call("setWebhook", url=hook.url)
            await sandbox.quiet()
            assert [text for text in hook.texts if text != "Bo"] == ["hello", "hello", "0", "1", "2"]
            assert "Bo" in hook.texts[:2]

    play(script)


def test_a_webhook_that_was_ended_is_not_listened_to() -> None:
    """What a bot says to an update after its webhook was ended does nothing, and the update comes again."""

    async def script(sandbox: Sandbox, ana: Person, call: Call) -> None:
        async def answer(_: Json) -> web.StreamResponse:
            await asyncio.sleep(0.1)
            return web.json_response({"method": "sendMessage", "chat_id": 1001, "text": "x"})

        async with hooked() as hook:
            hook.answer = answer
            await call("setWebhook", url=hook.url)
            await until(lambda: hook.texts == ["hello"])
            await call("deleteWebhook")
            await asyncio.sleep(0.2)
            assert ana.messages == []
            assert len((await call("getUpdates"))["result"]) == 1

    play(script)


def test_a_server_in_front_of_the_bot_can_be_stood_for() -> None:
    """A bot with a public address gets its updates through the server that a test names; nothing leaves here else."""

    async def script(sandbox: Sandbox, ana: Person, call: Call) -> None:
        async with hooked() as hook:
            sandbox.posting = Posting(first_pause=0.01, longest_pause=0.01)
            await call("setWebhook", url="https://example.org/hook")
            await until(lambda: not sandbox.world.queue.is_polled)
            told = (await call("getWebhookInfo"))["result"]
            assert told["last_error_message"] == "Connection refused: the sandbox posts to this machine only"
            sandbox.posting = Posting(through=hook.url.removesuffix("/hook"))
            await sandbox.polled()
            await sandbox.quiet()
            assert hook.texts == ["hello"]

    play(script)
