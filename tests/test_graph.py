"""`signpost graph`: everything of a flow is in its picture, readable, in its place, whatever the texts say."""

from __future__ import annotations

import json
import re
import shutil
import signal
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from xml.etree import ElementTree as ET

import pytest

from bot.cli import main
from bot.flow.model import Level
from bot.graph import draw_mermaid, draw_svg
from bot.graph.measure import lines_of, shortened, width_of, width_of_all
from bot.graph.page import BOTTOM, HEIGHT, INSET, LEFT, RIGHT, TEXT, TOP, WIDTH
from bot.graph.svg import COLOURS, INK, PAPER, QUIET
from bot.graph.words import Look, Run, clean, readable
from bot.load import Library, OptionText, Text, load_library
from tests.served import LIBRARY
from tests.test_terminal_kit import Place

ROOT = Path(__file__).parent.parent
SMALL = ROOT / "tests" / "fixtures" / "small"
SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = (
    '</text><script>alert("1")</script> & ]]> <!-- `"]; end %%{init: {}}%% | **b** _i_ [x](y) \\ #quot;'
    " \x08\u202e\ufffe"
)


def library_of(which: str) -> Library:
    """The library of one of the flows here."""
    if which == "shipped":
        return LIBRARY
    return small_library() if which == "small" else large_library()


@cache
def drawn(which: str) -> str:
    """The picture of one of the flows here, drawn once."""
    library = library_of(which)
    return draw_svg(library, next(iter(library.flows)), "en")


DRAWINGS: dict[str, Callable[[], str]] = {
    "docs/leg_lift.svg": lambda: drawn("shipped"),
    "docs/leg_lift_first_page.svg": lambda: draw_svg(LIBRARY, "leg_lift", "en", page=1),
    "docs/leg_lift.md": lambda: draw_mermaid(LIBRARY, "leg_lift", "en"),
}


# --- flows to draw ----------------------------------------------------------------------------------------------------


@pytest.fixture
def small() -> Library:
    """The small library."""
    return small_library()


@cache
def small_library() -> Library:
    """The small library, loaded once."""
    return load_library(SMALL / "flows", SMALL / "content")


@cache
def large_library() -> Library:
    """A flow with 66 questions and 83 rules; one rule and one option are as long as they may be."""
    with TemporaryDirectory() as folder:
        return _grown(Path(shutil.copytree(SMALL, Path(folder) / "library")))


def _grown(folder: Path) -> Library:
    names = [f"a_finding_with_quite_a_long_name_{number}" for number in range(240)]
    asked = [names[place : place + 4] for place in range(0, 240, 4)]
    every = " or ".join(f"({a} and not {b})" for a, b in pairwise(names[:25]))
    _add(folder, "flows/findings.yaml", [f"  {name}: {{kind: danger, means: Something.}}" for name in names])
    _insert(folder, "flows/leg.yaml", "notices:", [line for four in asked for line in _question(four)])
    rules = [_rule(number, every if not number else " or ".join(names[:3])) for number in range(80)]
    _insert(folder, "flows/leg.yaml", "causes:", rules)
    _insert(folder, "content/en/leg.yaml", "rules:", [line for four in asked for line in _texts(four)])
    titles = [f"  rule_{number}: {{title: Rule {number}, because: Because., phone: Say so.}}" for number in range(80)]
    _insert(folder, "content/en/leg.yaml", "notices:", titles)
    words = [f"  {name}: {{}} said".replace("{}", "It") for name in names]
    _insert(folder, "content/en/findings.yaml", "denied:", words)
    _add(folder, "content/en/findings.yaml", words)
    return load_library(folder / "flows", folder / "content")


def _question(names: list[str]) -> list[str]:
    options = ", ".join(f"o{place}: {{sets: [{name}]}}" for place, name in enumerate(names))
    options += ", none: {denies: rest}, unsure: {unsure: true}"
    return [f"  - {{id: q_{names[0]}, choose: any, when: not foot_weak, options: {{{options}}}}}"]


