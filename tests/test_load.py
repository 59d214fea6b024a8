"""What loading gives: the small library, piece by piece, and what changes a flow's version."""

from __future__ import annotations

import shutil
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.flow.model import Audience, Choose, Flow, Kind, Level
from bot.load import Issue, Library, LoadError, Place, load_library
from bot.load.issues import LoadRule
from bot.shipped import content_dir, flows_dir

SMALL = Path(__file__).parent / "fixtures" / "small"


@pytest.fixture(scope="module")
def small() -> Library:
    """The small library."""
    return load_library(SMALL / "flows", SMALL / "content")


@pytest.fixture(scope="module")
def leg(small: Library) -> Flow:
    """Its one flow."""
    return small.flows["leg"]


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the small library that a test may edit."""
    return Path(shutil.copytree(SMALL, tmp_path / "library"))


def load(library: Path) -> Library:
    """Load a copy."""
    return load_library(library / "flows", library / "content")


def edit(library: Path, file: str, old: str, new: str) -> None:
    """Replace a text that stands once in a file."""
    path = library / file
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1
    path.write_text(text.replace(old, new), encoding="utf-8")


# --- the flow ---------------------------------------------------------------------------------------------------------


def test_questions_keep_their_order(leg: Flow) -> None:
    """Shared questions stand where the flow uses them."""
    assert [question.id for question in leg.questions] == ["about", "age", "pelvis", "foot", "steady", "pain"]
    assert [question.choose for question in leg.questions[:3]] == [Choose.ONE, Choose.NUMBER, Choose.ANY]


def test_options_are_compiled_to_bits(leg: Flow) -> None:
    """Options set, deny, mean none of these or not sure."""
    pelvis, foot = leg.question("pelvis"), leg.question("foot")
    assert leg.names(pelvis.by_id["saddle"].sets) == ("saddle_numbness",)
    assert leg.names(foot.by_id["fine"].denies) == ("foot_weak",)
    assert pelvis.none is pelvis.by_id["none"]
    assert pelvis.unsure is pelvis.by_id["unsure"]


def test_number_bands(leg: Flow) -> None:
    """Every accepted number lies in exactly one band."""
    age = leg.question("age")
    assert (age.smallest, age.largest) == (0, 120)
    held = [[option.id for option in age.choices if option.holds(number)] for number in (0, 15, 16, 120)]
    assert held == [["under_16"], ["under_16"], ["adult"], ["adult"]]


def test_conditions_read_findings_and_definitions(leg: Flow) -> None:
    """A rule sees through a definition to the findings."""
    rule = leg.rules_by_id["pelvic_signs"]
    assert leg.names(rule.when.reads) == ("saddle_numbness", "bladder_change")
    assert leg.names(leg.question("steady").when.plain) == ("foot_weak",)


def test_rules_and_actions(leg: Flow) -> None:
    """Rules keep their level, their unsure level, their action and what doctors rule out."""
    rule = leg.rules[0]
    assert (rule.level, rule.unsure, rule.action) == (Level.EMERGENCY, Level.EMERGENCY, "hospital")
    assert rule.names == ("cauda_equina_syndrome",)
    assert leg.default is Level.ROUTINE
    assert leg.actions == {
        Level.EMERGENCY: "hospital",
        Level.URGENT: "same_day",
        Level.SOON: "appointment",
        Level.ROUTINE: "appointment",
    }


def test_evidence_has_weights(leg: Flow) -> None:
    """Strong evidence weighs 3, some 1, and what speaks against counts negative."""
    weights = {cause.id: {each.id: each.weight for each in cause.evidence} for cause in leg.causes}
    assert weights == {
        "sciatica": {"pain_below_knee": 3, "no_groin_pain": 1, "foot_weak": 1, "stiff": -1},
        "hip_arthritis": {"pain_groin": 3, "stiff": 3, "child": -3, "pain_below_knee": -1},
    }


def test_audiences_keep_their_order(leg: Flow) -> None:
    """The order in the file is the order of trying."""
    assert list(leg.audiences) == [Audience.CHILD, Audience.THEY]


def test_every_finding_has_its_kind(leg: Flow) -> None:
    """All findings are in every flow, heard ones too."""
    assert leg.kinds["foot_weak"] is Kind.DANGER
    assert leg.names(leg.heard) == ("heard_collapse",)


def test_own_condition_takes_the_place_of_the_shared_one(copy: Path) -> None:
    """A `use` with a `when` decides alone when the question is asked."""
    edit(copy, "flows/shared.yaml", "  - id: age\n", "  - id: age\n    when: about_me\n")
    shared = load(copy).flows["leg"]
    edit(copy, "flows/leg.yaml", "  - use: age\n", "  - use: age\n    when: about_child\n")
    own = load(copy).flows["leg"]

    assert shared.names(shared.question("age").when.reads) == ("about_me",)
    assert own.names(own.question("age").when.reads) == ("about_child",)


def test_condition_over_several_lines(copy: Path) -> None:
    """Line breaks in a condition mean nothing."""
    edit(copy, "flows/leg.yaml", "      when: pelvic\n", "      when: |\n        pelvic\n        or foot_weak\n")
    edit(copy, "flows/safety.yaml", "    when: pelvic\n", "    when: >-\n      pelvic\n      and foot_weak\n")

    library = load(copy)
    leg = library.flows["leg"]
    assert leg.names(leg.rules[0].when.reads) == ("saddle_numbness", "bladder_change", "foot_weak")
    assert leg.names(library.safety[0].when.reads) == ("saddle_numbness", "bladder_change", "foot_weak")


def test_conditions_as_they_are_written(copy: Path) -> None:
    """Each condition is kept in its author's words, in one line; what has none has no entry."""
    edit(copy, "flows/shared.yaml", "  - id: age\n", "  - id: age\n    when: about_me\n")
    edit(copy, "flows/leg.yaml", "      when: pelvic\n", "      when: |\n        pelvic\n        or foot_weak\n")

    assert load(copy).written == {
        ("audience", "leg", "child"): "about_child",
        ("audience", "leg", "they"): "about_adult",
        ("cause", "leg", "sciatica"): "pain_below_knee or foot_weak",
        ("definition", "leg", "no_groin_pain"): "not pain_groin",
        ("definition", "leg", "pelvic"): "saddle_numbness or bladder_change",
        ("notice", "leg", "child_alone"): "about_me and child",
        ("question", "leg", "age"): "about_me",
        ("question", "leg", "steady"): "foot_weak",
        ("rule", "leg", "collapse"): "heard_collapse",
        ("rule", "leg", "pelvic_signs"): "pelvic or foot_weak",
        ("rule", "leg", "weak_foot"): "foot_weak and not long_steady",
    }


