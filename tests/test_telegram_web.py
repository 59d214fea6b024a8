"""The web server beside the bot, over real connections: who is let in, what is kept, and what it survives."""

from __future__ import annotations

import asyncio
import gzip
import io
import json
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from http import HTTPStatus

import aiohttp
import pytest
from prometheus_client.parser import text_string_to_metric_families

from bot.metrics import Metrics
from bot.telegram.errors import StartError
from bot.telegram.web import LARGEST_BODY, SECRET_HEADER, Hook, Taken, Web

SECRET = "an-invented_SECRET"  # noqa: S105 - invented
UPDATE = {"update_id": 7, "message": {"text": "my leg"}}
HOST = "127.0.0.1"
Headers = Mapping[str, str] | Sequence[tuple[str, str]]


class Desk:
    """Takes updates as it is told; holds what came."""

    def __init__(self) -> None:
        self.came: list[object] = []
        self.answer = Taken(settled=True)
        self.error: BaseException | None = None
        self.open = asyncio.Event()
        self.open.set()
        self.done = 0

    async def take(self, update: object) -> Taken:
        """Keep an update, when the desk is open."""
        self.came.append(update)
        await self.open.wait()
        self.done += 1
        if self.error is not None:
            raise self.error
        return self.answer


class Served:
    """A running server with its desk, and a client of it."""

    def __init__(self, web: Web, port: int, desk: Desk, metrics: Metrics, client: aiohttp.ClientSession) -> None:
        self.web, self.port, self.desk, self.client = web, port, desk, client
        self.url = f"http://{HOST}:{port}"
        self._metrics = metrics

    async def ask(self, path: str, method: str = "GET") -> tuple[int, str]:
        """Status and text of the answer to a request without a body."""
        async with self.client.request(method, self.url + path) as answer:
            return answer.status, await answer.text()

    async def post(
        self, body: object = UPDATE, *, path: str = "/hook", headers: Headers | None = None
    ) -> tuple[int, str]:
        """Status and text of the answer to a post, with the right secret unless other headers are given."""
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        given = {SECRET_HEADER: SECRET} if headers is None else headers
        async with self.client.post(self.url + path, data=io.BytesIO(data), headers=given) as answer:
            return answer.status, await answer.text()

    async def raw(self, sent: bytes) -> bytes:
        """What comes back on a connection of its own until the server closes it."""
        reader, writer = await asyncio.open_connection(HOST, self.port)
        writer.write(sent)
        came = await reader.read()
        writer.close()
        return came

    def posts(self) -> dict[str, float]:
        """How many posts have been counted as what."""
        return {
            sample.labels["result"]: sample.value
            for family in text_string_to_metric_families(self._metrics.page()[0].decode())
            for sample in family.samples
            if sample.name == "signpost_webhook_posts_total" and sample.value
        }


@asynccontextmanager
async def serving(health: Sequence[str] = (), patience: float = 5.0, *, webhook: bool = True) -> AsyncIterator[Served]:
    """A server on loopback with a webhook."""
    desk, metrics = Desk(), Metrics()
    hook = Hook("/hook", SECRET, desk.take) if webhook else None
    web = Web((HOST, 0), metrics, lambda: health, hook, patience=patience)
    port = await web.open()
    try:
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=20)) as client:
            yield Served(web, port, desk, metrics, client)
    finally:
        await web.close()


def run(test: Callable[[Served], Awaitable[None]], health: Sequence[str] = (), patience: float = 5.0) -> None:
    """Run a test against a server."""

    async def main() -> None:
        async with serving(health, patience) as served:
            await test(served)

    asyncio.run(main())


def head(*lines: str, method: str = "POST", path: str = "/hook") -> bytes:
    """The head of a request, as bytes."""
    return "\r\n".join([f"{method} {path} HTTP/1.1", "Host: here", *lines, "", ""]).encode()


def test_an_update_is_taken() -> None:
    """A post with the right secret arrives as plain data, and is answered once it has been settled."""

    async def test(served: Served) -> None:
        assert await served.post() == (200, "")
        assert served.desk.came == [UPDATE]
        assert served.posts() == {"taken": 1}

    run(test)


def test_the_answer_waits_until_the_update_is_settled() -> None:
    """Telegram keeps an update until it gets 200, so there is none before."""

    async def test(served: Served) -> None:
        served.desk.open.clear()
        post = asyncio.create_task(served.post())
        await asyncio.wait({post}, timeout=0.3)
        assert served.desk.came == [UPDATE]
        assert not post.done()

        served.desk.open.set()
        assert (await post)[0] == HTTPStatus.OK

    run(test)


