"""Settings: read from the environment and `.env`, and a mistake is told in one line that gives nothing away."""

import re
import traceback
from itertools import pairwise
from pathlib import Path

import pytest

from bot.settings import Settings, SettingsError, load_settings

OURS = {str(field.validation_alias) for field in Settings.model_fields.values()}
TOKEN = "123456:an-invented-token-that-nobody-has"  # noqa: S105 - invented
EXAMPLE = Path(__file__).parent.parent / ".env.example"


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Start from an empty folder and an environment in which nobody has set anything."""
    for name in OURS:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)


def mistake() -> str:
    """The text of the error that loading the settings raises."""
    with pytest.raises(SettingsError) as caught:
        load_settings()
    return str(caught.value)


def test_nothing_has_to_be_set() -> None:
    """Somebody who sets nothing gets the shipped flows, English, a database below here, and no bot yet."""
    settings = load_settings()

    assert settings.flows_dir is None
    assert settings.content_dir is None
    assert settings.default_language == "en"
    assert settings.operator_contact == ""
    assert settings.log_level == "WARNING"
    assert settings.log_format == "text"
    assert settings.telegram_token is None
    assert settings.telegram_api_url == "https://api.telegram.org"
    assert settings.database_url == "sqlite:///data/signpost.db"
    assert settings.retention_days == 30
    assert settings.privacy_url == ""
    assert settings.webhook_url == ""
    assert settings.webhook_secret is None
    assert settings.http_listen is None
    assert settings.messages_per_second == 30


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
        "TELEGRAM_TOKEN": TOKEN,
        "TELEGRAM_API_URL": "http://127.0.0.1:8081/",
        "DATABASE_URL": "sqlite:////var/lib/signpost/signpost.db",
        "RETENTION_DAYS": "7",
        "PRIVACY_URL": "https://example.org/privacy?from=bot#top",
        "WEBHOOK_URL": "https://example.org/hook",
        "WEBHOOK_SECRET": "An_invented-secret1",
        "HTTP_LISTEN": "127.0.0.1:8080",
        "MESSAGES_PER_SECOND": "0",
    }.items():
        monkeypatch.setenv(name, value)

    settings = load_settings()

    assert settings.flows_dir == tmp_path / "home" / "flows"
    assert settings.content_dir == tmp_path / "texts"
    assert settings.default_language == "pt-BR"
    assert settings.operator_contact == "the clinic's front desk, +00 1234"
    assert settings.log_level == "INFO"
    assert settings.log_format == "json"
    assert settings.telegram_token
    assert settings.telegram_token.get_secret_value() == TOKEN
    assert settings.telegram_api_url == "http://127.0.0.1:8081"
    assert settings.database_url == "sqlite:////var/lib/signpost/signpost.db"
    assert settings.retention_days == 7
    assert settings.privacy_url == "https://example.org/privacy?from=bot#top"
    assert settings.webhook_url == "https://example.org/hook"
    assert settings.webhook_path == "/hook"
    assert settings.webhook_secret
    assert settings.webhook_secret.get_secret_value() == "An_invented-secret1"
    assert settings.http_listen == ("127.0.0.1", 8080)
    assert settings.messages_per_second == 0


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
        ("FLOWS_DIR", "~nobody-of-this-name/flows", "write the whole path"),
        ("TELEGRAM_TOKEN", "123456", "copy the whole line that @BotFather gives"),
        ("TELEGRAM_TOKEN", f"bot{TOKEN}", "copy the whole line that @BotFather gives"),
        ("TELEGRAM_TOKEN", f"{TOKEN} ", "copy the whole line that @BotFather gives"),
        ("TELEGRAM_API_URL", "api.telegram.org", "write one such as https://api.telegram.org"),
        ("TELEGRAM_API_URL", "ftp://api.telegram.org", "this is no server root"),
        ("TELEGRAM_API_URL", "https://api.telegram.org/bot", "this is no server root"),
        ("TELEGRAM_API_URL", "https://api.telegram.org?a", "this is no server root"),
        ("TELEGRAM_API_URL", "https://api.telegram.org/#", "this is no server root"),
        ("TELEGRAM_API_URL", "https://me:secret@api.telegram.org", "this is no server root"),
        ("TELEGRAM_API_URL", "https://api.telegram.org:port", "this is no server root"),
        ("TELEGRAM_API_URL", "https://", "this is no server root"),
        ("TELEGRAM_API_URL", "http://[", "this is no server root"),
        ("RETENTION_DAYS", "0", "write a whole number from 1 to 3650"),
        ("RETENTION_DAYS", "3651", "write a whole number from 1 to 3650"),
        ("RETENTION_DAYS", "-1", "write a whole number from 1 to 3650"),
        ("RETENTION_DAYS", "1.5", "write a whole number from 1 to 3650"),
        ("RETENTION_DAYS", "a month", "write a whole number from 1 to 3650"),
        ("PRIVACY_URL", "http://example.org", "write one that begins with https://"),
        ("PRIVACY_URL", "example.org/privacy", "write one that begins with https://"),
        ("PRIVACY_URL", "https://example.org/a b", "write one that begins with https://"),
        ("WEBHOOK_URL", "example.org/hook", "write an address such as https://"),
        ("WEBHOOK_URL", "ftp://example.org/hook", "write an address such as https://"),
        ("WEBHOOK_URL", "https:///hook", "write an address such as https://"),
        ("WEBHOOK_URL", "https://me:secret@example.org/hook", "write an address such as https://"),
        ("WEBHOOK_URL", "https://example.org/hook?a=b", "without ? and #"),
        ("WEBHOOK_URL", "https://example.org/hook#", "without ? and #"),
        ("WEBHOOK_URL", "https://example.org/../hook", "write an address such as https://"),
        ("WEBHOOK_URL", "https://example.org/a%2Fb", "write an address such as https://"),
        ("WEBHOOK_URL", "https://example.org//hook", "write an address such as https://"),
        ("WEBHOOK_URL", "https://example.org/healthz", "choose another path"),
        ("WEBHOOK_URL", "https://example.org/metrics", "choose another path"),
        ("WEBHOOK_SECRET", "a secret", "write 1 to 256 of A-Z"),
        ("WEBHOOK_SECRET", "sécret", "write 1 to 256 of A-Z"),
        ("WEBHOOK_SECRET", "secret\n", "write 1 to 256 of A-Z"),
        ("WEBHOOK_SECRET", "x" * 257, "write 1 to 256 of A-Z"),
        ("HTTP_LISTEN", "8080", "write one such as 127.0.0.1:8080"),
        ("HTTP_LISTEN", ":8080", "write one such as 127.0.0.1:8080"),
        ("HTTP_LISTEN", "127.0.0.1", "write one such as 127.0.0.1:8080"),
        ("HTTP_LISTEN", "127.0.0.1:", "write one such as 127.0.0.1:8080"),
        ("HTTP_LISTEN", "127.0.0.1:65536", "write one such as 127.0.0.1:8080"),
        ("HTTP_LISTEN", "127.0.0.1:-1", "write one such as 127.0.0.1:8080"),
        ("HTTP_LISTEN", "127.0.0.1:\N{SUPERSCRIPT TWO}", "write one such as 127.0.0.1:8080"),
        ("HTTP_LISTEN", "::1:8080", "or [::1]:8080"),
        ("HTTP_LISTEN", "[::g]:8080", "or [::1]:8080"),
        ("HTTP_LISTEN", "[127.0.0.1]:8080", "or [::1]:8080"),
        ("HTTP_LISTEN", "http://127.0.0.1:8080", "write one such as 127.0.0.1:8080"),
        ("HTTP_LISTEN", "a host:8080", "write one such as 127.0.0.1:8080"),
        ("HTTP_LISTEN", '["127.0.0.1", 8080]', "write one such as 127.0.0.1:8080"),
        ("MESSAGES_PER_SECOND", "-1", "write a whole number from 0 to 10000"),
        ("MESSAGES_PER_SECOND", "10001", "write a whole number from 0 to 10000"),
        ("MESSAGES_PER_SECOND", "0.5", "write a whole number from 0 to 10000"),
    ],
)
def test_a_wrong_value_is_told_in_one_line(monkeypatch: pytest.MonkeyPatch, name: str, value: str, remedy: str) -> None:
    """The line starts with the variable's name and ends with what to do."""
    monkeypatch.setenv(name, value)

    message = mistake()

    assert message.startswith(f"{name}: ")
    assert remedy in message
    assert "\n" not in message