# --- safety, sources, places ------------------------------------------------------------------------------------------


def test_safety_rows_fit_the_flow(small: Library, leg: Flow) -> None:
    """The oracle's bits are the flow's bits."""
    row = small.safety[1]
    assert (row.id, row.level, row.sources) == ("weak_foot", Level.URGENT, ("toy_back",))
    assert row.says.startswith("A foot that newly")
    assert row.when.value(leg.bits["foot_weak"], leg.bits["long_steady"]) is True
    assert row.when.value(leg.bits["foot_weak"], 0) is None


def test_sources(small: Library) -> None:
    """Sources keep what is known about them."""
    assert small.sources["toy_back"].year == 2025
    assert small.sources["toy_hip"].url == "toy:hip"
    assert small.rule_sources["leg", "weak_foot"] == ("toy_back",)


def test_reasons_for_skipping(copy: Path) -> None:
    """Where leaving a question out denies its findings, the written reason is at hand."""
    edit(
        copy, "flows/leg.yaml", "    when: foot_weak\n", "    when: foot_weak\n    skipped_means_no: Nothing is weak.\n"
    )

    library = load(copy)
    assert library.flows["leg"].question("steady").skipped_means_no
    assert library.skip_reasons == {("leg", "steady"): "Nothing is weak."}


@pytest.mark.parametrize(
    ("key", "line_starts"),
    [
        (("finding", "stiff"), "  stiff:"),
        (("source", "toy_hip"), "  toy_hip:"),
        (("row", "collapse"), "  - row: collapse"),
        (("flow", "leg"), "flow: leg"),
        (("definition", "leg", "pelvic"), "  pelvic:"),
        (("question", "leg", "foot"), "  - id: foot"),
        (("question", "leg", "age"), "  - id: age"),
        (("option", "leg", "foot", "weak"), "      weak:"),
        (("option", "leg", "age", "adult"), "      adult:"),
        (("rule", "leg", "collapse"), "    - rule: collapse"),
        (("notice", "leg", "child_alone"), "  child_alone:"),
        (("cause", "leg", "sciatica"), "  sciatica:"),
        (("text", "en", "ui", "done"), "  done:"),
        (("text", "en", "said", "stiff"), "  stiff:"),
        (("text", "en", "denied", "foot_weak"), "  foot_weak:"),
        (("text", "en", "action", "same_day"), "  same_day:"),
        (("text", "en", "cause", "sciatica"), "name: Sciatica"),
        (("text", "en", "leg"), "title:"),
        (("text", "en", "leg", "question", "foot"), "  foot:"),
        (("text", "en", "leg", "question", "age"), "  age:"),
        (("text", "en", "leg", "rule", "collapse"), "  collapse:"),
        (("text", "en", "leg", "notice", "child_alone"), "  child_alone:"),
    ],
)
def test_places_tell_where_things_stand(small: Library, key: tuple[str, ...], line_starts: str) -> None:
    """A place is the line on which the thing itself begins."""
    place = small.place(*key)
    assert (SMALL / place.file).read_text(encoding="utf-8").splitlines()[place.line - 1].startswith(line_starts)


