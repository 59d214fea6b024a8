"""S13 can fail: an engine or a flow that lets words answer, calm or hide is found out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from bot.check.prover import Budget
from bot.check.subject import Subject
from bot.check.verdict import Findings
from bot.check.words import s13
from bot.flow import words
from bot.flow.fitting import answer_to
from bot.flow.model import Flow, Level
from bot.flow.replay import State
from bot.flow.session import Answered, Guessed, Input
from tests.served import LIBRARY
from tests.tiny_flows import ALL, ANY, FOOT, ONE, SOON, URGENT, Card, library_of, tiny

WEAK = Card("weak", ONE, {"weak": "d_weak", "fine": ""})


def _found(flow: Flow, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    monkeypatch.setattr("bot.check.words.chat", lambda *_: ())
    subject = Subject.of(library_of(flow), flow, Budget())
    found = Findings()
    s13(subject, found, lambda _: None)
    subject.close()
    return [failure.message for failure in found.failures]


# In FOOT a doubt counts for more than a yes, which S3 and S13 rightly tell.
@pytest.mark.parametrize("flow", [flow for flow in ALL if flow is not FOOT], ids=lambda flow: flow.id)
def test_s13_holds_of_odd_flows(flow: Flow, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever a flow uses, words keep to what they may do."""
    assert _found(flow, monkeypatch) == []


def test_s13_tells_words_that_hide_a_question(monkeypatch: pytest.MonkeyPatch) -> None:
    """A question about a danger that is left out once something is heard is found."""
    cards = [Card("first", ONE, {"a": "d_a", "b": ""}), replace(WEAK, when="not h_collapse and not d_a")]
    rules: dict[str, tuple[Level, Level | None, str]] = {
        "weak": (URGENT, None, "d_weak"), "heard": (SOON, None, "h_collapse or d_a"),
    }  # fmt: skip
    found = _found(tiny("hides", "d_weak d_a h_collapse", cards, rules), monkeypatch)
    assert "typed words can skip the question 'weak' in this conversation" in found


def test_s13_tells_words_that_calm(monkeypatch: pytest.MonkeyPatch) -> None:
    """A rule that something heard makes false is found."""
    flow = tiny("calms", "d_weak h_fine", [WEAK], {"weak": (URGENT, URGENT, "d_weak and not h_fine")})
    assert "typed words can lower the level of this conversation" in _found(flow, monkeypatch)


def _accept_all(_flow: Flow, guesses: tuple[Guessed, ...], _at: int) -> tuple[Input, ...]:
    return tuple(answer_to(guess) for guess in guesses)


def _count_at_once(_flow: Flow, _state: State, guesses: tuple[Guessed, ...], at: int) -> tuple[Input, ...]:
    return tuple(Answered(each.question, each.options, at, number=each.number) for each in guesses)


def _hear_anything(_flow: Flow, findings: tuple[str, ...]) -> tuple[str, ...]:
    return findings


@pytest.mark.parametrize(
    ("name", "broken", "told"),
    [
        ("_accepted", _accept_all, "a confirmed first message answers 'signs', which asks for a danger sign"),
        ("_guessed", _count_at_once, "a first message that speaks of 'signs' counts before it is confirmed, or after"),
        ("_heard", _hear_anything, "'c_old' is no danger sign and is taken from typed words in passing"),
    ],
)
def test_s13_tells_an_engine_that_takes_too_much_from_words(
    name: str, broken: Callable[..., object], told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An engine that answers dangers with guesses, or believes what calms, is found out."""
    flow = next(each for each in ALL if each.id == "pelvis")
    monkeypatch.setattr(words, name, broken)
    assert any(message.startswith(told) for message in _found(flow, monkeypatch))


def test_s13_tells_an_engine_that_forgets_to_ask_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """An engine in which a possible danger is not asked about is found out."""
    monkeypatch.setattr("bot.flow.replay._ask_about_words", lambda *_: None)
    flow = tiny("asks", "d_weak d_a", [WEAK, Card("a", ANY, {"a": "d_a"})], {"a": (URGENT, URGENT, "d_a")})
    assert any(message.endswith("is not asked about") for message in _found(flow, monkeypatch))


def test_words_are_in_the_library() -> None:
    """The shipped flow has dangers that are only heard; otherwise these tests would be about nothing."""
    assert all(flow.heard for flow in LIBRARY.flows.values())