@pytest.mark.parametrize(
    ("text", "listen"),
    [
        ("127.0.0.1:0", ("127.0.0.1", 0)),
        ("0.0.0.0:65535", ("0.0.0.0", 65535)),  # noqa: S104 - nothing listens
        ("localhost:80", ("localhost", 80)),
        ("bot_1.internal:8080", ("bot_1.internal", 8080)),
        ("[::1]:8080", ("::1", 8080)),
        ("[::]:8080", ("::", 8080)),
    ],
)
def test_where_to_listen(monkeypatch: pytest.MonkeyPatch, text: str, listen: tuple[str, int]) -> None:
    """Names and addresses of both kinds are understood."""
    monkeypatch.setenv("HTTP_LISTEN", text)

    assert load_settings().http_listen == listen


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("https://example.org", "/"),
        ("https://example.org/", "/"),
        ("https://example.org:8443/telegram/An_invented-1.secret~", "/telegram/An_invented-1.secret~"),
        ("http://127.0.0.1:8080/hook/", "/hook/"),
    ],
)
def test_where_telegram_posts_to(monkeypatch: pytest.MonkeyPatch, url: str, path: str) -> None:
    """The path of the webhook is what stands behind the host, and the root where nothing does."""
    monkeypatch.setenv("HTTP_LISTEN", "127.0.0.1:8080")
    monkeypatch.setenv("WEBHOOK_URL", url)

    assert load_settings().webhook_path == path


