"""Messages on a screen, drawn with rich: colour helps, but words and frames say the same without it."""

from __future__ import annotations

from rich.box import DOUBLE, HEAVY, ROUNDED, Box
from rich.console import Console, Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from bot.conversation.messages import Block, Message, Purpose, Style
from bot.flow.events import Ask
from bot.flow.model import Level
from bot.terminal.menu import WIDEST
from bot.terminal.view import View

_BAR = 24
"""Columns of the bar that shows how far the check is."""

_FRAMES: dict[Level, tuple[str, Box]] = {
    Level.EMERGENCY: ("bold red", HEAVY),
    Level.URGENT: ("bold yellow", DOUBLE),
    Level.SOON: ("cyan", ROUNDED),
    Level.ROUTINE: ("green", ROUNDED),
}
_STYLES = {Style.TITLE: "bold", Style.HEADING: "bold", Style.NOTE: "italic"}


class Screen:
    """Draws messages on a terminal, above the place where the menu stands."""

    def __init__(self, console: Console | None = None) -> None:
        self._console = console or Console(highlight=False, markup=False, emoji=False)

    def message(self, message: Message, view: View) -> None:
        """Draw a message without its options: those stand in the menu."""
        if message.purpose is Purpose.CARD:
            drawn = _card(message, view.question)
        elif message.level:
            style, box = _FRAMES[message.level]
            drawn = _panel(message, style, box)
        elif message.purpose is Purpose.NOTICE and len(message.blocks) == 1:
            drawn = _aside(message.blocks)
        else:
            drawn = _panel(message, "", ROUNDED)
        self._draw(drawn)

    def notice(self, text: str, items: tuple[str, ...] = ()) -> None:
        """Draw something that the terminal itself says."""
        block = Block(Style.LIST, text, items) if items else Block(Style.TEXT, text)
        self._draw(_aside((block,)))

    def _draw(self, drawn: RenderableType) -> None:
        self._console.print()
        self._console.print(drawn, width=min(self._console.width, WIDEST))


def _card(message: Message, ask: Ask | None) -> RenderableType:
    parts = [_block(block) for block in message.blocks]
    if ask and not ask.changing:
        parts[0] = _progress(ask, message.blocks[0])
    return Group(*parts)


def _progress(ask: Ask, block: Block) -> Text:
    full = _BAR * ask.done // (ask.done + ask.left + 1)
    return Text.assemble(("━" * full, "bold cyan"), "─" * (_BAR - full), "  ", (block.text, _STYLES[Style.NOTE]))


def _aside(blocks: tuple[Block, ...]) -> RenderableType:
    """Beside the conversation, with a sign before it."""
    return _marked("»", [_block(block) for block in blocks], "bold yellow")


def _panel(message: Message, style: str, box: Box) -> Panel:
    parts: list[RenderableType] = []
    for place, block in enumerate(message.blocks):
        if place and message.blocks[place - 1].style is not Style.HEADING:
            parts.append(Text())
        parts.append(_block(block, style if block.style is Style.TITLE else ""))
    return Panel(Group(*parts), box=box, border_style=style or "none", padding=(1, 2))


def _block(block: Block, style: str = "") -> RenderableType:
    text = Text(block.text, style=style or _STYLES.get(block.style, ""))
    if block.style is not Style.LIST:
        return text
    text.stylize("bold")
    return Group(text, *(_marked("•", [Text(item)]) for item in block.items))


def _marked(sign: str, parts: list[RenderableType], style: str = "") -> Table:
    """Parts with a sign before them, all lines of the text in line below each other."""
    grid = Table.grid(padding=(0, 1))
    grid.add_row(Text(sign, style=style), Group(*parts))
    return grid
