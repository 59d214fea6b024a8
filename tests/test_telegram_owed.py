"""What is owed: it outlives the process, arrives once, in the right order, and says so when it is late."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Awaitable, Callable
from pathlib import Path

import aiohttp.web
import pytest

from bot.metrics import Metrics
from bot.sandbox import Failure, Rule, Sandbox
from bot.sandbox.errors import Json
from bot.sandbox.server import Fault
from bot.storage.database import Database
from bot.telegram.changes import Change
from bot.telegram.delivery import Delivery
from bot.telegram.late import LATE, TOO_LATE, Late
from bot.telegram.owed import Owed, gathered, read
from bot.telegram.pages import Operator, Pages
from bot.telegram.posts import Bare, Button, Card, File, GroupLine, Note, Post, Toast
from bot.telegram.sender import Place
from tests.served import LIBRARY
from tests.telegram_kit import running
from tests.test_telegram_chat import to_dangers
from tests.test_telegram_faults import refusal, warned

KEYS = ((Button("Go on", data="a.1.c.go.0000"),),)
Handle = Callable[[], Awaitable[aiohttp.web.Response]]


def hanging(*methods: str) -> Fault:
    """Calls of these methods get no answer, and do nothing."""

    async def fault(method: str, _: Json, handle: Handle) -> aiohttp.web.Response:
        if method in methods:
            await asyncio.sleep(60)
        return await handle()

    return fault


# --- over a restart -----------------------------------------------------------------------------------------------


def test_a_seek_care_message_that_could_not_be_sent_comes_after_the_restart(tmp_path: Path) -> None:
    """Telegram hangs until the bot is ended; the next one sends what was owed, once, without being asked."""

    async def main() -> None:
        async with Sandbox(patience=20) as sandbox:
            ana = sandbox.person()
            async with running(sandbox, tmp_path / "s.db", refusals=None) as database:
                await to_dangers(ana)
                sandbox.fault = hanging("sendMessage")
                await ana.tap("☐ Numb between the legs", silent=True)
                assert not ana.sees("EMERGENCY")
                assert [row.kind for row in await database.owed() if row.kind == "final"]
            sandbox.fault = None
            async with running(sandbox, tmp_path / "s.db") as database:
                await warned(ana)
                await sandbox.quiet()
                assert sum(text.text.startswith("EMERGENCY") for text in ana.messages) == 1
                assert await database.owed() == []

    asyncio.run(main())


def test_an_emergency_takes_the_place_of_the_card_that_waits(tmp_path: Path) -> None:
    """In the transaction that owes the warning, the chat's unsent card is gone from the database."""

    async def main() -> None:
        async with (
            Sandbox(patience=20) as sandbox,
            running(sandbox, tmp_path / "s.db", refusals=None) as database,
        ):
            ana = sandbox.person()
            await to_dangers(ana)
            data = {button["text"]: button["callback_data"] for row in ana.last.keyboard for button in row}
            card = ana.last
            sandbox.fault = hanging("editMessageText", "sendMessage")
            await ana.tap_stale(card, data["☐ Bladder changed"], silent=True)
            assert [row.kind for row in await database.owed()] == ["card"]
            await ana.tap_stale(card, data["☐ Sexual feeling changed"], silent=True)
            assert [row.kind for row in await database.owed()] == ["card"]  # a newer state in place of the older one
            await ana.tap_stale(card, data["☐ Numb between the legs"], silent=True)
            kinds = [row.kind for row in await database.owed()]
            assert "card" not in kinds
            assert "final" in kinds

    asyncio.run(main())


def test_whoever_blocks_the_bot_is_owed_nothing_and_is_not_counted_as_there(tmp_path: Path) -> None:
    """It stops at once, keeps their answers, and counts them again as soon as they do something."""

    async def main() -> None:
        async with Sandbox() as sandbox, running(sandbox, tmp_path / "s.db", refusals=["blocked"]) as database:
            ana = sandbox.person()
            await to_dangers(ana)
            assert await database.live(0) == 1
            await ana.send("hello", wait=False)
            await ana.block(wait=False)
            await sandbox.quiet()
            assert await database.owed() == []
            assert await database.live(0) == 0
            await ana.unblock()
            await ana.send("hello")
            assert await database.live(0) == 1

    asyncio.run(main())


def test_a_final_message_that_is_refused_for_no_known_reason_is_tried_again(tmp_path: Path) -> None:
    """Three odd refusals in a row, of the message, of its plain form and of that without buttons, lose nothing."""

    async def main() -> None:
        async with Sandbox(patience=30) as sandbox, running(sandbox, tmp_path / "s.db", refusals=None):
            ana = sandbox.person()
            await to_dangers(ana)
            left = iter(range(4))

            async def odd(method: str, _: Json, handle: Handle) -> aiohttp.web.Response:
                if method == "sendMessage" and next(left, None) is not None:
                    return refusal(400, "Bad Request: something new that nobody knows")
                return await handle()

            sandbox.fault = odd
            await ana.tap("☐ Numb between the legs", silent=True)
            await warned(ana)

    asyncio.run(main())


