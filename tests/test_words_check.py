"""S14: missing phrases and examples that are heard wrongly are told; and what a message by itself calls for."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.check.prove import Wish, prove
from bot.check.verdict import Verdict as Shown
from bot.flow.model import Level
from bot.flow.triage import judge
from bot.flow.understand.heard import Dismissed, Hearing, Noticed, Sure, Why
from bot.flow.understand.verdict import Danger, verdict
from bot.load import load_library
from tests.tiny_flows import ANY, EMERGENCY, ROUTINE, URGENT, Card, tiny

SMALL = Path(__file__).parent / "fixtures" / "small"
DANGERS = "content/en/dangers/signs.yaml"


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the small library that a test may edit."""
    return Path(shutil.copytree(SMALL, tmp_path / "library"))


def edit(library: Path, old: str, new: str) -> None:
    """Replace a text that stands once among the phrases."""
    path = library / DANGERS
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1
    path.write_text(text.replace(old, new), encoding="utf-8")


def shown(library: Path) -> Shown:
    """What the check says about the phrases."""
    wish = Wish(date(2026, 1, 1), only=frozenset({"S14"}))
    (verdict,) = prove(load_library(library / "flows", library / "content"), wish)
    return verdict


def told(library: Path) -> list[str]:
    """Each failure with its place."""
    return [f"{each.place.file}:{each.place.line}: {each.message}" for each in shown(library).failures]


def test_the_small_library_is_heard(copy: Path) -> None:
    """Unbroken, S14 holds, and says how much was tried."""
    assert shown(copy).holds
    assert shown(copy).notes == ("4 findings that are heard, 12 messages, 0 answers, 1 languages",)
    assert shown(copy).warnings == ()


def test_a_finding_without_phrases(copy: Path) -> None:
    """A danger that nobody can type is named with the language, the file and what to add."""
    text = (copy / DANGERS).read_text(encoding="utf-8")
    start, end = text.index("  bladder_change:"), text.index("  foot_weak:")
    (copy / DANGERS).write_text(
        text[:start] + text[end:].replace("<collapse>", "<collapse> .. <cannot>|<pee>"), "utf-8"
    )

    assert told(copy)[0] == (
        "content/en/dangers:1: nothing that people type in 'en' says the danger 'bladder_change' clearly: "
        "add 'bladder_change' with patterns and examples"
    )


def test_a_finding_that_is_never_clear(copy: Path) -> None:
    """Patterns that only may mean it are not enough."""
    edit(
        copy,
        "    clear: [<cannot> <pee>]\n    possible: [<pee> .. odd]\n",
        "    possible: [<pee> .. odd, <cannot> <pee>]\n",
    )

    assert told(copy)[0] == (
        f"{DANGERS}:9: nothing that people type in 'en' says the danger 'bladder_change' clearly: "
        "add patterns under 'clear'"
    )


def test_a_finding_that_another_adds(copy: Path) -> None:
    """What is noticed along with something else needs no phrases of its own."""
    text = (copy / DANGERS).read_text(encoding="utf-8")
    start, end = text.index("  foot_weak:"), text.index("  heard_collapse:")
    (copy / DANGERS).write_text(text[:start] + text[end:], "utf-8")

    assert shown(copy).holds


@pytest.mark.parametrize(
    ("old", "new", "says", "instead"),
    [
        (
            "examples: [my foot drags]",
            "examples: [my foot drags, my foot does not drag]",
            ":18: in 'my foot does not drag' 'foot_weak' has to be noticed clearly; heard instead",
            "not foot_weak (denied) from 'foot does not drag'",
        ),
        (
            "examples: [my foot drags]",
            "examples: [my foot drags, he cannot pee]",
            ":18: in 'he cannot pee' 'foot_weak' has to be noticed clearly; heard instead",
            "bladder_change (clear) from 'cannot pee'",
        ),
        (
            "examples: [my foot drags]",
            "examples: [my foot drags, my pee is odd]",
            ":18: in 'my pee is odd' 'foot_weak' has to be noticed clearly; heard instead",
            "bladder_change (possible) from 'pee is odd'",
        ),
        (
            "asks: [my pee is odd]",
            "asks: [my pee is odd, my tea is odd]",
            ":13: in 'my tea is odd' 'bladder_change' has to be noticed; heard instead",
            "nothing",
        ),
        (
            "near_misses: [he collapsed years ago]",
            "near_misses: [he collapsed years ago, maybe he collapsed]",
            ":25: in 'maybe he collapsed' 'heard_collapse' must not be noticed; heard instead",
            "heard_collapse (possible, supposed) from 'collapsed'",
        ),
    ],
)
def test_a_message_that_is_heard_wrongly(copy: Path, old: str, new: str, says: str, instead: str) -> None:
    """Each failure says which text in which line, what was heard instead, and because of which words."""
    edit(copy, old, new)

    assert told(copy) == [f"{DANGERS}{says}: {instead}"]


