"""Messages as plain text: no colours, no control codes, one line for each thing, so that a script can read it."""

from __future__ import annotations

from bot.conversation.messages import Block, Message, Part, Purpose, Style
from bot.flow.model import Choose
from bot.terminal import words
from bot.terminal.view import LETTERS, View

RULER = "=" * 60


def written(message: Message, view: View) -> str:
    """A message as text, with its options numbered where a number means one."""
    parts = [_blocks(message)]
    if options := _options(message, view):
        parts.append(options)
    if message.choices:
        parts.append(how_to_answer(message, view))
    return "\n".join(parts)


def how_to_answer(message: Message, view: View) -> str:
    """One or two lines on what can be typed now."""
    how, commands = _how(message, view), _commands(message)
    return f"{how}\n{words.OR.format(commands=commands)}" if how else words.TYPE.format(commands=commands)


def _blocks(message: Message) -> str:
    """The blocks; a card is kept together, anything longer has an empty line before each part."""
    texts = [_block(block) for block in message.blocks]
    if message.purpose is Purpose.SEEK_CARE:
        texts[0] = f"{RULER}\n{texts[0]}\n{RULER}"
    return ("\n" if message.purpose in {Purpose.CARD, Purpose.NOTICE, Purpose.INTRO} else "\n\n").join(texts)


def _block(block: Block) -> str:
    if block.style is Style.LIST:
        return "\n".join([block.text, *(f"- {item}" for item in block.items)])
    return block.text


def _options(message: Message, view: View) -> str:
    lines = []
    for number, choice in enumerate(message.options(), start=1):
        sign = f"{number}." if view.numbered else f"{LETTERS[number - 1]})"
        tick = " [x]" if choice.ticked else ""
        lines.append(f"{sign}{tick} {choice.text}")
    return "\n".join(lines)


def _how(message: Message, view: View) -> str:
    """How the options are chosen."""
    if not message.options():
        return ""
    if message.level:
        return words.CAUSES
    if view.number:
        return words.OWN_NUMBER
    if view.doubting:
        return words.DOUBTING
    return words.SEVERAL if message.choose is Choose.ANY else words.ONE


_TYPED = {"restart": "new"}
"""Commands that are typed by another word than their key."""


def _commands(message: Message) -> str:
    parts = {choice.part for choice in message.options()}
    extra = [name for name, part in (("none", Part.NONE), ("unsure", Part.UNSURE)) if part in parts]
    commands = [_TYPED.get(choice.key, choice.key) for choice in message.choices if choice.part is Part.COMMAND]
    return ", ".join([*extra, *commands, "help"])