# --- written down and read ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "post",
    [
        Note(("a <b>bold</b> word",)),
        Note(("Do this now",), final=True, lead=True),
        Card(("Where?",), KEYS, below=True, mark="1234"),
        Card(("EMERGENCY",), KEYS, final=True),
        Bare(7),
        Bare(),
        File("signpost.json", b'{"a": "\xc3\xa4"}\x00\xff', "All of it"),
        GroupLine("In private", Button("Open", url="https://t.me/x"), 3, 9),
        Toast("55", "Noted"),
    ],
)
def test_a_post_is_read_as_it_was_written(post: Post) -> None:
    """Every kind of post survives the database."""
    owed = Owed(5, "telegram:5", "en", post, 100.0, 7)
    again = read(owed.row())
    assert again is not None
    assert (again.post, again.chat, again.key, again.language, again.number) == (post, 5, "telegram:5", "en", 7)
    assert again.paid == owed.paid


@pytest.mark.parametrize("text", ["", "no json", "[]", '{"texts": 5}', "\x00"])
def test_a_row_that_cannot_be_read_is_no_crash(text: str) -> None:
    """Of a newer version, or damaged: it is left out."""
    assert read((5, 0, 7, "telegram:5", "card", "en", 100, text)) is None
    assert read((5, 0, 7, "telegram:5", "of the future", "en", 100, text)) is None


def test_of_several_cards_only_the_last_is_sent_and_each_final_one() -> None:
    """With the beginnings that belong to them; and one that takes the place of a new message is a new one itself."""
    first, second = Card(("long", "one"), KEYS, below=True), Card(("two",), KEYS)
    warning = Card(("Do", "this"), KEYS, below=True, final=True)
    assert gathered([Note(("a", "b")), first, second]) == [
        Note(("a",)),
        Note(("b",)),
        Card(("two",), KEYS, below=True),
    ]
    assert gathered([second, warning, second]) == [
        Note(("Do",), final=True, lead=True),
        Card(("this",), KEYS, below=True, final=True),
        second,
    ]


# --- late ---------------------------------------------------------------------------------------------------------


def looked_at(post: Post, age: float) -> Post | None:
    """What becomes of a post that has been owed for so long."""
    late = Late(lambda _: Pages(LIBRARY, "en", Operator()), lambda: 10_000_000.0)
    return late.still_wanted(Owed(1, "telegram:1", "en", post, 10_000_000.0 - age, 1))


def test_what_is_late_says_so() -> None:
    """A warning or a note says how late it is; a card is sent as it is, and left out once nobody needs it."""
    warning, card = Card(("EMERGENCY",), KEYS, final=True), Card(("Where?",), KEYS)
    assert looked_at(warning, LATE - 1) == warning
    said = looked_at(warning, 20 * 60)
    assert isinstance(said, Card)
    line = "(This message is late: I wrote it 20 minutes ago and could not send it until now.)"
    assert said.texts == (f"{line}\n\nEMERGENCY",)
    assert said.keyboard == KEYS
    hours, days = looked_at(Note(("x",)), 5 * 3600), looked_at(Note(("x",)), 60 * 3600)
    assert isinstance(hours, Note)
    assert isinstance(days, Note)
    assert "5 hours ago" in hours.texts[0]
    assert "2 days ago" in days.texts[0]
    assert looked_at(card, LATE + 1) == card
    assert looked_at(card, TOO_LATE + 1) is None
    assert looked_at(warning, 30 * 24 * 3600) is not None


def test_a_late_message_that_is_full_is_sent_as_it_is() -> None:
    """Nothing of it is cut off for saying that it is late."""
    full = Note(("x" * 4090,))
    assert looked_at(full, LATE + 1) == full


# --- one message at a time ----------------------------------------------------------------------------------------


class _Sends:
    """A sender that notes what it is asked to send, and keeps the rule that the real one keeps."""

    def __init__(self) -> None:
        self.sent: list[str] = []

    async def send(self, place: Place, post: Post) -> Bare | None:
        assert isinstance(post, Note)
        if place.noted is not None:
            await place.noted
        self.sent.append(post.texts[0])
        return None