def test_a_webhook_needs_a_server(monkeypatch: pytest.MonkeyPatch) -> None:
    """An address without a place to listen is told in one line that names both variables."""
    monkeypatch.setenv("WEBHOOK_URL", "https://example.org/not-for-anybodys-eyes")

    message = mistake()

    assert message.startswith("WEBHOOK_URL: ")
    assert "set HTTP_LISTEN too" in message
    assert "\n" not in message
    assert "not-for-anybodys-eyes" not in message


def test_all_mistakes_are_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two wrong settings make one line that names both."""
    monkeypatch.setenv("LOG_LEVEL", "chatty")
    monkeypatch.setenv("LOG_FORMAT", "xml")

    assert re.fullmatch(r"LOG_LEVEL: .+; LOG_FORMAT: .+", mistake())


@pytest.mark.parametrize(
    "name",
    [
        "DEFAULT_LANGUAGE",
        "LOG_FORMAT",
        "HTTP_LISTEN",
        "LOG_LEVEL",
        "MESSAGES_PER_SECOND",
        "PRIVACY_URL",
        "RETENTION_DAYS",
        "TELEGRAM_API_URL",
        "TELEGRAM_TOKEN",
        "UNHEARD_OF",
        "WEBHOOK_SECRET",
        "WEBHOOK_URL",
    ],
)
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


def test_secrets_are_not_shown_with_the_settings(tmp_path: Path) -> None:
    """Whoever prints the settings sees no token, no password and no secret."""
    (tmp_path / ".env").write_text(
        f"TELEGRAM_TOKEN={TOKEN}\nDATABASE_URL=postgresql://me:{TOKEN}@db/x\nWEBHOOK_URL=https://example.org/"
        f"{TOKEN[7:]}\nWEBHOOK_SECRET={TOKEN[7:]}\nHTTP_LISTEN=127.0.0.1:8080\n"
    )

    settings = load_settings()

    assert TOKEN[7:] not in repr(settings)
    assert TOKEN[7:] not in str(settings)


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
    """Each stands ready to be filled in, below its explanation."""
    lines = EXAMPLE.read_text(encoding="utf-8").splitlines()
    settings = [(above, line) for above, line in pairwise(lines) if re.match(r"[A-Z_]+=", line)]

    assert {line.split("=")[0] for _, line in settings} == OURS
    assert all(above.startswith("# ") for above, _ in settings)
