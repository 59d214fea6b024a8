"""What an operator can set: read from the environment and from `.env`, checked once, before anything starts.

The environment wins over `.env`, and an empty value counts as not set. The names are a contract with operators and
scripts; `.env.example` lists them all.
"""

import re
from collections.abc import Callable
from ipaddress import IPv6Address
from pathlib import Path
from typing import Annotated, Literal, Self, get_args
from urllib.parse import SplitResult, urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

LogLevel = Literal["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"]
LogFormat = Literal["text", "json"]

_CONTACT_LENGTH = 200
_URL_LENGTH = 2000
_LAST_PORT = 65535
_TOKEN = re.compile(r"[0-9]{3,20}:[A-Za-z0-9_-]{30,100}")
_SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}")
_HOOK_PATH = re.compile(r"(/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)*/?")
_HOST = re.compile(r"[A-Za-z0-9_]([A-Za-z0-9._-]{0,252})")
_TAKEN_PATHS = ("/healthz", "/metrics")
_NO_BOT = "this is no bot token; copy the whole line that @BotFather gives, such as 123456:ABC…"
_NO_SERVER = "this is no server root; write one such as https://api.telegram.org, with nothing behind the name or port"
_NO_PAGE = "this is no address of a page that people could open; write one that begins with https://"
_NO_HOOK = "Telegram cannot post to this; write an address such as https://bot.example.org/telegram, without ? and #"
_NO_SECRET = "this is no secret that Telegram takes; write 1 to 256 of A-Z, a-z, 0-9, _ and -, or nothing"  # noqa: S105
_NO_LISTEN = "this is no host:port; write one such as 127.0.0.1:8080 or [::1]:8080"
_NO_WEB = (
    "WEBHOOK_URL: what Telegram posts has to arrive here; set HTTP_LISTEN too, such as 127.0.0.1:8080, or remove both"
    " and the bot polls"
)


class SettingsError(Exception):
    """The operator set something wrong. The text is one line: the variable, what is wrong, what to do.

    It never repeats a value, except the path of a folder: a value may be a secret in the wrong place.
    """


def _folder(path: Path) -> Path:
    path = _path(path)
    if not path.is_dir():
        raise ValueError(f"there is no folder {path}; name one that exists, or leave it empty for the shipped one")
    return path


def _path(path: Path) -> Path:
    try:
        return path.expanduser().absolute()
    except RuntimeError as error:
        raise ValueError("'~' leads nowhere here; write the whole path") from error


def _language(code: str) -> str:
    if not re.fullmatch(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})?", code):
        raise ValueError("this is no language code; write one such as 'en' or 'pt-BR'")
    return code


def _contact(text: str) -> str:
    if not text.isprintable() or len(text) > _CONTACT_LENGTH:
        raise ValueError(f"people get to read this; write one line of at most {_CONTACT_LENGTH} characters")
    return text


def _token(token: SecretStr) -> SecretStr:
    if not _TOKEN.fullmatch(token.get_secret_value()):
        raise ValueError(_NO_BOT)
    return token


def _server(url: str) -> str:
    """A server root: calls go to ``{url}/bot{token}/{method}``."""
    parts = _parts(url, _NO_SERVER)
    if parts.scheme not in {"http", "https"} or parts.path.rstrip("/") or any(sign in url for sign in "?#"):
        raise ValueError(_NO_SERVER)
    return url.rstrip("/")


def _hook(url: str) -> str:
    """A public address whose path is served here, perhaps behind a proxy that speaks TLS; empty for none."""
    if not url:
        return url
    parts = _parts(url, _NO_HOOK)
    if (
        parts.scheme not in {"http", "https"}
        or any(sign in url for sign in "?#")
        or not _HOOK_PATH.fullmatch(parts.path)
    ):
        raise ValueError(_NO_HOOK)
    if parts.path in _TAKEN_PATHS:
        raise ValueError(f"{' and '.join(_TAKEN_PATHS)} are taken; choose another path")
    return url


def _secret(secret: SecretStr) -> SecretStr:
    if not _SECRET.fullmatch(secret.get_secret_value()):
        raise ValueError(_NO_SECRET)
    return secret


def _listen(text: str | None) -> tuple[str, int] | None:
    """Host and port; an IPv6 address stands in brackets."""
    if text is None:
        return None
    host, _, port = text.rpartition(":")
    if not re.fullmatch(r"[0-9]{1,5}", port) or int(port) > _LAST_PORT:
        raise ValueError(_NO_LISTEN)
    if host.startswith("[") and host.endswith("]"):
        try:
            return str(IPv6Address(host[1:-1])), int(port)
        except ValueError:
            raise ValueError(_NO_LISTEN) from None
    if not _HOST.fullmatch(host):
        raise ValueError(_NO_LISTEN)
    return host, int(port)


def _page(url: str) -> str:
    if url and _parts(url, _NO_PAGE).scheme != "https":
        raise ValueError(_NO_PAGE)
    return url


def _parts(url: str, otherwise: str) -> SplitResult:
    """The parts of an address with a host and nobody's password in it."""
    try:
        parts = urlsplit(url)
        usable = bool(parts.hostname) and parts.port != 0 and "@" not in parts.netloc
    except ValueError:
        usable = False
    if not usable or not url.isascii() or not url.isprintable() or " " in url or len(url) > _URL_LENGTH:
        raise ValueError(otherwise)
    return parts