def _texts(names: list[str]) -> list[str]:
    words = {f"o{place}": "W" * 32 for place in range(4)} | {"none": "None", "unsure": "Not sure"}
    long = {"label": "W" * 32, "text": "M" * 160}
    texts = {"ask": "W" * 300, "why": "Why", "again": "Again", "short": "M" * 30, "options": words | {"o0": long}}
    return [f"  q_{names[0]}: {json.dumps(texts)}"]


def _rule(number: int, when: str) -> str:
    level = ("emergency", "urgent")[number % 2]
    return (
        f"    - {{rule: rule_{number}, level: {level}, action: hospital, unsure: urgent,"
        f" when: {when if level == 'urgent' else when.replace('not ', '')}, sources: [toy_back]}}"
    )


def _add(folder: Path, name: str, lines: list[str]) -> None:
    path = folder / name
    path.write_text(path.read_text("utf-8") + "\n".join(lines) + "\n", "utf-8")


def _insert(folder: Path, name: str, before: str, lines: list[str]) -> None:
    path = folder / name
    text = path.read_text("utf-8")
    assert f"\n{before}\n" in text
    path.write_text(text.replace(f"\n{before}\n", "\n" + "\n".join([*lines, before]) + "\n"), "utf-8")


def _hostile(library: Library) -> Library:
    """The same library, with texts that want to break out of the picture."""
    bad = Text(HOSTILE, HOSTILE, HOSTILE)
    texts = library.texts["en"]
    flow = texts.flows["leg"]
    questions = {
        name: replace(text, ask=bad, short=bad, options=dict.fromkeys(text.options, OptionText(bad, bad)))
        for name, text in flow.questions.items()
    }
    rules = {name: replace(text, title=bad) for name, text in flow.rules.items()}
    causes = {name: replace(text, name=bad, reviewed_by=HOSTILE) for name, text in texts.causes.items()}
    flow = replace(flow, title=bad, about=bad, questions=questions, rules=rules)
    ui = texts.ui | {f"level_{level.value}": bad for level in Level}
    return replace(library, texts={"en": replace(texts, flows={"leg": flow}, causes=causes, ui=ui)})


# --- reading a picture ------------------------------------------------------------------------------------------------


def root_of(svg: str) -> ET.Element:
    """The picture, read by a strict parser."""
    return ET.fromstring(svg)  # noqa: S314 - we have just written it


def words_of(svg: str) -> str:
    """Everything that can be read in a picture, with single spaces."""
    lines = ("".join(text.itertext()) for text in root_of(svg).iter(f"{SVG}text"))
    return " ".join(" ".join(lines).split())


def looks_of(text: ET.Element) -> Iterator[Run]:
    """The pieces of a line as they were measured."""
    bold = text.get("font-weight") == "bold"
    yield Run(text.text or "", Look.STRONG if bold else Look.PLAIN)
    for span in text:
        yield Run(span.text or "", Look.STRONG if span.get("font-weight") == "bold" else Look.PLAIN)
        yield Run(span.tail or "")


