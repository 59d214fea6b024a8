"""Bodies and forged posts, to the real web server: what anybody who finds the address could send."""

from __future__ import annotations

import asyncio
import io
import json
import random
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

import aiohttp

from bot.telegram.incoming import update_id
from bot.telegram.web import LARGEST_BODY, SECRET_HEADER, Hook, Web
from tests.fuzz.judge import content_of, counted
from tests.fuzz.path import UpdatePath, tap_in
from tests.fuzz.traffic import Traffic

_HOST, _PATH, _SECRET = "127.0.0.1", "/hook", "an-invented_SECRET"
_AT_ONCE = 40
_DEEP = 100_000
"""Brackets within each other."""

_DIGITS = 100_000
"""Of a number."""

_FORGERIES: tuple[Sequence[tuple[str, str]], ...] = (
    (),
    ((SECRET_HEADER, ""),),
    ((SECRET_HEADER, "wrong"),),
    ((SECRET_HEADER, _SECRET[:-1]),),
    ((SECRET_HEADER, f"{_SECRET}x"),),
    ((SECRET_HEADER, _SECRET.swapcase()),),
    ((SECRET_HEADER, _SECRET), (SECRET_HEADER, _SECRET)),
    ((SECRET_HEADER, "wrong"), (SECRET_HEADER, _SECRET)),
    ((SECRET_HEADER, f"{_SECRET}, {_SECRET}"),),
    ((SECRET_HEADER, "ß🔑"),),
    ((SECRET_HEADER, "x" * 4000),),
    (("Authorization", f"Bearer {_SECRET}"), ("X-Secret-Token", _SECRET), ("Cookie", f"{SECRET_HEADER}={_SECRET}")),
)
"""Headers without the secret, with a wrong one, or with more than one."""

_DAMAGES = (b"\xff", b"\xc0\xaf", b"\xed\xa0\xbd", b"\x00")
_IN_FRONT = (b"\xef\xbb\xbf", b"\xff\xfe", b" \n", b")]}'")
_BEHIND = (b"\x00", b" ", b"}", b",", b"null", b"{}")
_NUMBERS = (b": NaN,", b": -Infinity,", b": 1e999,", b": 01,")
_ENCODINGS = ("utf-16", "utf-32-le", "utf-7")
_NOTHING = (b"", b" ", b"null", b"NaN", b"true", b"0", b'""', b"{}", b"[]", b'{"update_id"', b'{"update_id": 1e400}')


def _flipped(chance: random.Random, body: bytes) -> bytes:
    """With one bit the other way round."""
    place = chance.randrange(len(body))
    return body[:place] + bytes([body[place] ^ 1 << chance.randrange(8)]) + body[place + 1 :]


def _put_into(chance: random.Random, body: bytes) -> bytes:
    """With something in the middle that is no text."""
    place = chance.randrange(len(body))
    return body[:place] + chance.choice(_DAMAGES) + body[place:]


_SPOILT: tuple[Callable[[random.Random, bytes], bytes], ...] = (
    lambda chance, body: body[: chance.randrange(len(body))],
    lambda chance, body: body[chance.randrange(len(body)) :],
    _flipped,
    _put_into,
    lambda chance, body: chance.choice(_IN_FRONT) + body,
    lambda chance, body: body + chance.choice(_BEHIND),
    lambda _, body: body + body,
    lambda chance, body: b'{"update_id": %d, ' % chance.randint(1, 2**31) + body[1:],  # the same name twice
    lambda chance, body: body.replace(b": 1,", chance.choice(_NUMBERS)),
    lambda chance, body: body.decode("utf-8", "replace").encode(chance.choice(_ENCODINGS)),
    lambda _, body: body.replace(b'"', b"'"),
    lambda _, body: body.replace(b"}", b",}"),
)
"""What may be wrong with how an update is written."""


def _numbered(chance: random.Random, rest: bytes = b"") -> bytes:
    return b'{"update_id": %d%s}' % (chance.randint(2**32, 2**40), rest)


_STRANGE: tuple[Callable[[random.Random], bytes], ...] = (
    lambda _: b"[" * _DEEP,
    lambda _: b"[" * _DEEP + b"]" * _DEEP,
    lambda _: b'{"a":' * _DEEP + b"1" + b"}" * _DEEP,
    lambda chance: _numbered(chance, b', "message": %s' % (b"[" * 900 + b"]" * 900)),
    lambda chance: _numbered(chance, b', "message": {"chat": {"id": %s}}' % (b"7" * 4000)),
    lambda chance: _numbered(chance, b', "message": {"text": "%s"}' % (b"\\ud83d" * 20_000)),
    lambda chance: _numbered(chance) + b" " * chance.choice((LARGEST_BODY, 2 * LARGEST_BODY)),
    lambda chance: _numbered(chance).ljust(LARGEST_BODY),
    lambda _: b'{"update_id": %s}' % (b"9" * _DIGITS),
    lambda chance: chance.choice(_NOTHING),
    lambda chance: chance.randbytes(chance.randint(1, 300)),
)
"""What is no update at all, or an absurd one."""


