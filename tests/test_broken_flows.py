"""A corpus of broken libraries, each with its exact report (the format is told in tests/broken_flows/README.md)."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from bot.load import LoadError, LoadRule, load_library

HERE = Path(__file__).parent
SMALL = HERE / "fixtures" / "small"
CASES = sorted((HERE / "broken_flows").glob("*.yaml"))


@dataclass
class Case:
    """One broken library: what is expected, and what makes it so."""

    expected: list[str] = field(default_factory=list)
    deleted: list[str] = field(default_factory=list)
    bodies: dict[str, str] = field(default_factory=dict)


def read_case(path: Path) -> Case:
    """The case in a file of the corpus."""
    case = Case()
    file = ""
    for line in path.read_text(encoding="utf-8").splitlines(keepends=True):
        mark, _, rest = line.partition(": ")
        if mark == "# expect" and not file:
            case.expected.append(rest.rstrip("\n"))
        elif mark == "# delete":
            case.deleted.append(rest.strip())
        elif mark == "# file":
            file = rest.strip()
            case.bodies[file] = ""
        else:
            case.bodies[file] += line
    return case


def apply(case: Case, library: Path) -> None:
    """Break a copy of the small library."""
    for file in case.deleted:
        (library / file).unlink()
    for file, body in case.bodies.items():
        path = library / file
        path.parent.mkdir(parents=True, exist_ok=True)
        text = _edited(path.read_text(encoding="utf-8"), body) if body.startswith("<<<\n") else body
        path.write_text(text, encoding="utf-8")


def _edited(text: str, body: str) -> str:
    for block in body.split("<<<\n")[1:]:
        old, _, rest = block.partition("===\n")
        new, end, _ = rest.partition(">>>\n")
        assert end, "a block ends with >>>"
        assert text.count(old) == 1, f"stands {text.count(old)} times in the small library: {old}"
        text = text.replace(old, new)
    return text


def report_of(library: Path) -> list[str]:
    """The lines of the report for a library that must not load."""
    with pytest.raises(LoadError) as caught:
        load_library(library / "flows", library / "content")
    return str(caught.value).splitlines()


@pytest.fixture
def library(tmp_path: Path) -> Path:
    """A copy of the small library that a test may break."""
    return Path(shutil.copytree(SMALL, tmp_path / "library"))


@pytest.mark.parametrize("path", CASES, ids=[path.stem for path in CASES])
def test_broken(path: Path, library: Path) -> None:
    """Every broken library gives exactly its report: each mistake once, with file, line and remedy."""
    case = read_case(path)
    apply(case, library)

    assert report_of(library) == case.expected


# --- what cannot be written down as text ------------------------------------------------------------------------------


def _latin1(library: Path) -> None:
    path = library / "flows/sources.yaml"
    path.write_bytes(path.read_bytes().replace(b"Hip problems", "Hüftprobleme".encode("latin-1")))


def _oversized(library: Path) -> None:
    with (library / "flows/sources.yaml").open("a", encoding="utf-8") as file:
        file.write("# filler\n" * 60_000)


def _alias_bomb(library: Path) -> None:
    """Ten aliases a level, seven levels: ten million values in a file of a few hundred bytes."""
    levels = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    levels += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 7)]
    (library / "flows/sources.yaml").write_text("\n".join(levels), encoding="utf-8")


def _quiet_alias_bomb(library: Path) -> None:
    """Few aliases, but each doubles a list that is long already."""
    levels = [f"a0: &a0 [{', '.join(['x'] * 3000)}]"]
    levels += [f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]" for n in range(1, 5)]
    (library / "flows/sources.yaml").write_text("\n".join(levels), encoding="utf-8")


def _brackets(library: Path) -> None:
    (library / "flows/sources.yaml").write_text("sources: " + "[" * 200_000, encoding="utf-8")


def _deep_alias(library: Path) -> None:
    text = f"a: &a {'[' * 15}x{']' * 15}\nb: {'[' * 10}*a{']' * 10}\n"
    (library / "flows/sources.yaml").write_text(text, encoding="utf-8")


def _linked_file(library: Path) -> None:
    path = library / "flows/sources.yaml"
    path.rename(library / "elsewhere.yaml")
    path.symlink_to(library / "elsewhere.yaml")


def _linked_folder(library: Path) -> None:
    path = library / "content/en"
    path.rename(library / "elsewhere")
    path.symlink_to(library / "elsewhere")


def _folder_for_file(library: Path) -> None:
    path = library / "flows/sources.yaml"
    path.unlink()
    path.mkdir()


def _too_many_forms(library: Path) -> None:
    path = library / "content/en/concepts.yaml"
    forms = ", ".join(f"d{number}" for number in range(40_000))
    path.write_text(path.read_text(encoding="utf-8").replace("[numb, dead]", f"[{forms}]"), encoding="utf-8")


def _no_folder(library: Path) -> None:
    shutil.rmtree(library / "flows")
    shutil.rmtree(library / "content")


def _no_language(library: Path) -> None:
    shutil.rmtree(library / "content/en")


TOO_MANY = "more than 20 aliases, or more than 10000 values behind them: write them out"
MADE: dict[Callable[[Path], None], tuple[str, ...]] = {
    _latin1: ("flows/sources.yaml:3: not-utf8: is not UTF-8: save the file as UTF-8",),
    _oversized: ("flows/sources.yaml:1: too-large: is larger than 512 KiB: split it, or see what swelled it",),
    _alias_bomb: (f"flows/sources.yaml:4: too-many-aliases: {TOO_MANY}",),
    _quiet_alias_bomb: (f"flows/sources.yaml:3: too-many-aliases: {TOO_MANY}",),
    _brackets: ("flows/sources.yaml:1: too-deep: nested deeper than 20 levels: flatten it",),
    _deep_alias: ("flows/sources.yaml:2: too-deep: nested deeper than 20 levels through an alias: flatten it",),
    _linked_file: (
        "flows/sources.yaml:1: unreadable-file: is a symbolic link or no plain file: put the file itself here",
    ),
    _linked_folder: (
        "content:1: no-languages: there is no language here: add a folder, as 'en'",
        "content/en:1: unreadable-file: is a symbolic link: put the folder itself here",
    ),
    _folder_for_file: (
        "flows/sources.yaml:1: unreadable-file: is a symbolic link or no plain file: put the file itself here",
    ),
    _too_many_forms: (
        "content/en/concepts.yaml:1: too-many-forms: more than 40000 forms and patterns: see what swelled them",
    ),
    _no_language: ("content:1: no-languages: there is no language here: add a folder, as 'en'",),
}


@pytest.mark.parametrize("breaks", MADE, ids=[breaks.__name__.strip("_") for breaks in MADE])
def test_broken_otherwise(breaks: Callable[[Path], None], library: Path) -> None:
    """What a text file cannot show is refused just as plainly, and quickly."""
    breaks(library)

    assert report_of(library) == list(MADE[breaks])


def test_missing_folders(library: Path) -> None:
    """Both folders are named when neither is there."""
    _no_folder(library)

    assert report_of(library) == [
        f"content:1: missing-folder: cannot read folder {library}/content (No such file or directory): check its path",
        f"flows:1: missing-folder: cannot read folder {library}/flows (No such file or directory): check its path",
    ]


# --- the corpus itself ------------------------------------------------------------------------------------------------


def test_every_rule_has_a_case() -> None:
    """No check of the loader goes without a broken library that shows it."""
    lines = [line for path in CASES for line in read_case(path).expected]
    lines += [line for report in MADE.values() for line in report]
    shown = {line.split(": ")[1] for line in lines} | {"missing-folder"}

    assert shown == {rule.value for rule in LoadRule}


def test_case_names_tell_the_rule() -> None:
    """A case is named for the rule it shows, so that it is found."""
    for path in CASES:
        rule = path.stem.partition("__")[0].replace("_", "-")
        shown = {line.split(": ")[1] for line in read_case(path).expected}
        assert rule in shown or rule == "several", path.name


def test_several_errors_in_several_files_come_in_one_report() -> None:
    """One run names the mistakes of all files."""
    case = read_case(HERE / "broken_flows" / "several__in_several_files.yaml")
    files = {line.split(":")[0] for line in case.expected}

    assert len(files) == len(case.bodies) == 5
    assert len(case.expected) > len(files)