def check_fit(svg: str) -> None:
    """No text leaves its box, no box its sheet, and no two lines stand in each other's place."""
    lowest: dict[int, float] = {}
    for box in root_of(svg).iterfind(f"{SVG}g/{SVG}g"):
        frames = [rect for rect in box.iterfind(f"{SVG}rect") if rect.get("stroke-width") and rect.get("rx") == "6"]
        ys = [float(text.get("y", "")) for text in box.iter(f"{SVG}text")]
        page = int(ys[0] // HEIGHT)
        top, bottom = page * HEIGHT + TOP, page * HEIGHT + BOTTOM
        right = RIGHT
        for frame in frames:
            top = float(frame.get("y", ""))
            bottom = top + float(frame.get("height", ""))
            right = RIGHT - INSET
            assert top >= lowest.get(page, 0.0)
        assert page * HEIGHT + TOP <= top
        assert bottom <= page * HEIGHT + BOTTOM + 0.01
        lowest[page] = max(ys)
        before: dict[float, float] = {}
        plate: ET.Element | None = None
        for mark in box:
            if mark.tag == f"{SVG}rect":
                plate = mark
            if mark.tag != f"{SVG}text":
                continue
            size, x, y = float(mark.get("font-size", "")), float(mark.get("x", "")), float(mark.get("y", ""))
            width = width_of_all(looks_of(mark), size)
            assert size >= TEXT
            if mark.get("text-anchor") == "middle":
                assert plate is not None
                room = float(plate.get("width", ""))
                assert width <= room
            else:
                assert x >= LEFT
                assert x + width <= right + 0.01, "".join(mark.itertext())
                assert top < y - size * 0.7
                assert y + size * 0.25 <= bottom + 0.01, "".join(mark.itertext())
                assert x >= before.get(y, 0.0)
                before[y] = x + width


# --- what is in it ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["leg_lift", "leg"])
def test_everything_is_in_the_picture(name: str, small: Library) -> None:
    """Every question, answer, rule, cause, action, definition, source and level can be read there."""
    library = LIBRARY if name == "leg_lift" else small
    flow, texts = library.flows[name], library.texts["en"]
    said = words_of(drawn("shipped" if library is LIBRARY else "small"))
    own = texts.flows[name]
    expected = [flow.version, own.title.me, own.about.me, *(texts.ui[f"level_{level}"].me for level in Level)]
    for question in flow.questions:
        expected += [question.id, own.questions[question.id].ask.me, own.questions[question.id].short.me]
        expected += [own.questions[question.id].options[option.id].text.me for option in question.options]
    for rule in flow.rules:
        expected += [rule.id, own.rules[rule.id].title.me, texts.actions[rule.action].headline.me]
        expected += library.rule_sources[name, rule.id]
    for cause in flow.causes:
        expected += [cause.id, texts.causes[cause.id].name.me]
        expected += [evidence.id.replace("_", " ") for evidence in cause.evidence]
    expected += [defined.replace("_", " ") for defined in flow.defined]

    assert [text for text in expected if " ".join(text.split()) not in said] == []


def test_conditions_stand_there_as_written(small: Library) -> None:
    """Names stay what their author wrote, and a definition is explained once."""
    said = words_of(draw_svg(small, "leg", "en"))

    assert "Only if: foot weak Danger" not in said
    assert "Only if: foot weak" in said
    assert "If: pelvic Do: Go to hospital now. Not sure: EMERGENCY" in said
    assert "pelvic: saddle numbness or bladder change" in said
    assert "If: foot weak and not long steady" in said


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("a_b", "a b"),
        ("a and b and c", "a and b and c"),
        ("a and not b or c", "(a and not b) or c"),
        ("a or b and c", "a or (b and c)"),
        ("not (a or b)", "not (a or b)"),
        ("not a or b", "(not a) or b"),
        ("((a)) and (b or not c)", "a and (b or not c)"),
    ],
)
def test_conditions_in_words(written: str, read: str) -> None:
    """What belongs together is in brackets, so that nobody has to know which word binds more closely."""
    assert "".join(run.text for run in readable(written, ["a"])) == read


def test_dangers_name_the_rules_they_feed(small: Library) -> None:
    """A danger is marked by a word and a sign, and says which rules it is enough for and which it helps."""
    svg = draw_svg(small, "leg", "en")
    said = words_of(svg)

    assert "Danger: Numb or odd feeling around the bottom or genitals" in said
    assert "EMERGENCY alone: E1 pelvic_signs" in said
    assert "TODAY with others: U1 weak_foot" in said
    assert svg.count(f'fill="{COLOURS[Level.EMERGENCY]}"/><path') == said.count("Danger: ") + 2  # and the overview


def test_it_says_who_has_reviewed_it(small: Library) -> None:
    """Nobody has, and it says so; when somebody has reviewed a cause, it names them and what is still open."""
    nobody = words_of(draw_svg(small, "leg", "en"))
    texts = small.texts["en"]
    causes = texts.causes | {"sciatica": replace(texts.causes["sciatica"], reviewed_by="Dr Toy")}
    somebody = words_of(draw_svg(replace(small, texts={"en": replace(texts, causes=causes)}), "leg", "en"))

    assert "No clinician has reviewed this flow" in nobody
    assert "No clinician has reviewed the questions and the rules." in somebody
    assert "1 of 2 causes have been reviewed: by Dr Toy" in somebody
    assert "reviewed on 2026-11-22 by Dr Toy" in somebody


