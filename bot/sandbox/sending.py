"""What the bot does with messages: send, edit, delete, answer taps; refused where Telegram refuses it."""

from __future__ import annotations

from bot.sandbox.errors import ApiError, Blame, Json, bad, not_played, refused
from bot.sandbox.keyboards import Keyboard, inline_keyboard
from bot.sandbox.markup import parse_html
from bot.sandbox.model import Chat, Message
from bot.sandbox.record import What
from bot.sandbox.spec import Upload
from bot.sandbox.text import CAPTION_LIMIT, TEXT_LIMIT, Entity, plain, settle, units
from bot.sandbox.world import World

TOAST_LIMIT = 200
MOST_DELETED = 100
DELETE_WITHIN = 48 * 3600
"""Seconds within which a bot may delete a message for everyone."""

ACTIONS = frozenset(
    {
        "typing",
        "upload_photo",
        "record_video",
        "upload_video",
        "record_voice",
        "upload_voice",
        "upload_document",
        "choose_sticker",
        "find_location",
        "record_video_note",
        "upload_video_note",
    }
)

_NOT_PLAYED = frozenset(
    {
        "business_connection_id",
        "direct_messages_topic_id",
        "ephemeral_message_parameters",
        "suggested_post_parameters",
        "inline_message_id",
        "message_effect_id",
        "allow_paid_broadcast",
    }
)
_TOO_OLD = "query is too old and response timeout expired or query ID is invalid"
_SAME = (
    "message is not modified: specified new message content and reply markup are exactly the same as a current content "
    "and reply markup of the message"
)


def send_message(world: World, given: Json) -> Json:
    """`sendMessage`."""
    chat = _target(world, given)
    text, entities = _text(given, "text", TEXT_LIMIT)
    if not text:
        raise bad("message text is empty")
    return _sent(world, chat, given, (text, entities), {}).api()


def send_document(world: World, given: Json) -> Json:
    """`sendDocument`."""
    chat = _target(world, given)
    caption = _text(given, "caption", CAPTION_LIMIT)
    name, upload = _stored(world, given["document"])
    document: Json = {"file_id": name, "file_unique_id": f"u{name}"}
    if upload is not None:
        document |= {"file_name": upload.name, "mime_type": upload.mime, "file_size": len(upload.content)}
    return _sent(world, chat, given, caption, {"document": document}).api()


def send_photo(world: World, given: Json) -> Json:
    """`sendPhoto`."""
    chat = _target(world, given)
    caption = _text(given, "caption", CAPTION_LIMIT)
    name, upload = _stored(world, given["photo"])
    size: Json = {"file_id": name, "file_unique_id": f"u{name}", "width": 320, "height": 320}
    if upload is not None:
        size["file_size"] = len(upload.content)
    return _sent(world, chat, given, caption, {"photo": [size]}).api()


def send_chat_action(world: World, given: Json) -> bool:
    """`sendChatAction`."""
    chat = _target(world, given)
    if given["action"] not in ACTIONS:
        raise bad("wrong parameter action in request")
    chat.action = (given["action"], world.clock())
    return True


def edit_message_text(world: World, given: Json) -> Json:
    """`editMessageText`."""
    message = _editable(world, given)
    if message.is_caption:
        raise bad("there is no text in the message to edit")
    if "text" not in given:
        raise bad("message text is empty")
    text, entities = _text(given, "text", TEXT_LIMIT)
    if not text:
        raise bad("message text is empty")
    keyboard = inline_keyboard(given.get("reply_markup"))
    return _changed(world, message, (text, entities), keyboard, given.get("link_preview_options"))


def edit_message_reply_markup(world: World, given: Json) -> Json:
    """`editMessageReplyMarkup`."""
    message = _editable(world, given)
    keyboard = inline_keyboard(given.get("reply_markup"))
    return _changed(world, message, (message.text, message.entities), keyboard, message.preview)


def delete_message(world: World, given: Json) -> bool:
    """`deleteMessage`."""
    chat = world.writable(given["chat_id"])
    message = world.message(chat, given["message_id"], "message to delete not found")
    _check_deletable(world, message)
    _delete(world, message)
    return True


def delete_messages(world: World, given: Json) -> bool:
    """`deleteMessages`: those that are not there are skipped; one that the bot may not delete keeps all the others."""
    chat = world.writable(given["chat_id"])
    numbers = given["message_ids"]
    if not numbers:
        raise bad("message identifiers are not specified")
    if len(numbers) > MOST_DELETED:
        raise bad("too many message identifiers specified")
    found = {number: message for number in numbers if (message := chat.messages.get(number)) and not message.deleted}
    for message in found.values():
        _check_deletable(world, message)
    for message in found.values():
        _delete(world, message)
    return True


