"""Settings: read from the environment and `.env`, and a mistake is told in one line that gives nothing away."""

import re
import traceback
from itertools import pairwise
from pathlib import Path

import pytest

from bot.settings import NOT_READ_YET, Settings, SettingsError, load_settings

OURS = {str(field.validation_alias) for field in Settings.model_fields.values()}
EXAMPLE = Path(__file__).parent.parent / ".env.example"


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Start from an empty folder and an environment in which nobody has set anything."""
    for name in OURS | {"XDG_STATE_HOME"}:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)


def mistake() -> str:
    """The text of the error that loading the settings raises."""
    with pytest.raises(SettingsError) as caught:
        load_settings()
    return str(caught.value)


def test_nothing_has_to_be_set(tmp_path: Path) -> None:
    """Somebody who sets nothing gets the shipped flows, English, and a state folder below their home."""
    settings = load_settings()

    assert settings.flows_dir is None
    assert settings.content_dir is None
    assert settings.default_language == "en"
    assert settings.operator_contact == ""
    assert settings.log_level == "WARNING"
    assert settings.log_format == "text"
    assert settings.data_dir == tmp_path / "home" / ".local" / "state" / "signpost"


def test_everything_can_be_set_in_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Each variable of the contract reaches its setting; `~` and relative folders are understood."""
    (tmp_path / "home" / "flows").mkdir(parents=True)
    (tmp_path / "texts").mkdir()
    for name, value in {
        "FLOWS_DIR": "~/flows",
        "CONTENT_DIR": "texts",
        "DEFAULT_LANGUAGE": "pt-BR",
        "OPERATOR_CONTACT": "the clinic's front desk, +00 1234",
        "LOG_LEVEL": "info",
        "LOG_FORMAT": "JSON",
        "SIGNPOST_STATE_DIR": "~/state",
    }.items():
        monkeypatch.setenv(name, value)

    settings = load_settings()

    assert settings.flows_dir == tmp_path / "home" / "flows"
    assert settings.content_dir == tmp_path / "texts"
    assert settings.default_language == "pt-BR"
    assert settings.operator_contact == "the clinic's front desk, +00 1234"
    assert settings.log_level == "INFO"
    assert settings.log_format == "json"
    assert settings.data_dir == tmp_path / "home" / "state"


def test_the_env_file_is_read(tmp_path: Path) -> None:
    """A `.env` in the folder where Signpost starts counts."""
    (tmp_path / ".env").write_text("DEFAULT_LANGUAGE=de\n")

    assert load_settings().default_language == "de"


def test_the_environment_wins_over_the_env_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """One run can be set differently without touching the file."""
    (tmp_path / ".env").write_text("DEFAULT_LANGUAGE=de\n")
    monkeypatch.setenv("DEFAULT_LANGUAGE", "fr")

    assert load_settings().default_language == "fr"


def test_an_empty_value_means_not_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """`NAME=` leaves the default, in the environment as in the file."""
    (tmp_path / ".env").write_text("FLOWS_DIR=\n")
    monkeypatch.setenv("LOG_LEVEL", "")

    settings = load_settings()

    assert settings.flows_dir is None
    assert settings.log_level == "WARNING"


def test_the_state_folder_follows_the_xdg_specification(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """XDG_STATE_HOME moves it, unless it is a relative path, which the specification says to ignore."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "xdg"))
    assert load_settings().data_dir == tmp_path / "xdg" / "signpost"

    monkeypatch.setenv("XDG_STATE_HOME", "xdg")
    assert load_settings().data_dir == tmp_path / "home" / ".local" / "state" / "signpost"


@pytest.mark.parametrize(
    ("name", "value", "remedy"),
    [
        ("FLOWS_DIR", "/no/such/folder", "there is no folder /no/such/folder; name one that exists"),
        ("CONTENT_DIR", "/no/such/folder", "there is no folder /no/such/folder; name one that exists"),
        ("DEFAULT_LANGUAGE", "../../etc", "write one such as 'en'"),
        ("OPERATOR_CONTACT", "two\nlines", "write one line"),
        ("OPERATOR_CONTACT", "x" * 201, "at most 200 characters"),
        ("LOG_LEVEL", "chatty", "use one of: DEBUG, INFO, WARNING, ERROR, CRITICAL"),
        ("LOG_FORMAT", "xml", "use one of: text, json"),
        ("SIGNPOST_STATE_DIR", "~nobody-of-this-name/state", "write the whole path"),
    ],
)
def test_a_wrong_value_is_told_in_one_line(monkeypatch: pytest.MonkeyPatch, name: str, value: str, remedy: str) -> None:
    """The line starts with the variable's name and ends with what to do."""
    monkeypatch.setenv(name, value)

    message = mistake()

    assert message.startswith(f"{name}: ")
    assert remedy in message
    assert "\n" not in message


def test_all_mistakes_are_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two wrong settings make one line that names both."""
    monkeypatch.setenv("LOG_LEVEL", "chatty")
    monkeypatch.setenv("LOG_FORMAT", "xml")

    assert re.fullmatch(r"LOG_LEVEL: .+; LOG_FORMAT: .+", mistake())


@pytest.mark.parametrize("name", ["LOG_LEVEL", "LOG_FORMAT", "DEFAULT_LANGUAGE", "UNHEARD_OF"])
def test_a_secret_in_the_wrong_place_is_not_repeated(tmp_path: Path, name: str) -> None:
    """Neither the message nor a traceback shows the value: it may be a token that somebody put in the wrong line."""
    secret = "1234:not-for-anybodys-eyes"  # noqa: S105  invented
    (tmp_path / ".env").write_text(f"{name}={secret}\n")

    with pytest.raises(SettingsError) as caught:
        load_settings()

    assert secret not in "".join(traceback.format_exception(caught.value))


def test_a_misspelt_name_in_the_env_file_is_found(tmp_path: Path) -> None:
    """A line that would quietly do nothing stops the start instead."""
    (tmp_path / ".env").write_text("FLOW_DIR=flows\n")

    assert mistake().startswith("FLOW_DIR: Signpost has no such setting")


def test_the_telegram_bots_variables_are_let_be(tmp_path: Path) -> None:
    """One `.env` serves both, and the terminal does not take the bot's secrets into its hands."""
    (tmp_path / ".env").write_text("".join(f"{name}=secret\n" for name in NOT_READ_YET))

    assert "secret" not in repr(load_settings())


def test_an_env_file_that_is_no_text_is_told_in_one_line(tmp_path: Path) -> None:
    """A file that cannot be decoded is named, with what to make of it."""
    (tmp_path / ".env").write_bytes(b"LOG_LEVEL=\xff\xfe\n")

    assert mistake() == ".env cannot be read; make it a UTF-8 text file that you may read"


def test_the_example_file_works_as_it_stands(tmp_path: Path) -> None:
    """Copied without a change, it sets what is set anyway."""
    unset = load_settings()
    (tmp_path / ".env").write_text(EXAMPLE.read_text(encoding="utf-8"), encoding="utf-8")

    assert load_settings() == unset


def test_the_example_file_lists_every_setting_with_a_comment() -> None:
    """What is read stands ready to be filled in, what is not read yet is commented out, each below its explanation."""
    lines = EXAMPLE.read_text(encoding="utf-8").splitlines()
    settings = [(above, line) for above, line in pairwise(lines) if re.match(r"#?[A-Z_]+=", line)]

    assert {line.split("=")[0] for _, line in settings} == OURS | {f"#{name}" for name in NOT_READ_YET}
    assert all(above.startswith("# ") for above, _ in settings)
