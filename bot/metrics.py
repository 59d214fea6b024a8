"""What is measured while the bot runs, in the form that Prometheus reads: counts and times, never who or what.

No metric knows a chat, a session or an answer, and no label takes a value that is not listed here: any other one counts
as ``other``. So a page of metrics stays small for ever, and can be kept and shown without a thought about privacy.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from itertools import product
from time import time

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    PlatformCollector,
    ProcessCollector,
    disable_created_metrics,
    generate_latest,
)

OTHER = "other"
"""The value of a label that stands for all values that are not listed."""

UPDATES = ("message", "edited_message", "callback_query", "my_chat_member")
"""Kinds of updates."""

SETTLED = ("applied", "repeated", "ignored", "parked", "unreadable")
"""What became of an update: it changed something; it had been applied before; it means nothing to us; it failed again
and again, so the person got the seek-care fallback; it is no update at all."""

METHODS = (
    *("getUpdates", "setWebhook", "deleteWebhook", "getWebhookInfo", "getMe"),
    *("sendMessage", "editMessageText", "editMessageReplyMarkup", "answerCallbackQuery", "deleteMessage"),
    *("getMyCommands", "setMyCommands", "deleteMyCommands", "getMyName", "setMyName", "getMyDescription"),
    *("setMyDescription", "getMyShortDescription", "setMyShortDescription", "sendChatAction", "leaveChat"),
)
"""Methods of the Bot API that the bot calls, or may come to call."""

ANSWERS = ("ok", "refused", "flood", "forbidden", "network")
"""How a call of the Bot API ended: done; refused (400 and its like); too many requests (429); the person has blocked
the bot or it may not write there (403); no answer of a Bot API server."""

LEVELS = ("emergency", "urgent", "soon", "routine")
"""Levels of outcomes (`bot.flow.model.Level`)."""

POSTS = ("taken", "repeated", "forged", "oversized", "unreadable", "broken", "unavailable")
"""What became of a post to the webhook; `bot.telegram.web` tells when it is which."""

POLLS = ("ok", "failed", "conflict")
"""How a poll ended: with an answer, without one, or because somebody else takes the updates."""

GIVEN_UP = ("expired", "forbidden", "refused")
"""Why an owed message is not sent any more: too old; the person has blocked the bot; Telegram will not take it."""

_TURN = (0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.1, 1.0)
_BATCH_SIZE = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)
_TRANSACTION = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0, 30.0)
_CALL = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)
_VISIBLE = (0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0, 300.0, 3600.0)

# Without this, every count would be told a second time, as the moment at which it began. It holds for the process, and
# this module is the only one in it that measures.
disable_created_metrics()  # type: ignore[no-untyped-call]


class Metrics:
    """All that one bot measures. Two of them in one process know nothing of each other. Times are in seconds."""

    def __init__(self) -> None:
        self._registry = registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        PlatformCollector(registry=registry)
        self._updates = _Counts(
            registry, "updates", "Updates by kind and by what became of them.", kind=UPDATES, result=SETTLED
        )
        self._turn = _histogram(registry, "turn_seconds", "Time of the engine for one update.", _TURN)
        self._batch_size = _histogram(registry, "batch_updates", "Updates settled in one transaction.", _BATCH_SIZE)
        self._batch = _histogram(registry, "batch_seconds", "Time of one transaction.", _TRANSACTION)
        self._owed = _gauge(registry, "owed_messages", "Messages owed to people and not sent yet.")
        self._oldest = _gauge(registry, "owed_oldest_seconds", "Age of the oldest owed message; 0 when none is owed.")
        self._calls = _Counts(
            registry,
            "api_calls",
            "Calls of the Bot API by method and by how they ended.",
            method=METHODS,
            result=ANSWERS,
        )
        self._call = _Times(registry, "api_call_seconds", "Time of a call of the Bot API.", _CALL, method=METHODS)
        self._visible = _histogram(
            registry,
            "visible_seconds",
            "From an update's arrival until Telegram took the message that answers it.",
            _VISIBLE,
        )
        self._sessions = _gauge(registry, "sessions", "People in the middle of a check, or not long past its end.")
        self._outcomes = _Counts(registry, "outcomes", "Finished checks by level.", level=LEVELS)
        self._posts = _Counts(registry, "webhook_posts", "Posts to the webhook by what became of them.", result=POSTS)
        self._polls = _Counts(registry, "polls", "Polls for updates by how they ended.", result=POLLS)
        self._given_up = _Counts(
            registry, "messages_given_up", "Owed messages that are not sent any more, by reason.", reason=GIVEN_UP
        )
        self._sent_again = _Counts(
            registry, "messages_sent_again", "Messages sent again after a lost answer; people may see them twice."
        )
        self._database = _Counts(registry, "database_failures", "Transactions that the database failed.")

    def update(self, kind: str, result: str) -> None:
        """Count an update: its kind (`UPDATES`) and what became of it (`SETTLED`)."""
        self._updates.add(kind, result)

    def turn(self, seconds: float) -> None:
        """Note the engine's time for one update."""
        self._turn.observe(seconds)

    def batch(self, updates: int, seconds: float) -> None:
        """Note a transaction: how many updates it settled, and its time."""
        self._batch_size.observe(updates)
        self._batch.observe(seconds)

    def call(self, method: str, result: str, seconds: float) -> None:
        """Count a call of the Bot API: its method (`METHODS`), how it ended (`ANSWERS`), and its time."""
        self._calls.add(method, result)
        self._call.note(method, seconds)

    def visible(self, seconds: float) -> None:
        """Note the time from an update's arrival until Telegram took the message or edit that shows its result."""
        self._visible.observe(seconds)

    def outcome(self, level: str) -> None:
        """Count a finished check by its level (`LEVELS`)."""
        self._outcomes.add(level)

    def post(self, result: str) -> None:
        """Count a post to the webhook (`POSTS`)."""
        self._posts.add(result)

    def poll(self, result: str) -> None:
        """Count a poll for updates (`POLLS`)."""
        self._polls.add(result)

    def given_up(self, reason: str) -> None:
        """Count an owed message that is not sent any more (`GIVEN_UP`)."""
        self._given_up.add(reason)

    def sent_again(self) -> None:
        """Count a message that is sent again since the answer to the first try was lost."""
        self._sent_again.add()

    def database_failure(self) -> None:
        """Count a transaction that the database failed."""
        self._database.add()

    def sessions(self, live: int) -> None:
        """Set how many people are in the middle of a check."""
        self._sessions.set(live)

    def watch_owed(self, messages: Callable[[], int], since: Callable[[], float | None]) -> None:
        """From now on ask these at every look at the page; they must be quick, and not wait for anything.

        ``messages``: how many are owed now. ``since``: when the oldest one came to be owed, in seconds since the epoch;
        `None` when none is. One that raises is told as not a number: unknown is not none.
        """
        self._owed.set_function(lambda: _told(messages))
        self._oldest.set_function(lambda: _told(lambda: _age(since())))

    def page(self) -> tuple[bytes, str]:
        """All of it as it stands now: the page, and its content type."""
        return generate_latest(self._registry), CONTENT_TYPE_LATEST