def answer_callback_query(world: World, given: Json) -> bool:
    """`answerCallbackQuery`: once for each tap, and in time."""
    if "url" in given:
        raise not_played("answers to taps with a url")
    name = given["callback_query_id"]
    tap = world.taps.get(name)
    if tap is None:
        raise refused(_TOO_OLD) if world.was_tap(name) else bad(_TOO_OLD)
    if tap.answered:
        raise bad(_TOO_OLD)
    text = plain(given.get("text", ""))
    if units(text) > TOAST_LIMIT:
        raise bad("MESSAGE_TOO_LONG")
    if world.clock() - tap.time > world.answer_within:
        tap.late = True
        raise refused(_TOO_OLD)
    world.answer(tap, text, alert=bool(given.get("show_alert")))
    return True


# --- what they share ----------------------------------------------------------------------------------------------


def _target(world: World, given: Json) -> Chat:
    """Where the bot wants to write, topic and replied message included."""
    for name in sorted(_NOT_PLAYED & given.keys()):
        raise not_played(name)
    chat = world.writable(given["chat_id"])
    thread = given.get("message_thread_id")
    if thread is not None and thread not in chat.topics:
        raise bad("message thread not found")
    return chat


def _replied(world: World, chat: Chat, given: Json) -> Message | None:
    reply = given.get("reply_parameters")
    if not reply:
        return None
    if "chat_id" in reply:
        raise not_played("replies in other chats")
    if "message_id" not in reply:
        raise bad("can't parse reply parameters: Can't find field \"message_id\"")
    try:
        return world.message(chat, reply["message_id"], "message to be replied not found")
    except ApiError as error:
        if error.blame is Blame.REFUSAL and reply.get("allow_sending_without_reply"):
            return None
        raise


def _check_deletable(world: World, message: Message) -> None:
    if not (message.by_bot or message.chat.is_private):
        raise bad("message can't be deleted for everyone")
    if world.clock() - message.date > DELETE_WITHIN:
        raise refused("message can't be deleted for everyone")


def _delete(world: World, message: Message) -> None:
    message.deleted = True
    world.show(What.DELETION, message)


def _text(given: Json, name: str, limit: int) -> tuple[str, list[Entity]]:
    """A text as the message will have it."""
    raw = given.get(name, "")
    mode = given.get("parse_mode", "")
    if mode and mode.lower() != "html":
        raise not_played(f"parse_mode {mode}")
    for part in ("entities", "caption_entities"):
        if part in given:
            raise not_played(part)
    text, marked = parse_html(raw) if mode else (raw, [])
    text, entities = settle(text, marked)
    if units(text) > limit:
        raise bad("message is too long" if name == "text" else "message caption is too long")
    return text, entities


def _sent(world: World, chat: Chat, given: Json, said: tuple[str, list[Entity]], content: Json) -> Message:
    replied = _replied(world, chat, given)
    keyboard = inline_keyboard(given.get("reply_markup"))
    if world.limiter is not None:
        world.limiter.check(chat)
    message = world.write(chat, world.bot, said, keyboard, content)
    message.reply_to = replied
    message.preview = given.get("link_preview_options")
    thread = given.get("message_thread_id")
    if thread is not None:
        message.thread, message.in_topic = thread, True
    elif replied is not None:
        message.follow(replied)
    world.show(What.MESSAGE, message)
    return message


def _editable(world: World, given: Json) -> Message:
    for name in sorted(_NOT_PLAYED & given.keys()):
        raise not_played(name)
    if "chat_id" not in given:
        raise bad("chat_id is empty")
    if "message_id" not in given:
        raise bad("message identifier is not specified")
    chat = world.writable(given["chat_id"])
    message = world.message(chat, given["message_id"], "message to edit not found")
    if not message.by_bot:
        raise bad("message can't be edited")
    return message


def _changed(
    world: World, message: Message, said: tuple[str, list[Entity]], keyboard: Keyboard, preview: Json | None
) -> Json:
    text, entities = said
    if (message.text, message.entities, message.keyboard, message.preview) == (text, entities, keyboard, preview):
        raise refused(_SAME)
    message.preview = preview
    world.change(message, text, entities, keyboard)
    return message.api()


def _stored(world: World, given: object) -> tuple[str, Upload | None]:
    """The id of a file that is sent: a new one, or one that is there already."""
    if isinstance(given, Upload):
        return world.store(given), given
    if not isinstance(given, str) or given not in world.files:
        raise bad("wrong file identifier/HTTP URL specified")
    return given, world.files[given]