class _Book:
    """Writes down nothing until it is told to."""

    def __init__(self) -> None:
        self.changes: list[Change] = []
        self.futures: list[asyncio.Future[None]] = []

    def record(self, change: Change) -> asyncio.Future[None]:
        self.changes.append(change)
        self.futures.append(asyncio.get_running_loop().create_future())
        return self.futures[-1]

    def written(self) -> None:
        for noted in self.futures:
            if not noted.done():
                noted.set_result(None)


def test_no_new_message_goes_out_before_the_one_before_is_written_down_as_sent() -> None:
    """So a crash repeats one message at most."""

    async def main() -> None:
        sender, book = _Sends(), _Book()
        late = Late(lambda _: Pages(LIBRARY, "en", Operator()), lambda: 0.0)
        delivery = Delivery(sender, late, Metrics(), lambda: 0.0, lambda: 0.0)  # type: ignore[arg-type]
        delivery.begin(book, [], {})
        delivery.owe(delivery.draft(1, "telegram:1", "en", [Note(("a", "b", "c"))]), (None, ""))
        delivery.owe(delivery.draft(2, "telegram:2", "en", [Note(("other",))]), (None, ""))
        await asyncio.sleep(0.05)
        assert sender.sent == ["a", "other"]
        book.futures[0].set_result(None)
        await asyncio.sleep(0.05)
        assert sender.sent == ["a", "other", "b"]
        book.written()
        await asyncio.sleep(0.05)
        book.written()
        assert await delivery.drain(1.0)
        assert sender.sent == ["a", "other", "b", "c"]
        assert [change.paid for change in book.changes] == [[(1, 1, 1)], [(2, 4, 4)], [(1, 2, 2)], [(1, 3, 3)]]

    asyncio.run(main())


def test_what_waits_for_its_next_try_counts_as_owed(tmp_path: Path) -> None:
    """The figures of what is owed are what an operator is woken by."""

    async def main() -> None:
        async with Sandbox(patience=20) as sandbox, running(sandbox, tmp_path / "s.db", refusals=None) as database:
            ana = sandbox.person()
            await to_dangers(ana)
            sandbox.fail(Rule(Failure.ERROR, ("sendMessage",)))
            await ana.tap("☐ Numb between the legs", silent=True)
            deliveries = [each for each in gc.get_objects() if isinstance(each, Delivery) and each._chats]
            looks = []
            for _ in range(60):
                await asyncio.sleep(0.1)
                looks.append(deliveries[0].owed[0])
            assert min(looks) >= 1
            assert [row.kind for row in await database.owed() if row.kind == "final"]
            sandbox.fail()
            await warned(ana)

    asyncio.run(main())


def test_two_notes_one_after_the_other_are_each_written_down_first() -> None:
    """Also where the first was all that its chat was owed."""

    async def main() -> None:
        sender, book = _Sends(), _Book()
        late = Late(lambda _: Pages(LIBRARY, "en", Operator()), lambda: 0.0)
        delivery = Delivery(sender, late, Metrics(), lambda: 0.0, lambda: 0.0)  # type: ignore[arg-type]
        delivery.begin(book, [], {})
        delivery.owe(delivery.draft(1, "telegram:1", "en", [Note(("a",))]), (None, ""))
        await asyncio.sleep(0.05)
        delivery.owe(delivery.draft(1, "telegram:1", "en", [Note(("b",))]), (None, ""))
        await asyncio.sleep(0.05)
        assert sender.sent == ["a"]
        book.futures[0].set_result(None)
        await asyncio.sleep(0.05)
        assert sender.sent == ["a", "b"]
        book.futures[-1].set_result(None)
        assert await delivery.drain(1.0)

    asyncio.run(main())


def test_numbers_go_on_after_a_restart() -> None:
    """What is owed anew never takes the place of what was left owed."""

    async def main() -> None:
        delivery = Delivery(_Sends(), None, Metrics(), lambda: 0.0, lambda: 0.0)  # type: ignore[arg-type]
        delivery.begin(_Book(), [Owed(1, "telegram:1", "en", Note(("x",)), 0.0, 40)], {}, 41)
        (next_one,) = delivery.draft(1, "telegram:1", "en", [Note(("y",))])
        assert next_one.number == 42
        await asyncio.sleep(0)
        await delivery.drain(0.0)

    asyncio.run(main())


async def _rows(file: Path) -> int:
    database = await Database.at(file)
    try:
        return len(await database.owed())
    finally:
        await database.close()


def test_after_a_talk_nothing_is_left_owed(tmp_path: Path) -> None:
    """Every row is gone once its message has arrived."""

    async def main() -> None:
        async with Sandbox() as sandbox:
            ana = sandbox.person()
            async with running(sandbox, tmp_path / "s.db"):
                await to_dangers(ana)
                await ana.send("hello")
                await ana.send("/mydata")
            assert await _rows(tmp_path / "s.db") == 0

    asyncio.run(main())