class Bodies:
    """Draws bodies: updates as JSON, most of them spoilt in how they are written."""

    def __init__(self, seed: int, people: int) -> None:
        self.chance = random.Random(seed)
        self._traffic = Traffic(seed, people, {})

    def one(self) -> bytes:
        """A body."""
        body = self._update()
        drawn = self.chance.randrange(100)
        if drawn < 30:
            return body
        if drawn < 90:
            return self.chance.choice(_SPOILT)(self.chance, body)
        return self.chance.choice(_STRANGE)(self.chance)

    def _update(self) -> bytes:
        (update,) = self._traffic.round(1)
        try:
            text = json.dumps(update, ensure_ascii=self.chance.random() < 0.7)
        except RecursionError:  # deeper than this can be written
            text = "[" * _DEEP
        return text.encode("utf-8", "surrogatepass")


class Posts:
    """Posts to a server of its own, in front of the update path."""

    def __init__(self, path: UpdatePath, file: Path, bodies: Bodies) -> None:
        self._path = path
        self._file = file
        self._bodies = bodies
        self._web = Web((_HOST, 0), path.metrics, list, Hook(_PATH, _SECRET, path.settle))
        self._url = ""
        self.answers: Counter[str] = Counter()
        """Posts by what they were and the status of the answer."""

    async def run(self, number: int) -> None:
        """Post so many bodies, and forge some more; what is wrong goes to the judge."""
        port = await self._web.open()
        self._url = f"http://{_HOST}:{port}"
        try:
            await self._all(number, port)
        finally:
            await self._web.close()
        self._add_up()

    async def _all(self, number: int, port: int) -> None:
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=60)) as client:
            for start in range(0, number, _AT_ONCE):
                self._path.server.begin(start + 1)
                await self._posted(client, [self._bodies.one() for _ in range(min(_AT_ONCE, number - start))])
                if start % (10 * _AT_ONCE) == 0:
                    await self._forged(client, _AT_ONCE)
                    await self._noise(port)
            async with client.get(f"{self._url}/healthz") as answer:
                if answer.status != 200:
                    self._path.judge.complain("the web server is not well any more")

    async def _posted(self, client: aiohttp.ClientSession, bodies: list[bytes]) -> None:
        """With the right secret each is accepted, but for what is too large; each tap is answered."""
        taps = set()
        for body in bodies:
            update = _read(body)
            known = update_id(update)
            if known is None or len(body) > LARGEST_BODY:
                continue
            if known not in self._path.seen and (query := tap_in(update)):
                taps.add(query)
            self._path.seen.add(known)
        right = [(SECRET_HEADER, _SECRET)]
        answers = await asyncio.gather(*(self._post(client, body, right, "right secret") for body in bodies))
        for body, (status, said) in zip(bodies, answers, strict=True):
            if status != (413 if len(body) > LARGEST_BODY else 200):
                self._path.judge.complain(f"a post was answered with {status}")
            if said and status == 200:
                taps.discard(json.loads(said)["callback_query_id"])
        await self._path.quiet()
        for _ in taps - self._path.server.answered:
            self._path.judge.complain("a tap was not answered")

    async def _forged(self, client: aiohttp.ClientSession, number: int) -> None:
        """Without the secret each is refused, and nothing at all has changed."""
        before = (content_of(self._file), counted(self._path.metrics, "updates"), self._path.server.calls.copy())
        chance = self._bodies.chance
        forged = [self._post(client, self._bodies.one(), chance.choice(_FORGERIES), "forged") for _ in range(number)]
        for status, _ in await asyncio.gather(*forged):
            if status != 403:
                self._path.judge.complain(f"a forged post was answered with {status}")
        await asyncio.sleep(0.02)
        await self._path.quiet()
        if before != (content_of(self._file), counted(self._path.metrics, "updates"), self._path.server.calls):
            self._path.judge.complain("a forged post has changed something")

    async def _post(
        self, client: aiohttp.ClientSession, body: bytes, headers: Sequence[tuple[str, str]], name: str
    ) -> tuple[int, str]:
        async with client.post(self._url + _PATH, data=io.BytesIO(body), headers=headers) as answer:
            self.answers[f"{name}, {answer.status}"] += 1
            return answer.status, await answer.text()

    async def _noise(self, port: int) -> None:
        """Something that is not even a request."""
        _, writer = await asyncio.open_connection(_HOST, port)
        writer.write(self._bodies.one()[:5000])
        writer.close()

    def _add_up(self) -> None:
        counts = counted(self._path.metrics, "webhook_posts")
        if sum(counts.values()) != self.answers.total():
            self._path.judge.complain(f"of {self.answers.total()} posts, the metrics count {sum(counts.values())}")
        refused = sum(times for name, times in self.answers.items() if name.startswith("forged"))
        if counts.get(("forged",), 0) != refused:
            self._path.judge.complain("the metrics count other forged posts than there were")


def _read(body: bytes) -> object:
    try:
        found: object = json.loads(body.decode())
    except (ValueError, RecursionError):
        return None
    return found