# --- how it looks -----------------------------------------------------------------------------------------------------


def test_a_screen_reader_can_read_it(small: Library) -> None:
    """The picture is a document with a title, a description, a language and named parts; there is no script."""
    root = root_of(draw_svg(small, "leg", "en"))

    assert root.get("role") == "graphics-document document"
    assert [child.tag for child in root[:2]] == [f"{SVG}title", f"{SVG}desc"]
    assert root.get("aria-labelledby") == f"{root[0].get('id')} {root[1].get('id')}"
    assert root.get("{http://www.w3.org/XML/1998/namespace}lang") == "en"
    assert all(group.get("aria-label") for group in root.iter(f"{SVG}g"))
    assert {element.tag.removeprefix(SVG) for element in root.iter()} == {
        *("svg", "title", "desc", "style", "g", "rect", "path", "circle", "text", "tspan")
    }
    assert root.get("font-family") == "sans-serif"


@pytest.mark.parametrize("which", ["shipped", "small", "large"])
def test_text_fits(which: str) -> None:
    """No text leaves its box and no box its sheet, in a short flow, a real one, and a huge one."""
    check_fit(drawn(which))


def test_letters_can_be_read_on_a_phone_and_on_paper() -> None:
    """The smallest letters have 9 px on a phone of 390 px and 12 pt on A4; the sheets have the shape of A4."""
    svg = drawn("large")
    smallest = min(float(size) for size in re.findall(r'font-size="([0-9.]+)"', svg))
    pages = len(re.findall(r'id="page-', svg))

    assert smallest * 390 / WIDTH >= 9
    assert smallest * 595 / WIDTH >= 12
    assert HEIGHT / WIDTH == 297 / 210
    assert f'viewBox="0 0 {WIDTH} {HEIGHT * pages}"' in svg
    assert f"height:{1123 * pages}px" in svg


@pytest.mark.parametrize("colour", [*COLOURS.values(), INK, QUIET])
def test_colours_can_be_told_from_paper(colour: str) -> None:
    """Letters in a colour on white, and white letters on it, reach the contrast of WCAG AA."""

    def light(code: str) -> float:
        parts = [int(code[place : place + 2], 16) / 255 for place in (1, 3, 5)]
        red, green, blue = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    assert (light(PAPER) + 0.05) / (light(colour) + 0.05) >= 4.5


def test_one_page_alone(small: Library) -> None:
    """One page is as it is in the whole picture, with its number; beyond the last there is none."""
    whole = draw_svg(small, "leg", "en")
    pages = len(re.findall(r'id="page-', whole))

    second = draw_svg(small, "leg", "en", page=2)
    assert words_of(second) in words_of(whole)
    assert f"page 2 of {pages}" in words_of(second)
    assert root_of(second).get("viewBox") == f"0 0 {WIDTH} {HEIGHT}"
    with pytest.raises(IndexError, match=f"^{pages}$"):
        draw_svg(small, "leg", "en", page=pages + 1)


def test_the_same_flow_gives_the_same_picture(small: Library) -> None:
    """Loading and drawing again changes no byte."""
    again = load_library(SMALL / "flows", SMALL / "content")

    assert draw_svg(again, "leg", "en") == draw_svg(small, "leg", "en")
    assert draw_mermaid(again, "leg", "en") == draw_mermaid(small, "leg", "en")


# --- hostile texts ----------------------------------------------------------------------------------------------------


def test_hostile_texts_stay_texts(small: Library) -> None:
    """Whatever a text holds is shown as it is: no element, no comment, no control sign comes of it."""
    svg = draw_svg(_hostile(small), "leg", "en")

    assert "<script" not in svg
    assert 'alert("1")' in words_of(svg)
    assert not re.search("[\x08\u202e\ufffe]", svg)
    check_fit(svg)