# --- texts ------------------------------------------------------------------------------------------------------------


def test_words_are_replaced_by_audience(small: Library) -> None:
    """One text in the files, three wordings when it is shown."""
    ask = small.texts["en"].flows["leg"].questions["foot"].ask
    assert ask.to(Audience.ME) == "Can you pull your foot up?"
    assert ask.to(Audience.THEY) == "Can they pull their foot up?"
    assert ask.to(Audience.CHILD) == "Can they pull your child's foot up?"


def test_capital_word(small: Library) -> None:
    """{You} begins a sentence."""
    because = small.texts["en"].flows["leg"].rules["pelvic_signs"].because
    assert because.they == "They may lose control of the bladder if this waits."


def test_written_variants(small: Library) -> None:
    """Where words cannot do it, the file writes each wording out."""
    ask = small.texts["en"].flows["leg"].questions["age"].ask
    assert (ask.me, ask.child) == ("How old are you?", "How old is your child?")


def test_runtime_placeholders_are_left_alone(small: Library) -> None:
    """<Angle brackets> are filled when the text is shown."""
    assert "<done>" in small.texts["en"].ui["progress"].me


def test_option_texts(small: Library) -> None:
    """A string is label and text at once."""
    questions = small.texts["en"].flows["leg"].questions
    saddle, weak = questions["pelvis"].options["saddle"], questions["foot"].options["weak"]
    assert saddle.label.me == "Numb between the legs"
    assert saddle.text.me.startswith("Numb or odd feeling")
    assert weak.label == weak.text


def test_what_may_be_left_out(small: Library) -> None:
    """Hint, second asking, phone and don'ts are not everywhere."""
    texts = small.texts["en"].flows["leg"]
    assert texts.questions["pain"].hint is None
    assert texts.questions["pain"].again is None
    assert texts.rules["weak_foot"].dont == ()
    assert [text.me for text in texts.rules["pelvic_signs"].dont] == ["Do not wait until tomorrow."]
    assert [text.me for text in texts.watch] == ["it goes numb between the legs", "your bladder changes"]


def test_actions_and_causes(small: Library) -> None:
    """Actions and causes of the language."""
    texts = small.texts["en"]
    assert texts.actions["same_day"].do[0].child == "Call your child's doctor now."
    cause = texts.causes["sciatica"]
    assert (cause.last_reviewed, cause.reviewed_by, cause.sources) == (date(2026, 11, 22), "", ("toy_back",))
    assert [text.me for text in texts.causes["hip_arthritis"].notice] == ["Groin pain", "Stiff mornings"]


def test_second_language(copy: Path) -> None:
    """Another language is another folder; what it lacks is named in its own files."""
    shutil.copytree(copy / "content/en", copy / "content/pt-BR")
    edit(copy, "content/pt-BR/language.yaml", "language: English", "language: Português")
    assert load(copy).texts["pt-BR"].name == "Português"

    edit(copy, "content/pt-BR/leg.yaml", "      groin: Pain in the groin\n", "")
    (copy / "content/pt-BR/causes/sciatica.yaml").unlink()
    with pytest.raises(LoadError) as caught:
        load(copy)
    assert [(issue.file, issue.rule) for issue in caught.value.issues] == [
        ("content/pt-BR/leg.yaml", "missing-text"),
        ("flows/leg.yaml", "cause-text"),
    ]


