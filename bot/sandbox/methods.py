"""The methods of the Bot API that the sandbox plays, by name; the rest of them is refused as not played."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from bot.sandbox import profile, sending
from bot.sandbox.errors import Json, bad
from bot.sandbox.model import Chat, Standing
from bot.sandbox.reactions import set_message_reaction
from bot.sandbox.webhook import delete_webhook, get_webhook_info, set_webhook
from bot.sandbox.world import World

Method = Callable[[World, Json], Any | Awaitable[Any]]


async def _get_updates(world: World, given: Json) -> list[Json]:
    limit = given.get("limit", 100)
    if "allowed_updates" in given:
        world.queue.allow(given["allowed_updates"])
    return await world.queue.get(given.get("offset", 0), min(max(limit, 1), 100), given.get("timeout", 0))


def _get_me(world: World, _: Json) -> Json:
    return world.bot.api() | {
        "can_join_groups": True,
        "can_read_all_group_messages": not world.privacy_mode,
        "supports_inline_queries": False,
        "can_connect_to_business": False,
        "has_main_web_app": False,
    }


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
    if user is not None:
        status = "creator" if user_id in chat.admins else "member"
        return {"status": status, "user": user.api(), "is_anonymous": False}
    if user_id not in world.people:
        raise bad("PARTICIPANT_ID_INVALID")
    return {"status": "left", "user": world.people[user_id].api()}


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
    world.move(chat, world.bot, Standing.LEFT)
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


METHODS: dict[str, Method] = {
    "answerCallbackQuery": sending.answer_callback_query,
    "deleteMessage": sending.delete_message,
    "deleteMessages": sending.delete_messages,
    "deleteMyCommands": profile.delete_my_commands,
    "deleteWebhook": delete_webhook,
    "editMessageReplyMarkup": sending.edit_message_reply_markup,
    "editMessageText": sending.edit_message_text,
    "getChat": _get_chat,
    "getChatMember": _get_chat_member,
    "getChatMenuButton": profile.get_chat_menu_button,
    "getFile": _get_file,
    "getMe": _get_me,
    "getMyCommands": profile.get_my_commands,
    "getMyDescription": profile.GET_DESCRIPTION,
    "getMyName": profile.GET_NAME,
    "getMyShortDescription": profile.GET_SHORT,
    "getUpdates": _get_updates,
    "getWebhookInfo": get_webhook_info,
    "leaveChat": _leave_chat,
    "sendChatAction": sending.send_chat_action,
    "sendDocument": sending.send_document,
    "sendMessage": sending.send_message,
    "sendPhoto": sending.send_photo,
    "setChatMenuButton": profile.set_chat_menu_button,
    "setMessageReaction": set_message_reaction,
    "setMyCommands": profile.set_my_commands,
    "setMyDescription": profile.SET_DESCRIPTION,
    "setMyName": profile.SET_NAME,
    "setMyShortDescription": profile.SET_SHORT,
    "setWebhook": set_webhook,
}
"""What is played."""