def _one_of(choices: object, spell: Callable[[str], str]) -> BeforeValidator:
    """Accept one of the choices in any case of letters, and list them when it is none."""

    def check(value: str) -> str:
        if spell(value) not in get_args(choices):
            raise ValueError(f"use one of: {', '.join(get_args(choices))}")
        return spell(value)

    return BeforeValidator(check)


def _whole(least: int, most: int) -> BeforeValidator:
    """Accept a whole number between two bounds, both included."""

    def check(value: object) -> int:
        text = str(value)
        if not re.fullmatch(r"[0-9]{1,9}", text) or not least <= int(text) <= most:
            raise ValueError(f"write a whole number from {least} to {most}")
        return int(text)

    return BeforeValidator(check)


class Settings(BaseSettings):
    """Everything an operator has set, checked. Use `load_settings`, which also puts mistakes into plain words."""

    model_config = SettingsConfigDict(
        case_sensitive=True,
        env_file_encoding="utf-8",
        env_ignore_empty=True,
        extra="forbid",
        frozen=True,
        hide_input_in_errors=True,
    )

    flows_dir: Annotated[Path, AfterValidator(_folder)] | None = Field(None, validation_alias="FLOWS_DIR")
    """The folder with the flows; None for the shipped ones (`bot.shipped.flows_dir`)."""

    content_dir: Annotated[Path, AfterValidator(_folder)] | None = Field(None, validation_alias="CONTENT_DIR")
    """The folder with the texts; None for the shipped ones (`bot.shipped.content_dir`)."""

    default_language: Annotated[str, AfterValidator(_language)] = Field("en", validation_alias="DEFAULT_LANGUAGE")
    """The language of people who have not chosen one."""

    operator_contact: Annotated[str, AfterValidator(_contact)] = Field("", validation_alias="OPERATOR_CONTACT")
    """Whom to tell when something is broken, shown to people as it stands; empty for nobody."""

    log_level: Annotated[LogLevel, _one_of(LogLevel, str.upper)] = Field("WARNING", validation_alias="LOG_LEVEL")
    """From which level on the log speaks."""

    log_format: Annotated[LogFormat, _one_of(LogFormat, str.lower)] = Field("text", validation_alias="LOG_FORMAT")
    """Lines to read (`text`) or one JSON object a line (`json`)."""

    telegram_token: Annotated[SecretStr, AfterValidator(_token)] | None = Field(None, validation_alias="TELEGRAM_TOKEN")
    """The bot's token, from @BotFather; the terminal does without it."""

    telegram_api_url: Annotated[str, AfterValidator(_server)] = Field(
        "https://api.telegram.org", validation_alias="TELEGRAM_API_URL"
    )
    """The root of the Bot API server, without a slash at its end."""

    database_url: str = Field("sqlite:///data/signpost.db", validation_alias="DATABASE_URL", repr=False)
    """Where checks are stored; it may hold a password. `bot.storage` tells which kinds are supported."""

    retention_days: Annotated[int, _whole(1, 3650)] = Field(30, validation_alias="RETENTION_DAYS")
    """Days without a word from a person after which what is kept of them is erased."""

    privacy_url: Annotated[str, AfterValidator(_page)] = Field("", validation_alias="PRIVACY_URL")
    """The operator's own privacy notice; empty for none."""

    webhook_url: Annotated[str, AfterValidator(_hook)] = Field("", validation_alias="WEBHOOK_URL", repr=False)
    """Where Telegram should post updates to; empty: the bot asks for them itself (polling)."""

    webhook_secret: Annotated[SecretStr, AfterValidator(_secret)] | None = Field(
        None, validation_alias="WEBHOOK_SECRET"
    )
    """What Telegram sends along with each post, to show that it is Telegram; None for a random one at each start."""

    http_listen: Annotated[tuple[str, int] | None, NoDecode, BeforeValidator(_listen)] = Field(
        None, validation_alias="HTTP_LISTEN"
    )
    """Host and port for the webhook, `/healthz` and `/metrics`; port 0 for any free one, None for no server."""

    messages_per_second: Annotated[int, _whole(0, 10_000)] = Field(30, validation_alias="MESSAGES_PER_SECOND")
    """How many messages the bot sends in a second at most, to all people together; 0 for no limit of its own."""

    @property
    def webhook_path(self) -> str:
        """The path of the webhook's address."""
        return urlsplit(self.webhook_url).path or "/"

    @model_validator(mode="after")
    def _has_a_server_for_its_webhook(self) -> Self:
        if self.webhook_url and self.http_listen is None:
            raise ValueError(_NO_WEB)
        return self


def load_settings(env_file: Path = Path(".env")) -> Settings:
    """Read the settings from the environment and, where it exists, from `env_file`.

    Raises:
        SettingsError: something is set wrong; the text names each variable, what is wrong and what to do, in one line.
    """
    try:
        return Settings(_env_file=env_file)
    except ValidationError as error:
        mistakes = [_in_words(mistake["type"], mistake["loc"], mistake["msg"]) for mistake in error.errors()]
        # `from None`: the validation error carries the values along, and the operator needs only the line.
        raise SettingsError("; ".join(mistakes)) from None
    except (OSError, UnicodeDecodeError):
        raise SettingsError(f"{env_file} cannot be read; make it a UTF-8 text file that you may read") from None


def _in_words(kind: str, where: tuple[int | str, ...], message: str) -> str:
    message = message.removeprefix("Value error, ")
    if not where:  # it is about several, and names them
        return message
    if kind == "extra_forbidden":
        message = "Signpost has no such setting; correct the name (.env.example lists all) or remove the line"
    return f"{where[0]}: {message}"