# --- the version ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("flows/leg.yaml", "flow: leg\n", "flow: leg  # still the same\n"),
        ("flows/leg.yaml", "when: foot_weak and not long_steady", "when: foot_weak   and\n        not long_steady"),
        ("flows/leg.yaml", "syndrome]\n      sources: [toy_back]", "syndrome]\n      sources: [toy_hip]"),
        ("flows/findings.yaml", "means: The hip is stiff.", "means: The hip hardly bends."),
        ("flows/findings.yaml", "findings:\n", "findings:\n  cough: {kind: symptom, means: A cough.}\n"),
        ("flows/safety.yaml", "    level: urgent\n", "    level: soon\n"),
        ("content/en/leg.yaml", "title: Hard to lift a leg", "title: A leg that is hard to lift"),
    ],
)
def test_version_stays(copy: Path, file: str, old: str, new: str) -> None:
    """What does not shape the course leaves running checks alone."""
    before = load(copy).flows["leg"].version
    edit(copy, file, old, new)

    assert load(copy).flows["leg"].version == before


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        (
            "flows/leg.yaml",
            "  pelvic: saddle_numbness or bladder_change",
            "  pelvic: saddle_numbness and bladder_change",
        ),
        (
            "flows/leg.yaml",
            "  child: about_child\n  they: about_adult\n",
            "  they: about_adult\n  child: about_child\n",
        ),
        ("flows/leg.yaml", "    when: foot_weak\n", "    when: foot_weak\n    skipped_means_no: Nothing is weak.\n"),
        ("flows/leg.yaml", "    when: foot_weak\n", ""),
        ("flows/leg.yaml", "weak: {sets: [foot_weak]}", "weak: {sets: [foot_weak, stiff]}"),
        ("flows/leg.yaml", "child_alone: about_me and child", "child_alone: about_me or child"),
        ("flows/leg.yaml", "  default: routine", "  default: soon"),
        ("flows/leg.yaml", "    soon: appointment", "    soon: same_day"),
        ("flows/leg.yaml", "      unsure: urgent", "      unsure: emergency"),
        ("flows/leg.yaml", "strong: [pain_groin, stiff]", "strong: [pain_groin], some: [stiff]"),
        ("flows/shared.yaml", "under_16: {below: 16", "under_16: {below: 14"),
        ("flows/findings.yaml", "long_steady: {kind: context", "long_steady: {kind: symptom"),
    ],
)
def test_version_changes(copy: Path, file: str, old: str, new: str) -> None:
    """What shapes the course makes another version."""
    before = load(copy).flows["leg"].version
    edit(copy, file, old, new)
    if "below: 14" in new:
        edit(copy, file, "adult: {from: 16}", "adult: {from: 14}")
    if "foot_weak, stiff" in new:
        edit(copy, file, "      stiff: {sets: [stiff]}", "      stiff: {}")

    assert load(copy).flows["leg"].version != before


# --- the whole --------------------------------------------------------------------------------------------------------


def test_shipped_library_loads() -> None:
    """What Signpost comes with has no mistakes."""
    library = load_library(flows_dir(), content_dir())
    assert library.flows.keys() == library.texts["en"].flows.keys()


def test_issues_name_the_folder_wherever_it_lies(copy: Path) -> None:
    """A folder elsewhere keeps its own name in the report."""
    (copy / "flows").rename(copy / "ours")
    edit(copy, "ours/leg.yaml", "  default: routine", "  default: none")
    with pytest.raises(LoadError) as caught:
        load_library(copy / "ours", copy / "content")

    assert [issue.file for issue in caught.value.issues] == ["ours/leg.yaml"]


def test_report_is_sorted_and_says_things_once() -> None:
    """By file, then line; the same mistake found twice is one."""
    first, second = Issue("a.yaml", 9, "too-deep", "x"), Issue("a.yaml", 10, "too-deep", "x")
    error = LoadError([second, first, second])
    assert error.issues == (first, second)
    assert str(error) == "a.yaml:9: too-deep: x\na.yaml:10: too-deep: x"


def test_importing_is_quick() -> None:
    """Pydantic is imported when something is loaded, not by whoever names the loader."""
    script = "import sys, bot.load; sys.exit('pydantic' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0


FILES = sorted(path.relative_to(SMALL).as_posix() for path in SMALL.glob("*/**/*.yaml"))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(file=st.sampled_from(FILES), data=st.data())
def test_slips_of_the_keyboard_are_reported(
    tmp_path_factory: pytest.TempPathFactory, file: str, data: st.DataObject
) -> None:
    """Whatever line is lost, doubled, moved or garbled: the library loads, or the report names lines that exist."""
    library = Path(shutil.copytree(SMALL, tmp_path_factory.mktemp("slip") / "library"))
    lines = (library / file).read_text(encoding="utf-8").splitlines()
    at = data.draw(st.integers(0, len(lines) - 1))
    slip = data.draw(st.sampled_from(("lose", "double", "indent", "garble", "cut")))
    garbled = data.draw(st.text(max_size=8)) if slip == "garble" else ""
    lines[at : at + 1] = {
        "lose": [],
        "double": [lines[at]] * 2,
        "indent": ["  " + lines[at]],
        "garble": [lines[at].replace(":", f":{garbled}", 1)],
        "cut": [lines[at][: len(lines[at]) // 2]],
    }[slip]
    (library / file).write_bytes("\n".join(lines).encode("utf-8", "surrogatepass"))

    try:
        load(library)
    except LoadError as error:
        rules = {rule.value for rule in LoadRule}
        for issue in error.issues:
            path = library / issue.file
            assert issue.rule in rules
            length = len(path.read_text(encoding="utf-8", errors="replace").split("\n")) if path.is_file() else 1
            assert 1 <= issue.line <= length, issue


def test_place_of_something_unknown(small: Library) -> None:
    """Nobody is sent to a wrong line."""
    assert small.place("flow", "leg") == Place("flows/leg.yaml", 2)
    with pytest.raises(KeyError):
        small.place("flow", "arm")