def test_what_is_not_settled_comes_again() -> None:
    """503 makes Telegram post it again; so does a mistake of ours, which is told by its place and not by its text."""

    async def test(served: Served) -> None:
        served.desk.answer = Taken(settled=False)
        assert (await served.post())[0] == HTTPStatus.SERVICE_UNAVAILABLE
        served.desk.error = ValueError("my leg")
        assert (await served.post())[0] == HTTPStatus.SERVICE_UNAVAILABLE
        served.desk.error = asyncio.CancelledError()
        assert (await served.post())[0] == HTTPStatus.SERVICE_UNAVAILABLE
        assert served.posts() == {"unavailable": 3}

    run(test)


def test_a_mistake_of_ours_is_told_by_its_place(caplog: pytest.LogCaptureFixture) -> None:
    """The line in the log names kind and place; what the person wrote is not in it."""

    async def test(served: Served) -> None:
        served.desk.error = ValueError("my leg")
        await served.post()

    run(test)
    assert "an update could not be taken: ValueError in tests.test_telegram_web:" in caplog.text
    assert "my leg" not in caplog.text


def test_a_call_rides_in_the_answer() -> None:
    """A reply goes out with the 200, as JSON, and saves a call."""

    async def test(served: Served) -> None:
        reply = {"method": "answerCallbackQuery", "callback_query_id": "1", "text": "✓ é"}
        served.desk.answer = Taken(settled=True, reply=reply, repeated=True)
        async with served.client.post(served.url + "/hook", json=UPDATE, headers={SECRET_HEADER: SECRET}) as answer:
            assert answer.content_type == "application/json"
            assert await answer.json() == reply
        assert served.posts() == {"repeated": 1}

    run(test)


@pytest.mark.parametrize(
    "headers",
    [
        [],
        [(SECRET_HEADER, "")],
        [(SECRET_HEADER, "wrong")],
        [(SECRET_HEADER, SECRET + "x")],
        [(SECRET_HEADER, SECRET[:-1])],
        [(SECRET_HEADER, SECRET.lower())],
        [(SECRET_HEADER, "é")],
        [(SECRET_HEADER, SECRET), (SECRET_HEADER, SECRET)],
        [(SECRET_HEADER, "wrong"), (SECRET_HEADER, SECRET)],
        [(SECRET_HEADER, SECRET), (SECRET_HEADER.lower(), "")],
        [(SECRET_HEADER, f"{SECRET}, {SECRET}")],
        [("Authorization", SECRET)],
    ],
)
def test_a_forged_post_is_refused(headers: list[tuple[str, str]]) -> None:
    """Without the secret, with another one or with more than one it is 403, and nothing happens."""

    async def test(served: Served) -> None:
        assert (await served.post(headers=headers))[0] == HTTPStatus.FORBIDDEN
        assert served.desk.came == []
        assert served.posts() == {"forged": 1}

    run(test)


def test_bytes_that_are_no_text_are_no_secret() -> None:
    """A header may hold any bytes."""

    async def test(served: Served) -> None:
        sent = head("Content-Length: 0", "Connection: close")[:-2] + SECRET_HEADER.encode() + b": \xff\xfe\r\n\r\n"
        assert (await served.raw(sent)).startswith(b"HTTP/1.1 403 ")

    run(test)


def test_the_body_of_a_forged_post_is_not_waited_for() -> None:
    """The answer is there before the body."""

    async def test(served: Served) -> None:
        reader, writer = await asyncio.open_connection(HOST, served.port)
        writer.write(head("Content-Length: 100000"))
        assert b" 403 " in await asyncio.wait_for(reader.readline(), 2)
        writer.close()

    run(test)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"no JSON",
        b"\xff\xfe{",
        json.dumps(UPDATE).encode("utf-16"),
        b'\xef\xbb\xbf{"update_id": 7}',
        b"null",
        b"7",
        b'"update_id"',
        b"[]",
        b"{}",
        b'{"update_id": null}',
        b'{"update_id": true}',
        b'{"update_id": "7"}',
        b'{"update_id": 7.0}',
        b'{"update_id": NaN}',
        b'{"update_id": Infinity}',
        b'{"update_id": 7, "update_id": null}',
        b'{"update_id": 99999999999999999999999}',
        b'{"update_id": ' + b"9" * 5000 + b"}",
        b"[" * 500_000,
        b'{"update_id": 7, "a":' * 20_000,
        b'{"update_id": 7, "message": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    ],
    ids=lambda body: repr(body[:24]),
)
def test_what_is_no_update_is_accepted_and_dropped(body: bytes) -> None:
    """From Telegram it would come without end until it is accepted; nobody is given it."""

    async def test(served: Served) -> None:
        assert await served.post(body) == (200, "")
        assert served.desk.came == []
        assert served.posts() == {"unreadable": 1}

    run(test)