def test_a_check_back_may_be_clear(copy: Path) -> None:
    """What has to be asked about at least may be noticed clearly, too."""
    edit(copy, "asks: [my pee is odd]", "asks: [my pee is odd, he cannot pee]")

    assert shown(copy).holds


def test_no_near_miss_is_a_warning(copy: Path) -> None:
    """Phrases that were never tried against what is not meant are pointed out, and break nothing."""
    edit(copy, "    near_misses: [he collapsed years ago]\n", "")

    assert shown(copy).holds
    assert [each.message for each in shown(copy).warnings] == ["'heard_collapse' has no near miss in 'en': add one"]


# --- what a message by itself calls for -------------------------------------------------------------------------------

FLOW = tiny(
    "leg",
    "d_bladder d_recent d_weak d_side d_mild c_old s_sore h_collapse",
    [Card("signs", ANY, {"bladder": "d_bladder", "recent": "d_recent", "weak": "d_weak", "side": "d_side",
                         "mild": "d_mild", "old": "c_old", "sore": "s_sore"})],
    {
        "bladder": (EMERGENCY, EMERGENCY, "d_bladder and d_recent"),
        "side": (EMERGENCY, URGENT, "d_side and not c_old"),
        "weak": (URGENT, URGENT, "d_weak"),
        "sore": (URGENT, URGENT, "d_mild and s_sore"),
        "collapse": (EMERGENCY, EMERGENCY, "h_collapse"),
    },
)  # fmt: skip
HEARD = tuple(name for name in FLOW.findings if name[0] in "dh")


def heard(clear: str = "", possible: str = "") -> Hearing:
    """A hearing of these findings."""
    noticed = [Noticed(name, Sure.CLEAR, name) for name in clear.split()]
    noticed += [Noticed(name, Sure.POSSIBLE, name, Why.LONG) for name in possible.split()]
    return Hearing(tuple(noticed), (Dismissed("d_side", Why.PAST, "then"),))


@pytest.mark.parametrize(
    ("clear", "possible", "danger", "level", "findings"),
    [
        ("", "", Danger.NONE, None, {}),
        ("d_weak", "", Danger.CLEAR, URGENT, {"d_weak": URGENT}),
        ("", "d_weak", Danger.POSSIBLE, URGENT, {"d_weak": URGENT}),
        ("d_bladder", "", Danger.NONE, None, {}),
        ("d_bladder d_recent", "", Danger.CLEAR, EMERGENCY, {"d_bladder": EMERGENCY, "d_recent": EMERGENCY}),
        ("d_bladder", "d_recent", Danger.POSSIBLE, EMERGENCY, {"d_bladder": EMERGENCY, "d_recent": EMERGENCY}),
        ("d_weak", "h_collapse", Danger.CLEAR, URGENT, {"d_weak": URGENT, "h_collapse": EMERGENCY}),
        ("d_mild", "", Danger.NONE, None, {}),
        ("d_side", "", Danger.CLEAR, EMERGENCY, {"d_side": EMERGENCY}),
        ("d_gone s_sore c_old", "", Danger.NONE, None, {}),
    ],
)
def test_the_verdict(
    clear: str, possible: str, danger: Danger, level: Level | None, findings: dict[str, Level]
) -> None:
    """Clear when what is clear calls for a pressing level, possible when the rest would; the rest is noted."""
    found = verdict(FLOW, heard(clear, possible))

    assert (found.danger, found.level) == (danger, level)
    assert {each.noticed.finding: each.level for each in found.findings} == findings
    assert {each.noticed.finding for each in found.noted} == {*clear.split(), *possible.split()} - findings.keys()
    assert [each.why for each in found.dismissed] == [Why.PAST]


@given(st.sets(st.sampled_from(HEARD)), st.sets(st.sampled_from(HEARD)))
def test_the_verdict_only_rises(clear: set[str], possible: set[str]) -> None:
    """It is never below what the flow's own judge makes of it, and hearing more never lowers it."""
    found = verdict(FLOW, heard(" ".join(clear), " ".join(possible - clear)))
    more = verdict(FLOW, heard(" ".join(clear | possible)))
    judged = judge(FLOW, sum(FLOW.bits[name] for name in clear), 0, -1)[0]

    assert (found.level or ROUTINE).rank >= judged.rank
    assert (more.level or ROUTINE).rank >= (found.level or ROUTINE).rank
    assert more.danger is not Danger.POSSIBLE
    assert (found.danger is Danger.NONE) == (found.level is None)
