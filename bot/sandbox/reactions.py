"""Reactions: a bot may set one of the emoji that Telegram has for it."""

from __future__ import annotations

from bot.sandbox.errors import Json, bad, not_played
from bot.sandbox.record import What
from bot.sandbox.world import World

_SINGLE = (
    "👍👎❤🔥🥰👏😁🤔🤯😱🤬😢🎉🤩🤮💩🙏👌🕊🤡🥱🥴😍🐳🌚🌭💯🤣⚡🍌🏆💔🤨😐🍓🍾💋🖕😈😴"
    "😭🤓👻👀🎃🙈😇😨🤝✍🤗🫡🎅🎄☃💅🤪🗿🆒💘🙉🦄😘💊🙊😎👾🤷😡"
)
EMOJI = frozenset(_SINGLE) | {"❤\u200d🔥", "👨\u200d💻", "🤷\u200d♂", "🤷\u200d♀"}
"""As the documentation of ReactionTypeEmoji lists them, without the marks that only choose an emoji's look."""

_LOOK = "\ufe0f"


def set_message_reaction(world: World, given: Json) -> bool:
    """`setMessageReaction`, with one emoji or none."""
    chat = world.writable(given["chat_id"])
    message = world.message(chat, given["message_id"], "message to react not found")
    emoji = [_emoji(reaction) for reaction in given.get("reaction", [])]
    if len(emoji) > 1:
        raise bad("REACTIONS_TOO_MANY")
    message.reaction = emoji[0] if emoji else ""
    world.show(What.REACTION, message, message.reaction)
    return True


def _emoji(reaction: Json) -> str:
    if reaction["type"] == "paid":
        raise bad("bots can't send paid reactions")
    if reaction["type"] != "emoji":
        raise not_played(f"reactions of the type {reaction['type']}")
    emoji: str = reaction["emoji"]
    if emoji.replace(_LOOK, "") not in EMOJI:
        raise bad("REACTION_INVALID")
    return emoji