@pytest.mark.parametrize(
    "body",
    [
        b'{"update_id": 7, "message": NaN, "message": -Infinity}',
        b'{"update_id": 6, "update_id": 7}',
        b'{"update_id": 7, "message": {"date": 1e999, "text": "\\ud800"}}',
        b' \n {"update_id": 7}\n',
    ],
)
def test_odd_updates_are_handed_on(body: bytes) -> None:
    """What has a number is an update; the rest is for those to judge who know what it means."""

    async def test(served: Served) -> None:
        assert (await served.post(body))[0] == HTTPStatus.OK
        assert len(served.desk.came) == 1

    run(test)


def test_a_content_type_does_not_matter() -> None:
    """Neither another one nor one that is nonsense keeps an update out."""

    async def test(served: Served) -> None:
        for kind in ("text/plain", "application/json; charset=no-such", "///"):
            assert (await served.post(headers={SECRET_HEADER: SECRET, "Content-Type": kind}))[0] == HTTPStatus.OK

    run(test)


def test_a_body_may_be_as_large_as_the_limit_and_no_larger() -> None:
    """At the limit it is taken, above it is 413, whether its length is told or not."""

    async def test(served: Served) -> None:
        start = b'{"update_id": 7, "message": "'
        full = start + b"a" * (LARGEST_BODY - len(start) - 2) + b'"}'
        assert (await served.post(full))[0] == HTTPStatus.OK
        assert (await served.post(full + b" "))[0] == HTTPStatus.REQUEST_ENTITY_TOO_LARGE

        async def pieces() -> AsyncIterator[bytes]:
            for at in range(0, len(full), 60_000):
                yield full[at : at + 60_000]
            yield b" " * 300_000

        async with served.client.post(served.url + "/hook", data=pieces(), headers={SECRET_HEADER: SECRET}) as answer:
            assert answer.status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE
        assert served.posts() == {"taken": 1, "oversized": 2}

    run(test)


def test_a_body_that_says_it_is_too_large_is_not_read() -> None:
    """The answer is there before the first byte of it."""

    async def test(served: Served) -> None:
        reader, writer = await asyncio.open_connection(HOST, served.port)
        writer.write(head(f"{SECRET_HEADER}: {SECRET}", f"Content-Length: {LARGEST_BODY + 1}"))
        assert b" 413 " in await asyncio.wait_for(reader.readline(), 2)
        writer.close()

    run(test)


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "identity, gzip"])
def test_a_compressed_body_is_refused(encoding: str) -> None:
    """A few kilobytes could grow to gigabytes; Telegram compresses nothing."""

    async def test(served: Served) -> None:
        bomb = gzip.compress(b'{"update_id": 7}' + b" " * 10_000_000)
        headers = {SECRET_HEADER: SECRET, "Content-Encoding": encoding}
        assert (await served.post(bomb, headers=headers))[0] == HTTPStatus.UNSUPPORTED_MEDIA_TYPE
        assert served.posts() == {"oversized": 1}

    run(test)


def test_other_paths_and_methods() -> None:
    """There is nothing else to be found, and nothing else to be done."""

    async def test(served: Served) -> None:
        for path in ("/", "/hook/", "/hookx", "/HOOK", "/metrics/", "/hook/../metrics/x"):
            assert (await served.ask(path))[0] == HTTPStatus.NOT_FOUND
            assert (await served.post(path=path))[0] == HTTPStatus.NOT_FOUND
        for method in ("GET", "HEAD", "PUT", "DELETE", "PATCH", "OPTIONS"):
            assert (await served.ask("/hook", method))[0] == HTTPStatus.METHOD_NOT_ALLOWED
        for path in ("/healthz", "/metrics"):
            assert (await served.post(path=path))[0] == HTTPStatus.METHOD_NOT_ALLOWED
        assert served.desk.came == []
        assert served.posts() == {}

    run(test)


