"""More about one cause, on demand."""

from __future__ import annotations

from bot.conversation.cards import command
from bot.conversation.messages import Block, Message, Purpose, Style
from bot.conversation.wording import Wording
from bot.flow.events import Continue
from bot.flow.outcome import Outcome


def details(cause: str, outcome: Outcome | None, wording: Wording) -> Message:
    """Everything Signpost says about a cause, with what would change the picture. `KeyError` for an unknown one."""
    texts = wording.texts.causes[cause]
    audience = wording.audience
    blocks = [
        Block(Style.TITLE, texts.name.to(audience)),
        Block(Style.TEXT, texts.summary.to(audience)),
        Block(Style.HEADING, wording.ui("detail_why")),
        Block(Style.TEXT, texts.why.to(audience), fold=True),
        Block(Style.LIST, wording.ui("detail_notice"), tuple(text.to(audience) for text in texts.notice), fold=True),
        Block(Style.LIST, wording.ui("detail_helps"), tuple(text.to(audience) for text in texts.helps), fold=True),
        Block(Style.HEADING, wording.ui("detail_clinician")),
        Block(Style.TEXT, texts.clinician.to(audience), fold=True),
        Block(Style.HEADING, wording.ui("detail_urgent")),
        Block(Style.TEXT, texts.urgent.to(audience)),
    ]
    fits = outcome.causes if outcome else ()
    missing = next((fit.would_change for fit in fits if fit.cause == cause), ())
    if missing:
        items = tuple(wording.said(name) for name in missing)
        blocks.append(Block(Style.LIST, wording.ui("detail_would_change"), items, fold=True))
    blocks.append(Block(Style.NOTE, wording.ui("detail_sources", items="; ".join(_sources(cause, wording)))))
    date = texts.last_reviewed.isoformat()
    reviewed = (
        wording.ui("detail_reviewed_by", date=date, name=texts.reviewed_by)
        if texts.reviewed_by
        else wording.ui("detail_reviewed", date=date)
    )
    blocks.append(Block(Style.NOTE, reviewed))
    return Message(Purpose.DETAIL, tuple(blocks), (command("continue", Continue(), wording),))


def _sources(cause: str, wording: Wording) -> list[str]:
    known = wording.library.sources
    return [f"{known[name].title} ({known[name].publisher})" for name in wording.texts.causes[cause].sources]
