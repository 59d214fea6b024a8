"""Metrics: what a page of them shows, and that nothing else ever gets onto it."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from time import time

import pytest
from prometheus_client.parser import text_string_to_metric_families

from bot.flow.model import Level
from bot.metrics import ANSWERS, GIVEN_UP, LEVELS, POLLS, POSTS, SETTLED, Metrics

GUIDE = Path(__file__).parent.parent / "docs" / "operating.md"
SECRET = "a-secret-that-nobody-may-read"  # noqa: S105 - invented


def figures(metrics: Metrics) -> dict[str, float]:
    """Every figure on the page, by name and labels as they stand there."""
    page, kind = metrics.page()
    assert kind.startswith("text/plain; version=")
    return {
        sample.name + "".join(f" {label}={value}" for label, value in sorted(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(page.decode())
        for sample in family.samples
    }


def test_a_new_page_has_every_count_at_nothing() -> None:
    """An alert on something that has never happened finds a zero to begin from."""
    ours = {name: value for name, value in figures(Metrics()).items() if name.startswith("signpost_")}

    assert ours["signpost_updates_total kind=message result=parked"] == 0
    assert ours["signpost_messages_given_up_total reason=expired"] == 0
    assert ours["signpost_database_failures_total"] == 0
    assert set(ours.values()) == {0}
    assert not [name for name in ours if "_created" in name]


def test_each_figure_is_counted_where_it_belongs() -> None:
    """One of each thing that can be measured stands on the page once, under its own name."""
    metrics = Metrics()
    before = figures(metrics)

    metrics.update("callback_query", "repeated")
    metrics.turn(0.002)
    metrics.batch(20, 0.03)
    metrics.call("sendMessage", "flood", 0.2)
    metrics.visible(1.5)
    metrics.outcome("urgent")
    metrics.post("forged")
    metrics.poll("conflict")
    metrics.given_up("forbidden")
    metrics.sent_again()
    metrics.database_failure()
    metrics.sessions(12)

    after = figures(metrics)
    changed = {name: value for name, value in after.items() if name.startswith("signpost") and value != before[name]}
    assert {name: value for name, value in changed.items() if "_bucket" not in name} == {
        "signpost_updates_total kind=callback_query result=repeated": 1,
        "signpost_turn_seconds_count": 1,
        "signpost_turn_seconds_sum": 0.002,
        "signpost_batch_updates_count": 1,
        "signpost_batch_updates_sum": 20,
        "signpost_batch_seconds_count": 1,
        "signpost_batch_seconds_sum": 0.03,
        "signpost_api_calls_total method=sendMessage result=flood": 1,
        "signpost_api_call_seconds_count method=sendMessage": 1,
        "signpost_api_call_seconds_sum method=sendMessage": 0.2,
        "signpost_visible_seconds_count": 1,
        "signpost_visible_seconds_sum": 1.5,
        "signpost_outcomes_total level=urgent": 1,
        "signpost_webhook_posts_total result=forged": 1,
        "signpost_polls_total result=conflict": 1,
        "signpost_messages_given_up_total reason=forbidden": 1,
        "signpost_messages_sent_again_total": 1,
        "signpost_database_failures_total": 1,
        "signpost_sessions": 12,
    }


@pytest.mark.parametrize(
    ("count", "figure"),
    [
        (lambda metrics: metrics.update(SECRET, "applied"), "signpost_updates_total kind=other result=applied"),
        (lambda metrics: metrics.update("message", SECRET), "signpost_updates_total kind=message result=other"),
        (lambda metrics: metrics.call(SECRET, "ok", 1), "signpost_api_calls_total method=other result=ok"),
        (lambda metrics: metrics.call(SECRET, "ok", 1), "signpost_api_call_seconds_count method=other"),
        (lambda metrics: metrics.outcome(SECRET), "signpost_outcomes_total level=other"),
        (lambda metrics: metrics.post(SECRET), "signpost_webhook_posts_total result=other"),
        (lambda metrics: metrics.poll(SECRET), "signpost_polls_total result=other"),
        (lambda metrics: metrics.given_up(SECRET), "signpost_messages_given_up_total reason=other"),
    ],
)
def test_what_nobody_listed_is_other(count: Callable[[Metrics], None], figure: str) -> None:
    """A label takes no value but the listed ones, whatever it is given, so the page never grows."""
    metrics = Metrics()
    before = set(figures(metrics))

    count(metrics)

    after = figures(metrics)
    assert after[figure] == 1
    assert set(after) == before
    assert SECRET not in metrics.page()[0].decode()


def test_the_levels_are_those_of_the_flows() -> None:
    """A level that flows come to know is measured too."""
    assert set(LEVELS) == {level.value for level in Level}


def test_what_is_owed_is_asked_for_at_each_look() -> None:
    """How much is owed, and for how long the oldest has been, are those of the moment of the look."""
    metrics = Metrics()
    owed = [time() - 90]
    metrics.watch_owed(lambda: len(owed), lambda: min(owed, default=None))

    waiting = figures(metrics)
    owed.clear()
    done = figures(metrics)

    assert waiting["signpost_owed_messages"] == 1
    assert 90 <= waiting["signpost_owed_oldest_seconds"] < 100
    assert (done["signpost_owed_messages"], done["signpost_owed_oldest_seconds"]) == (0, 0)


def test_what_cannot_be_asked_is_unknown_and_not_none() -> None:
    """While one figure cannot be had the page shows the others, and for this one that it is no number."""
    metrics = Metrics()
    metrics.watch_owed(lambda: 1 // 0, lambda: None)

    page = figures(metrics)

    assert str(page["signpost_owed_messages"]) == "nan"
    assert page["signpost_owed_oldest_seconds"] == 0


def test_two_bots_in_one_process_do_not_mix() -> None:
    """Each counts for itself."""
    one, other = Metrics(), Metrics()

    one.outcome("soon")

    assert figures(one)["signpost_outcomes_total level=soon"] == 1
    assert figures(other)["signpost_outcomes_total level=soon"] == 0


def test_the_process_itself_is_measured() -> None:
    """Memory, processor time and open files stand on the page too, where the system tells them."""
    assert "python_info" in "".join(figures(Metrics()))


def test_the_guide_for_operators_names_each_metric() -> None:
    """Its table has a row for each metric with its labels, none too many, and explains every value of a result."""
    families = text_string_to_metric_families(Metrics().page()[0].decode())
    measured = {
        family.name + ("_total" if family.type == "counter" else ""): {
            label for sample in family.samples for label in sample.labels if label != "le"
        }
        for family in families
        if family.name.startswith("signpost_")
    }
    rows = re.findall(r"^\| `(signpost_\w+)` \| (.*?) ?\| (.*) \|$", GUIDE.read_text(encoding="utf-8"), re.MULTILINE)

    assert {name: set(re.findall(r"`(\w+)`", labels)) for name, labels, _ in rows} == measured
    told = {name: set(re.findall(r"`(\w+)`", text)) for name, _, text in rows}
    assert told["signpost_updates_total"] == set(SETTLED)
    assert told["signpost_api_calls_total"] == set(ANSWERS)
    assert told["signpost_messages_given_up_total"] == set(GIVEN_UP)
    assert told["signpost_outcomes_total"] == set(LEVELS)
    assert told["signpost_polls_total"] == set(POLLS)
    assert told["signpost_webhook_posts_total"] == set(POSTS)


def test_alerts_rest_on_what_is_measured() -> None:
    """Each metric and label value that the guide watches is one that there is."""
    page = Metrics().page()[0].decode()

    watched = re.findall(r"(signpost_\w+)(?:\{(\w+=\"\w+\")\})?", GUIDE.read_text(encoding="utf-8"))
    for name, label in watched:
        assert re.search(rf"^{name}(_count)?(\{{.*{label}.*\}})? ", page, re.MULTILINE), (name, label)