def test_health() -> None:
    """Well is "ok"; otherwise it is one line for each complaint."""

    async def well(served: Served) -> None:
        assert await served.ask("/healthz") == (200, "ok\n")
        assert await served.ask("/healthz", "HEAD") == (200, "")

    async def ill(served: Served) -> None:
        assert await served.ask("/healthz") == (503, "no poll for 90 s\nthe database fails\n")

    run(well)
    run(ill, health=["no poll for 90 s", "the database fails"])


def test_metrics() -> None:
    """The page of metrics, as Prometheus reads it."""

    async def test(served: Served) -> None:
        async with served.client.get(served.url + "/metrics") as answer:
            assert answer.headers["Content-Type"].startswith("text/plain; version=")
            assert "# TYPE signpost_updates_total counter" in await answer.text()
        assert await served.ask("/metrics", "HEAD") == (200, "")

    run(test)


def test_without_a_webhook_nothing_can_be_posted() -> None:
    """A bot that polls has health and metrics only."""

    async def main() -> None:
        async with serving(webhook=False) as served:
            assert (await served.post())[0] == HTTPStatus.NOT_FOUND
            assert (await served.ask("/healthz"))[0] == HTTPStatus.OK

    asyncio.run(main())


def test_a_slow_body_is_given_up() -> None:
    """Whoever sends a byte now and then holds a connection for the time of a body, and no longer."""

    async def test(served: Served) -> None:
        reader, writer = await asyncio.open_connection(HOST, served.port)
        writer.write(head(f"{SECRET_HEADER}: {SECRET}", "Content-Length: 1000", "Connection: close"))
        answer = asyncio.create_task(reader.readline())
        for _ in range(8):
            writer.write(b" ")
            await asyncio.wait({answer}, timeout=0.1)
        assert b" 408 " in await asyncio.wait_for(answer, 5)
        writer.close()
        assert served.desk.came == []
        assert served.posts() == {"broken": 1}

    run(test, patience=0.3)


@pytest.mark.parametrize(
    "sent",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"GET / HTTP/9.9\r\n\r\n",
        b"nonsense\r\n\r\n",
        head("X: " + "a" * 100_000),
        head(*(f"X-{number}: a" for number in range(1000))),
        head(f"{SECRET_HEADER}: {SECRET}", "Content-Length: -1"),
        head(f"{SECRET_HEADER}: {SECRET}", "Content-Length: 5", "Transfer-Encoding: chunked"),
        head(f"{SECRET_HEADER}: {SECRET}", "Transfer-Encoding: chunked") + b"zz\r\n",
        head(f"{SECRET_HEADER}: {SECRET}", "Transfer-Encoding: gzip"),
    ],
    ids=lambda sent: repr(sent[:20]),
)
def test_what_is_no_proper_request(sent: bytes, caplog: pytest.LogCaptureFixture) -> None:
    """It is refused, nobody is given anything, nothing of it gets into the log, and the next post is taken."""

    async def test(served: Served) -> None:
        assert b" 400 " in (await served.raw(sent)).split(b"\r\n")[0]
        assert served.desk.came == []
        assert (await served.post())[0] == HTTPStatus.OK

    with caplog.at_level(logging.DEBUG):
        run(test)
    assert [record.name for record in caplog.records if record.name != "asyncio"] == []


def test_a_connection_that_breaks_off_in_a_body() -> None:
    """Half a post is none."""

    async def test(served: Served) -> None:
        _, writer = await asyncio.open_connection(HOST, served.port)
        writer.write(head(f"{SECRET_HEADER}: {SECRET}", "Content-Length: 1000") + b'{"update_id": 7}')
        await writer.drain()
        writer.close()
        await _until(lambda: served.posts() == {"broken": 1})
        assert served.desk.came == []

    run(test)


def test_an_update_is_taken_to_its_end_when_telegram_hangs_up() -> None:
    """What has begun is finished; Telegram posts it again and learns then that it is settled."""

    async def test(served: Served) -> None:
        served.desk.open.clear()
        body = json.dumps(UPDATE).encode()
        _, writer = await asyncio.open_connection(HOST, served.port)
        writer.write(head(f"{SECRET_HEADER}: {SECRET}", f"Content-Length: {len(body)}") + body)
        await _until(lambda: served.desk.came == [UPDATE])
        writer.close()
        await asyncio.sleep(0.1)

        served.desk.open.set()
        await _until(lambda: served.posts() == {"taken": 1})
        assert served.desk.done == 1

    run(test)


