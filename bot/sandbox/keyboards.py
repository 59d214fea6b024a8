"""The rules of the keyboard below a message."""

from __future__ import annotations

from bot.sandbox.errors import Json, bad, not_played
from bot.sandbox.markup import checked_link
from bot.sandbox.text import plain, units

DATA_BYTES = 64
COPY_LIMIT = 256
PER_ROW = 8
PER_KEYBOARD = 100
STYLES = {"danger", "success", "primary"}

_LOOKS = {"text", "style", "icon_custom_emoji_id"}
_NOT_PLAYED = {"web_app", "login_url", "callback_game", "pay", "icon_custom_emoji_id"}

Keyboard = list[list[Json]]
"""Rows of InlineKeyboardButton."""


def inline_keyboard(markup: Json | None) -> Keyboard:
    """The rows of a reply markup, checked and with cleaned labels; empty rows vanish, and no markup is no rows.

    Raises:
        ApiError: a button or a keyboard that Telegram would refuse, or that the sandbox does not play.
    """
    if not markup:
        return []
    if "inline_keyboard" not in markup or markup.get("force_reply"):
        raise not_played("keyboards other than inline ones")
    rows: Keyboard = [row for row in markup["inline_keyboard"] if row]
    for row in rows:
        if len(row) > PER_ROW:
            raise bad(f"reply markup is too wide: {len(row)} buttons in a row")
        for button in row:
            _check(button)
    if sum(len(row) for row in rows) > PER_KEYBOARD:
        raise bad("reply markup is too long")
    return [[button | {"text": plain(button["text"])} for button in row] for row in rows]


def callbacks(keyboard: Keyboard) -> list[Json]:
    """The buttons that call the bot back."""
    return [button for row in keyboard for button in row if "callback_data" in button]


def _check(button: Json) -> None:
    if not plain(button["text"]):
        raise bad("can't parse inline keyboard button: text of a button must be non-empty")
    actions = sorted(set(button) - _LOOKS)
    if not actions or button.get("callback_data") == "":
        raise bad("can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard")
    if len(actions) > 1:
        raise bad(f"can't parse inline keyboard button: exactly one action expected, found {', '.join(actions)}")
    if button.get("style", "primary") not in STYLES:
        raise bad("can't parse inline keyboard button: invalid button style specified")
    for name in _NOT_PLAYED & set(button):
        raise not_played(f"buttons with {name}")
    if "callback_data" in button and len(button["callback_data"].encode()) > DATA_BYTES:
        raise bad("BUTTON_DATA_INVALID")
    if "copy_text" in button and not 1 <= units(button["copy_text"]["text"]) <= COPY_LIMIT:
        raise bad("BUTTON_COPY_TEXT_INVALID")
    if "url" in button and not checked_link(button["url"]):
        raise bad(f"inline keyboard button URL '{button['url']}' is invalid: Wrong HTTP URL")