class _Counts:
    """A counter whose labels take the values listed, and ``other``. All of them are there from the start, with 0."""

    def __init__(self, registry: CollectorRegistry, name: str, what: str, **labels: Iterable[str]) -> None:
        counter = Counter(name, what, tuple(labels), namespace="signpost", registry=registry)
        self._known = [frozenset(values) for values in labels.values()]
        every = product(*([*values, OTHER] for values in labels.values()))
        # Looked up once: finding the child by its labels takes several times as long as counting.
        self._children = {values: counter.labels(*values) if values else counter for values in every}

    def add(self, *values: str) -> None:
        """Count one."""
        child = self._children.get(values)
        if child is None:
            listed = zip(self._known, values, strict=True)
            child = self._children[tuple(value if value in known else OTHER for known, value in listed)]
        child.inc()


class _Times:
    """A histogram of seconds with one label, which takes the values listed, and ``other``."""

    def __init__(
        self, registry: CollectorRegistry, name: str, what: str, buckets: Iterable[float], **label: Iterable[str]
    ) -> None:
        ((key, values),) = label.items()
        histogram = Histogram(name, what, (key,), namespace="signpost", registry=registry, buckets=tuple(buckets))
        self._children = {value: histogram.labels(value) for value in [*values, OTHER]}

    def note(self, value: str, seconds: float) -> None:
        """Note a time."""
        (self._children.get(value) or self._children[OTHER]).observe(seconds)


def _histogram(registry: CollectorRegistry, name: str, what: str, buckets: Iterable[float]) -> Histogram:
    return Histogram(name, what, namespace="signpost", registry=registry, buckets=tuple(buckets))


def _gauge(registry: CollectorRegistry, name: str, what: str) -> Gauge:
    return Gauge(name, what, namespace="signpost", registry=registry)


def _told(ask: Callable[[], float]) -> float:
    try:
        return float(ask())
    except Exception:  # noqa: BLE001 - a page without one figure is better than none while something is wrong
        return math.nan


def _age(since: float | None) -> float:
    return 0.0 if since is None else max(0.0, time() - since)
