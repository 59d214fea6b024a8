"""The methods of the Bot API that the sandbox plays, by name; the rest of them is refused as not played."""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable
from typing import Any

from bot.sandbox import sending
from bot.sandbox.errors import Json, bad, refused
from bot.sandbox.model import Chat, Standing
from bot.sandbox.world import World

Method = Callable[[World, Json], Any | Awaitable[Any]]

LONGEST_NAME, LONGEST_DESCRIPTION, LONGEST_SHORT = 64, 512, 120
MOST_COMMANDS, LONGEST_COMMAND_TEXT = 100, 256

_COMMAND = re.compile(r"[a-z0-9_]{1,32}")
_LANGUAGE = re.compile(r"[a-z]{2}|")


async def _get_updates(world: World, given: Json) -> list[Json]:
    limit = given.get("limit", 100)
    if "allowed_updates" in given:
        world.queue.allowed = given["allowed_updates"]
    return await world.queue.get(given.get("offset", 0), min(max(limit, 1), 100), given.get("timeout", 0))


def _get_me(world: World, _: Json) -> Json:
    return world.bot.api() | {
        "can_join_groups": True,
        "can_read_all_group_messages": not world.privacy_mode,
        "supports_inline_queries": False,
        "can_connect_to_business": False,
        "has_main_web_app": False,
    }


def _delete_webhook(world: World, given: Json) -> bool:
    world.queue.webhook = {}
    if given.get("drop_pending_updates"):
        world.queue.forget()
    return True


def _get_webhook_info(world: World, _: Json) -> Json:
    url = world.queue.webhook.get("url", "")
    return {"url": url, "has_custom_certificate": False, "pending_update_count": len(world.queue.pending)}


# --- how the bot presents itself ----------------------------------------------------------------------------------


def _scope(given: Json) -> tuple[str, str]:
    language = given.get("language_code", "")
    if not _LANGUAGE.fullmatch(language):
        raise bad("LANG_CODE_INVALID")
    return json.dumps(given.get("scope", {"type": "default"}), sort_keys=True), language


def _set_my_commands(world: World, given: Json) -> bool:
    key = _scope(given)
    commands = given["commands"]
    if len(commands) > MOST_COMMANDS:
        raise bad("BOT_COMMANDS_TOO_MUCH")
    for command in commands:
        if not _COMMAND.fullmatch(command["command"]):
            raise bad("BOT_COMMAND_INVALID")
        if not 1 <= len(command["description"]) <= LONGEST_COMMAND_TEXT:
            raise bad("BOT_COMMAND_DESCRIPTION_INVALID")
    world.profile.commands[key] = commands
    return True


def _get_my_commands(world: World, given: Json) -> list[Json]:
    return world.profile.commands.get(_scope(given), [])


def _delete_my_commands(world: World, given: Json) -> bool:
    world.profile.commands.pop(_scope(given), None)
    return True


def _text_of_profile(field: str, name: str, longest: int) -> tuple[Method, Method]:
    """The methods that set and get one of the bot's texts."""

    def texts(world: World) -> dict[str, str]:
        found: dict[str, str] = getattr(world.profile, field)
        return found

    def setter(world: World, given: Json) -> bool:
        _, language = _scope(given)
        text = given.get(name, "")
        if len(text) > longest:
            raise bad(f"{name} is too long")
        texts(world)[language] = text
        return True

    def getter(world: World, given: Json) -> Json:
        _, language = _scope(given)
        fallback = world.bot.first_name if name == "name" else ""
        return {name: texts(world).get(language) or texts(world).get("") or fallback}

    return setter, getter


def _set_menu(world: World, given: Json) -> bool:
    world.profile.menu = given.get("menu_button", {"type": "commands"})
    return True


def _get_menu(world: World, _: Json) -> Json:
    return world.profile.menu


# --- chats --------------------------------------------------------------------------------------------------------


def _get_chat(world: World, given: Json) -> Json:
    chat = world.writable(given["chat_id"])
    return chat.api() | {
        "accent_color_id": 0,
        "max_reaction_count": 11,
        "accepted_gift_types": {
            "unlimited_gifts": False,
            "limited_gifts": False,
            "unique_gifts": False,
            "premium_subscription": False,
            "gifts_from_channels": False,
        },
    }


def _get_chat_member(world: World, given: Json) -> Json:
    chat = world.chat(given["chat_id"])
    user_id = given["user_id"]
    if user_id == world.bot.id:
        return _bot_as_member(world, chat)
    user = chat.people.get(user_id) or (chat.owner if chat.owner and chat.owner.id == user_id else None)
    if user is None:
        raise refused("PARTICIPANT_ID_INVALID")
    return {"status": "creator" if user_id in chat.admins else "member", "user": user.api(), "is_anonymous": False}


def _bot_as_member(world: World, chat: Chat) -> Json:
    made: Json = {"user": world.bot.api(), "status": chat.standing.value}
    rights = (
        "can_be_edited is_anonymous can_manage_chat can_delete_messages can_manage_video_chats can_restrict_members "
        "can_promote_members can_change_info can_invite_users can_post_stories can_edit_stories can_delete_stories"
    )
    if chat.standing is Standing.ADMIN:
        made |= dict.fromkeys(rights.split(), False)
    if chat.standing is Standing.KICKED:
        made["until_date"] = 0
    return made


def _leave_chat(world: World, given: Json) -> bool:
    chat = world.chat(given["chat_id"])
    if chat.is_private:
        raise bad("chat_id of a private chat is not allowed")
    chat.standing = Standing.LEFT
    return True


def _get_file(world: World, given: Json) -> Json:
    upload = world.files.get(given["file_id"])
    if upload is None:
        raise bad("invalid file_id")
    path = f"documents/{given['file_id']}"
    return {
        "file_id": given["file_id"],
        "file_unique_id": f"u{given['file_id']}",
        "file_size": len(upload.content),
        "file_path": path,
    }


_SET_NAME, _GET_NAME = _text_of_profile("names", "name", LONGEST_NAME)
_SET_DESCRIPTION, _GET_DESCRIPTION = _text_of_profile("descriptions", "description", LONGEST_DESCRIPTION)
_SET_SHORT, _GET_SHORT = _text_of_profile("shorts", "short_description", LONGEST_SHORT)

METHODS: dict[str, Method] = {
    "answerCallbackQuery": sending.answer_callback_query,
    "deleteMessage": sending.delete_message,
    "deleteMessages": sending.delete_messages,
    "deleteMyCommands": _delete_my_commands,
    "deleteWebhook": _delete_webhook,
    "editMessageReplyMarkup": sending.edit_message_reply_markup,
    "editMessageText": sending.edit_message_text,
    "getChat": _get_chat,
    "getChatMember": _get_chat_member,
    "getChatMenuButton": _get_menu,
    "getFile": _get_file,
    "getMe": _get_me,
    "getMyCommands": _get_my_commands,
    "getMyDescription": _GET_DESCRIPTION,
    "getMyName": _GET_NAME,
    "getMyShortDescription": _GET_SHORT,
    "getUpdates": _get_updates,
    "getWebhookInfo": _get_webhook_info,
    "leaveChat": _leave_chat,
    "sendChatAction": sending.send_chat_action,
    "sendDocument": sending.send_document,
    "sendMessage": sending.send_message,
    "sendPhoto": sending.send_photo,
    "setChatMenuButton": _set_menu,
    "setMessageReaction": sending.set_message_reaction,
    "setMyCommands": _set_my_commands,
    "setMyDescription": _SET_DESCRIPTION,
    "setMyName": _SET_NAME,
    "setMyShortDescription": _SET_SHORT,
}
"""What is played."""