def test_many_posts_at_once() -> None:
    """Each is handed on once, and those without the secret among them change nothing."""

    async def test(served: Served) -> None:
        posts = [served.post({"update_id": number}) for number in range(1, 301)]
        forged = [served.post({"update_id": number}, headers={}) for number in range(1, 301)]
        answers = await asyncio.gather(*posts, *forged)
        assert [status for status, _ in answers] == [200] * 300 + [403] * 300
        numbers = [update["update_id"] for update in served.desk.came if isinstance(update, dict)]
        assert sorted(numbers) == list(range(1, 301))
        assert served.posts() == {"taken": 300, "forged": 300}

    run(test)


def test_the_end() -> None:
    """At the end posts get 503 while those under way are finished and answered; health is still told."""

    async def test(served: Served) -> None:
        served.desk.open.clear()
        under_way = asyncio.create_task(served.post())
        await _until(lambda: len(served.desk.came) == 1)
        stopping = asyncio.create_task(served.web.stop_taking())
        await asyncio.sleep(0.1)

        assert (await served.post())[0] == HTTPStatus.SERVICE_UNAVAILABLE
        assert (await served.post(headers={}))[0] == HTTPStatus.FORBIDDEN
        assert (await served.ask("/healthz"))[0] == HTTPStatus.OK
        assert not stopping.done()
        served.desk.open.set()
        await asyncio.wait_for(stopping, 2)
        await served.web.close()

        assert (await under_way)[0] == HTTPStatus.OK
        assert len(served.desk.came) == 1
        with pytest.raises(aiohttp.ClientConnectionError):
            await served.post()

    run(test)


def test_a_body_that_arrives_after_the_end_is_not_taken() -> None:
    """A post that began before the end and was complete after it is not begun any more."""

    async def test(served: Served) -> None:
        body = json.dumps(UPDATE).encode()
        reader, writer = await asyncio.open_connection(HOST, served.port)
        writer.write(head(f"{SECRET_HEADER}: {SECRET}", f"Content-Length: {len(body)}"))
        await asyncio.sleep(0.1)
        await served.web.stop_taking()
        writer.write(body)
        assert b" 503 " in await asyncio.wait_for(reader.readline(), 2)
        writer.close()
        assert served.desk.came == []

    run(test)


def test_closing_does_not_wait_for_what_hangs() -> None:
    """An update that is not settled by then is cancelled and not confirmed."""

    async def test(served: Served) -> None:
        served.desk.open.clear()
        post = asyncio.create_task(served.post())
        await _until(lambda: len(served.desk.came) == 1)

        await asyncio.wait_for(served.web.close(), 3)

        assert (await post)[0] == HTTPStatus.SERVICE_UNAVAILABLE
        assert served.desk.done == 0

    run(test)


def test_a_place_that_is_taken_is_told_in_one_line() -> None:
    """The line names the setting, the place and what to do."""

    async def test(served: Served) -> None:
        with pytest.raises(StartError) as taken:
            await Web((HOST, served.port), Metrics(), list, None).open()
        assert str(taken.value).startswith(f"HTTP_LISTEN: the bot cannot listen at {HOST}:{served.port} (address")

    run(test)


@pytest.mark.parametrize("host", ["no-such-host.invalid", "a" * 64 + ".invalid", "192.0.2.1", "2001:db8::1"])
def test_a_place_that_is_not_here_is_told_in_one_line(host: str) -> None:
    """So is a host that is none, or none of this machine."""

    async def main() -> None:
        with pytest.raises(StartError, match=r"^HTTP_LISTEN: the bot cannot listen at ") as nowhere:
            await Web((host, 0), Metrics(), list, None).open()
        assert "\n" not in str(nowhere.value)

    asyncio.run(main())


@pytest.mark.parametrize(("path", "secret"), [("/hook", ""), ("hook", "s"), ("/healthz", "s"), ("/metrics", "s")])
def test_a_hook_that_would_let_everybody_in_cannot_be_made(path: str, secret: str) -> None:
    """Nor one whose path is needed for something else."""

    async def take(_: object) -> Taken:  # pragma: no cover - never called
        return Taken(settled=True)

    with pytest.raises(ValueError, match=r"without a secret|path of its own"):
        Hook(path, secret, take)


def test_a_hook_does_not_show_its_secret() -> None:
    """Whoever prints it sees none."""
    assert SECRET not in repr(Hook("/hook", SECRET, Desk().take))


async def _until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not holds():  # noqa: ASYNC110 - what is waited for knows nothing of the test
            await asyncio.sleep(0.01)