def test_hostile_texts_stay_texts_in_a_chart(small: Library) -> None:
    """In the Markdown file every sign that could mean something is written as its number or with a backslash."""
    text = draw_mermaid(_hostile(small), "leg", "en")
    chart = text.split("```mermaid\n")[1].split("```")[0]
    table = [line for line in text.splitlines() if line.startswith("| ")]

    assert "<script" not in text
    assert "%%" not in chart
    check_chart(chart)
    assert {len(re.findall(r"(?<!\\)\|", line)) for line in table} == {7}


# --- Mermaid ----------------------------------------------------------------------------------------------------------

_TEXT = r"\"(?:[\w ,.:'()…·-]|#\d+;|<br/>)+\""
_NODE = rf"\w+(?:\[{_TEXT}\]|\{{\{{{_TEXT}\}}\}}|\{{{_TEXT}\}}|\({_TEXT}\)|\(\[{_TEXT}\]\))?(?::::\w+)?"
_STATEMENT = re.compile(rf"  (?:{_NODE}(?: (?:-->|==>|-\.->)(?:\|{_TEXT}\|)? {_NODE})?|classDef \w+ [\w:,#-]+)")


def check_chart(chart: str) -> None:
    """Every line is a node or an arrow between nodes, with nothing but harmless signs in its words."""
    first, *lines = chart.splitlines()
    assert first == "flowchart TD"
    assert [line for line in lines if not _STATEMENT.fullmatch(line)] == []


@pytest.mark.parametrize("which", ["shipped", "small", "large"])
def test_the_chart_is_sound(which: str) -> None:
    """Each card is one node in order, and even a huge flow stays below the limits that Mermaid sets."""
    library = library_of(which)
    (flow,) = library.flows.values()
    chart = draw_mermaid(library, flow.id, "en").split("```mermaid\n")[1].split("```")[0]

    check_chart(chart)
    way = re.findall(r"^  (card\d+) --> (card\d+|result)\b", chart, re.MULTILINE)
    count = len(flow.questions)
    assert way == [(f"card{n}", f"card{n + 1}" if n < count else "result") for n in range(1, count + 1)]
    assert len(re.findall(r"-->|==>|-\.->", chart)) < 500
    assert len(chart) < 50_000


def test_the_chart_and_the_table_tell_the_flow(small: Library) -> None:
    """Conditions stand at their cards, dangers lead to their level, and each rule has its row."""
    text = draw_mermaid(small, "leg", "en")

    assert 'card5{{"5 · How long<br/>only if foot weak"}}' in text
    assert 'card3 ==> emergency3("Danger: EMERGENCY<br/>alone: Numb between the legs, Bladder change")' in text
    assert 'card4 -.-> urgent4("Danger: TODAY<br/>with others: It hangs down")' in text
    assert (
        "| E1 `pelvic_signs`: Possible pressure on nerves of the pelvis | **EMERGENCY** | *pelvic* | Go to hospital now"
        " | EMERGENCY | toy\\_back |"
    ) in text
    assert "foot weak **and** **not** long steady" in text
    assert "No clinician has reviewed this flow" in text


# --- measuring --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["plain words in a row", "W" * 200, "日本語の文章です" * 9, "é" * 90, "a " * 90])
def test_lines_are_never_too_long(text: str) -> None:
    """Text is broken at spaces, and within a word only when it must be; nothing gets lost."""
    lines = lines_of([Run(text, Look.STRONG)], 200, TEXT)

    assert all(width_of_all(line, TEXT) <= 200 for line in lines)
    assert "".join(run.text for line in lines for run in line).replace(" ", "") == text.replace(" ", "")
    assert width_of_all(shortened([Run(text)], 100, TEXT), TEXT) <= 100


def test_signs_that_stand_on_others_take_no_room() -> None:
    """An accent written as a sign of its own adds nothing."""
    assert width_of("e\u0301", Look.PLAIN, TEXT) == width_of("e", Look.PLAIN, TEXT)


def test_texts_are_made_clean() -> None:
    """Breaks and tabs become spaces, and signs that no file may hold or that turn text round are left out."""
    assert clean(" a\n\tb\x00\u202ec\u200b \ud800d ") == "a bc d"


