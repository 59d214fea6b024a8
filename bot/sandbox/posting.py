"""Posts updates to the webhook that the bot has set, until it has taken each of them.

They go out in the order of their ids, up to ``max_connections`` at once, and several of one chat at once too: the real
server posts those of one chat one after another, but promises it nowhere (see `Posting`). What is not answered with a
2xx is posted again, after pauses that double. A method that comes with the answer is carried out, and nobody hears how
it went.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from urllib.parse import urlsplit

import aiohttp

from bot.sandbox.model import Chat
from bot.sandbox.queue import Update
from bot.sandbox.webhook import USUAL_CONNECTIONS, is_here
from bot.sandbox.world import World

SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 - the name of a header
LOOKAHEAD = 10
"""So many updates beyond those that can go out may pass others, where a test wants them mixed."""

_TAKEN = range(200, 300)
_CLOSED = "Webhook connection closed"
_TROUBLE: tuple[tuple[type[Exception], str], ...] = (
    (TimeoutError, "Read timeout expired"),
    (aiohttp.ClientSSLError, "SSL error {certificate verify failed}"),
    (aiohttp.ClientConnectorError, "Connection refused"),
    (Exception, _CLOSED),
)
"""What went wrong, as `getWebhookInfo` says it; the first that fits."""

CarryOut = Callable[[str, str | None, bytes], None]
"""Takes the content type, the charset and the body of an answer, and carries out the method that it may bring."""


@dataclass(frozen=True, slots=True)
class Posting:
    """How updates are posted. All of it in seconds, and much shorter than with Telegram, so that tests are fast.

    ``first_pause``: before an update is posted again (Telegram: 1); it doubles up to ``longest_pause`` (some minutes).
    ``timeout``: within which the bot has to answer (60). ``through``: the address of a server here that stands for the
    one in front of the bot: whatever is for ``https://somewhere.example/path`` is posted to ``{through}/path``. Without
    it, webhooks elsewhere can be set, but nothing ever leaves this machine. ``in_order``: an update goes out only when
    those before it in its chat are taken.
    """

    first_pause: float = 0.05
    longest_pause: float = 1.0
    timeout: float = 10.0
    through: str = ""
    in_order: bool = False


class Deliverer:
    """Posts what waits in the world's queue while a webhook is set. ``posting`` says how, and may be changed."""

    def __init__(self, world: World, carry_out: CarryOut) -> None:
        self._queue = world.queue
        self.posting = Posting()
        self._carry_out = carry_out
        self._generation = self._queue.generation
        self._flights: dict[int, asyncio.Task[None]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._fails: dict[int, int] = {}
        self._due: dict[int, float] = {}
        self._session: aiohttp.ClientSession | None = None

    def start(self) -> None:
        """Begin to post."""
        self._keep(asyncio.create_task(self._run()))

    async def stop(self) -> None:
        """Post nothing any more; what the bot is just being told counts as not taken."""
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._session is not None:
            await self._session.close()

    async def reaches(self) -> bool:
        """Whether somebody listens where updates are posted to."""
        address = self._address()
        if address is None:
            return False
        parts = urlsplit(address)
        try:
            _, writer = await asyncio.open_connection(parts.hostname, parts.port or _port_of(parts.scheme))
        except OSError:
            return False
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()
        return True

    # --- when and in which order ----------------------------------------------------------------------------------

    async def _run(self) -> None:
        while True:
            self._queue.news.clear()
            pause = self._begin()
            with suppress(TimeoutError):
                async with asyncio.timeout(pause):
                    await self._queue.news.wait()

    def _begin(self) -> float | None:
        """Post what is due; seconds until something else is, or None if nothing has to wait."""
        if self._generation != self._queue.generation:
            self._generation = self._queue.generation
            self._forget()
        webhook = self._queue.webhook
        free = webhook.get("max_connections", USUAL_CONNECTIONS) - len(self._flights)
        if not webhook or free <= 0:
            return None
        due, pause = self._due_now(free + LOOKAHEAD)
        for update in self._queue.disturbance.mixed(due)[:free]:
            task = asyncio.create_task(self._post(update))
            self._flights[update.id] = task
            self._keep(task)
        return pause

    def _due_now(self, most: int) -> tuple[list[Update], float | None]:
        now = asyncio.get_running_loop().time()
        pauses: list[float] = []
        chats: set[Chat] = set()

        def is_due(update: Update) -> bool:
            if self.posting.in_order and update.chat is not None:
                if update.chat in chats:
                    return False
                chats.add(update.chat)
            if update.id in self._flights:
                return False
            if update.id not in self._due:
                self._due[update.id] = now + self._queue.disturbance.delay(update.chat)
            if self._due[update.id] > now:
                pauses.append(self._due[update.id] - now)
            return self._due[update.id] <= now

        return list(islice(filter(is_due, self._queue.waiting()), most)), min(pauses, default=None)

    def _forget(self) -> None:
        """Another webhook, or none: whatever is on its way is not taken, and begins anew."""
        for task in self._flights.values():
            task.cancel()
        for known in (self._flights, self._fails, self._due):
            known.clear()

    def _keep(self, task: asyncio.Task[None]) -> None:
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    # --- one of them ----------------------------------------------------------------------------------------------

    async def _post(self, update: Update) -> None:
        why = await self._posted(update)
        del self._flights[update.id]
        if why:
            fails = self._fails[update.id] = self._fails.get(update.id, 0) + 1
            pause = min(self.posting.first_pause * 2 ** min(fails - 1, 30), self.posting.longest_pause)
            self._due[update.id] = asyncio.get_running_loop().time() + pause
            self._queue.fail(why)
        else:
            self._fails.pop(update.id, None)
            self._due.pop(update.id, None)
            self._queue.take(update)
        self._queue.news.set()

    async def _posted(self, update: Update) -> str:
        """Post it once; why the bot did not take it, or nothing if it did."""
        address = self._address()
        if address is None:
            return "Connection refused: the sandbox posts to this machine only"
        request = self._client().post(address, json=update.body, headers=self._headers(), allow_redirects=False)
        try:
            async with request as answer:
                body = await answer.read()
        except (TimeoutError, aiohttp.ClientError, OSError) as error:
            return next(words for kind, words in _TROUBLE if isinstance(error, kind))
        if answer.status not in _TAKEN:
            return f"Wrong response from the webhook: {answer.status} {answer.reason}"
        if self._queue.disturbance.loses(update.chat):
            return _CLOSED
        self._carry_out(answer.content_type, answer.charset, body)
        return ""

    def _headers(self) -> dict[str, str]:
        secret = self._queue.webhook.get("secret_token")
        return {SECRET_HEADER: secret} if secret else {}

    def _client(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=0),
                cookie_jar=aiohttp.DummyCookieJar(),
                timeout=aiohttp.ClientTimeout(total=self.posting.timeout),
            )
        return self._session

    def _address(self) -> str | None:
        """Where updates are posted to; None when that is not on this machine."""
        parts = urlsplit(self._queue.webhook.get("url", ""))
        if self.posting.through:
            through = urlsplit(self.posting.through)
            parts = parts._replace(scheme=through.scheme, netloc=through.netloc)
        return parts.geturl() if is_here(parts.hostname) else None


def _port_of(scheme: str) -> int:
    return 443 if scheme == "https" else 80
