"""What an operator can set: read from the environment and from `.env`, checked once, before anything starts.

The environment wins over `.env`, and an empty value counts as not set. The names are a contract with operators and
scripts; `.env.example` lists them all.
"""

import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

from pydantic import AfterValidator, BeforeValidator, Field, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

LogLevel = Literal["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"]
LogFormat = Literal["text", "json"]

NOT_READ_YET = frozenset(
    {
        "TELEGRAM_TOKEN",
        "TELEGRAM_API_URL",
        "DATABASE_URL",
        "WEBHOOK_URL",
        "WEBHOOK_SECRET",
        "HTTP_LISTEN",
        "RETENTION_DAYS",
        "PRIVACY_URL",
    }
)
"""Variables of the Telegram bot, which may share a `.env` with the terminal. They are dropped unread."""

_CONTACT_LENGTH = 200


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


def _one_of(choices: object, spell: Callable[[str], str]) -> BeforeValidator:
    """Accept one of the choices in any case of letters, and list them when it is none."""

    def check(value: str) -> str:
        if spell(value) not in get_args(choices):
            raise ValueError(f"use one of: {', '.join(get_args(choices))}")
        return spell(value)

    return BeforeValidator(check)


def _default_data_dir() -> Path:
    """Where the XDG specification wants state that outlives a restart but is not worth a backup."""
    state_home = Path(os.environ.get("XDG_STATE_HOME", ""))
    if not state_home.is_absolute():  # the specification: unset, empty and relative all count as not set
        state_home = Path.home() / ".local" / "state"
    return state_home / "signpost"


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

    data_dir: Annotated[Path, AfterValidator(_path)] = Field(
        default_factory=_default_data_dir, validation_alias="SIGNPOST_STATE_DIR"
    )
    """The folder that keeps the conversation in the terminal; it need not exist yet."""

    @model_validator(mode="before")
    @classmethod
    def _drop_what_is_not_ours(cls, values: dict[str, Any]) -> dict[str, Any]:
        """Leave only a misspelt name for `extra="forbid"` to find, and keep other parts' secrets out of this object."""
        return {name: value for name, value in values.items() if name not in NOT_READ_YET}


def load_settings(env_file: Path = Path(".env")) -> Settings:
    """Read the settings from the environment and, where it exists, from `env_file`.

    Raises:
        SettingsError: something is set wrong; the text names each variable, what is wrong and what to do, in one line.
    """
    try:
        return Settings(_env_file=env_file)
    except ValidationError as error:
        mistakes = [_in_words(mistake["type"], str(mistake["loc"][0]), mistake["msg"]) for mistake in error.errors()]
        # `from None`: the validation error carries the values along, and the operator needs only the line.
        raise SettingsError("; ".join(mistakes)) from None
    except (OSError, UnicodeDecodeError):
        raise SettingsError(f"{env_file} cannot be read; make it a UTF-8 text file that you may read") from None


def _in_words(kind: str, name: str, message: str) -> str:
    if kind == "extra_forbidden":
        return f"{name}: Signpost has no such setting; correct the name (.env.example lists all) or remove the line"
    return f"{name}: {message.removeprefix('Value error, ')}"