# --- the command ------------------------------------------------------------------------------------------------------


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """A folder with the small library."""
    return Place(tmp_path)


def test_the_command_writes_what_was_asked_for(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    """Both kinds are written, whatever stood there before, and one line says what; nothing else is left."""
    picture, chart = place.folder / "leg.svg", place.folder / "leg.MD"
    picture.write_text("an older picture", "utf-8")
    before = {path.name for path in place.folder.iterdir()}

    assert asked_here(place, "graph", "leg", "-o", str(picture)) == 0
    said = capsys.readouterr()
    assert (said.out.startswith(f"{picture}: the flow 'leg', version "), said.err) == (True, "")
    assert "How old are you?" in words_of(picture.read_text("utf-8"))
    assert asked_here(place, "graph", "leg", "--output", str(chart), "--language", "en") == 0
    assert "```mermaid" in chart.read_text("utf-8")
    assert {path.name for path in place.folder.iterdir()} == before | {chart.name}


def test_a_link_stays_a_link(place: Place) -> None:
    """Where the file is a link, what it leads to is written."""
    real, link = place.folder / "real.svg", place.folder / "link.svg"
    real.touch(mode=0o640)
    link.symlink_to(real)

    assert asked_here(place, "graph", "leg", "-o", str(link)) == 0
    assert link.is_symlink()
    assert real.read_text("utf-8").endswith("</svg>\n")


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (("arm", "-o", "x.svg"), 2, "there is no flow 'arm'; there is: leg"),
        (("leg", "-o", "x.png"), 2, "'x.png' has to end in .svg (a picture) or .md (Markdown with a Mermaid chart)"),
        (("leg", "-o", "x"), 2, "'x' has to end in .svg"),
        (("leg",), 2, "the following arguments are required: -o/--output"),
        (("leg", "-o", "x.svg", "--language", "xx"), 2, "there is no language 'xx'; there is: en (English)"),
        (("leg", "-o", "x.svg", "--page", "99"), 2, "there is no page 99; there are "),
        (("leg", "-o", "x.svg", "--page", "0"), 2, "write the number of a page, from 1"),
        (("leg", "-o", "x.md", "--page", "1"), 2, "only a picture has pages"),
        (("leg", "-o", "nowhere/x.svg"), 1, "'nowhere/x.svg' cannot be written (No such file or directory)"),
        (("leg", "-o", "folder.svg"), 1, "'folder.svg' cannot be written (it is a folder)"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(
    capsys: pytest.CaptureFixture[str], place: Place, arguments: tuple[str, ...], code: int, says: str
) -> None:
    """A wrong wish or a file that cannot be written is one line with what there is, and nothing is written."""
    (place.folder / "folder.svg").mkdir()
    before = sorted(place.folder.iterdir())

    assert asked_here(place, "graph", *arguments) == code
    said = capsys.readouterr()
    assert says in said.err
    assert (said.out, said.err.count("\n")) == ("", 1)
    assert sorted(place.folder.iterdir()) == before


def asked_here(place: Place, *arguments: str) -> int:
    """Run the command in this process: one for each case would take most of the time of this file."""
    ends = signal.getsignal(signal.SIGTERM)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(place.folder)
        for name, value in place.environment.items():
            patch.setenv(name, value)
        try:
            return main(arguments)
        finally:
            signal.signal(signal.SIGTERM, ends)


# --- the pictures in docs/ --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", DRAWINGS)
def test_the_pictures_are_up_to_date(name: str) -> None:
    """What docs/ shows is the flow as it is now; `make graph` draws it anew."""
    assert (ROOT / name).read_text("utf-8") == DRAWINGS[name]()


def test_make_graph_draws_what_the_docs_show() -> None:
    """The target draws each of them."""
    makefile = (ROOT / "Makefile").read_text("utf-8")
    done = subprocess.run(["make", "--dry-run", "graph"], cwd=ROOT, capture_output=True, encoding="utf-8", check=True)

    assert re.search(r"^graph: ", makefile, re.MULTILINE)
    assert [name for name in DRAWINGS if name not in done.stdout] == []
