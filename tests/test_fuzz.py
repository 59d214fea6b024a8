"""Updates and bodies at random, a small helping of what `make fuzz` sends."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fuzz.fuzz import fuzz_posts, fuzz_updates
from tests.fuzz.judge import Judge
from tests.fuzz.shapes import types, update_kinds


def test_two_thousand_updates_break_nothing(tmp_path: Path) -> None:
    """All are settled, counted and answered; nothing escapes, and the log tells nothing about anybody."""
    report = fuzz_updates(tmp_path / "s.db", 2000, seed=7, people=30)
    assert report.problems == {}, str(report)
    rows = dict(report.rows)
    assert rows["callback_query, applied"]
    assert rows["message, applied"]
    assert rows["other, ignored"]


def test_two_hundred_bodies_break_nothing(tmp_path: Path) -> None:
    """All are accepted but for those that are too large; forged ones are refused and change nothing."""
    report = fuzz_posts(tmp_path / "s.db", 200, seed=7, people=30)
    assert report.problems == {}, str(report)
    assert dict(report.rows)["forged, 403"]


def test_the_data_holds_every_kind_of_update() -> None:
    """The kinds and types are those of the Bot API, each with all that it is made of."""
    assert {"message", "edited_message", "channel_post", "callback_query", "my_chat_member", "poll"} <= {
        *update_kinds()
    }
    assert len(types()) > 200


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("at ERROR signpost.telegram an update broke the dialogue: KeyError in bot.x:1", "an error of ours"),
        ("at ERROR signpost.telegram a batch broke: IndexError in bot.x:1", "an error of ours"),
        ("at WARNING signpost.telegram a message could not be sent (Note): TypeError in bot.x:1", "an error of ours"),
        ("at ERROR signpost.telegram the database fails, so messages wait: it is full", "the log says"),
        ("at INFO signpost.telegram turn session=kumquat", "a line of the log tells"),
        ("at ERROR signpost.telegram a message could not be sent (Card): BadRequest in telegram.x:1", ""),
        ("at INFO signpost.telegram turn session=5f flow=leg_lift", ""),
    ],
)
def test_the_judge_tells_our_mistakes_from_refusals(line: str, problem: str) -> None:
    """What Telegram refuses is no mistake of the bot; any other error in the log is, and so is whatever betrays."""
    judge = Judge()
    judge.heard(line)
    assert [each.partition(":")[0][: len(problem)] for each in judge.problems] == ([problem] if problem else [])
