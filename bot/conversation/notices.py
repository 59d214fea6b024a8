"""What is said beside the cards: notices, kind refusals, and the warning when a change clears an emergency."""

from __future__ import annotations

from dataclasses import replace

from bot.conversation.cards import command
from bot.conversation.messages import Block, Message, Purpose, Restart, Style
from bot.conversation.wording import Wording
from bot.flow.engine import advice
from bot.flow.events import Cleared, Continue, Reason, Reject, Say, Topic

_REASONS = {Reason.STOPPED: "is_stopped", Reason.FINISHED: "is_finished"}


MOST_HEARD = 30
"""Things heard that one notice names."""


def reject(effect: Reject, wording: Wording) -> Message:
    """Why nothing happened, kindly."""
    return replace(_notice(wording.ui(_REASONS.get(effect.reason, effect.reason.value))), refused=True)


def intro(wording: Wording) -> Message:
    """What this is, before the first question."""
    title = wording.flow_texts.title.to(wording.audience)
    lines = ("intro_what", "intro_not", "intro_reviewed", "intro_privacy")
    blocks = (
        Block(Style.TITLE, wording.ui("intro_title", title=title)),
        *(Block(Style.TEXT, wording.ui(line)) for line in lines),
    )
    return Message(Purpose.INTRO, blocks)


def say(effect: Say, wording: Wording) -> list[Message]:
    """A notice about what happened; nothing where there is nothing to tell."""
    if effect.topic is Topic.NOTICE:
        texts = (wording.flow_texts.notices[name].to(wording.audience) for name in effect.names)
        return [replace(_notice(text), lasting=True) for text in texts]
    return [_said(effect, wording)]


def _said(effect: Say, wording: Wording) -> Message:
    match effect.topic:
        case Topic.WARNED:
            return _notice(wording.ui("warned", advice=_advice(effect.names, wording)))
        case Topic.STOPPED:
            return _stopped(effect.names, wording)
        case Topic.EXPIRED:
            return replace(_notice(wording.ui("expired")), lasting=True)
        case Topic.HEARD | Topic.UNHEARD:
            return replace(_notice(_of_words(effect, wording)), lasting=True)
    names = wording.shorts(effect.names)
    if effect.topic is Topic.UPDATED:
        more = f" {wording.ui('updated_dropped', questions=names)}" if names else ""
        return _notice(wording.ui("updated") + more)
    return _notice(wording.ui(effect.topic.value, questions=names))


def _of_words(effect: Say, wording: Wording) -> str:
    """What was understood while the check goes on, and what that already calls for; or that it was not meant."""
    said = "; ".join(wording.said(name) for name in effect.names[:MOST_HEARD])
    if len(effect.names) > MOST_HEARD:
        said += "; …"
    if effect.topic is Topic.UNHEARD:
        return wording.ui("unheard", said=said)
    action = advice(wording.flow, wording.session)
    if action is None:
        return wording.ui("heard_noted", said=said)
    headline = wording.texts.actions[action].headline.to(wording.audience)
    return wording.ui("heard_advised", said=said, advice=headline)


def cleared(effect: Cleared, wording: Wording) -> Message:
    """A change cleared an emergency: the former warning is repeated, with what to do if it was ever true."""
    titles = "; ".join(wording.flow_texts.rules[name].title.to(wording.audience) for name in effect.rules)
    headline = _advice(effect.rules, wording)
    if effect.heard:
        text = wording.ui("cleared_heard", warning=titles)
    elif effect.question:
        text = wording.ui("cleared_text", question=wording.short(effect.question), warning=titles)
    else:
        text = wording.ui("cleared_earlier", warning=titles)
    return Message(
        Purpose.NOTICE,
        (
            Block(Style.TITLE, wording.ui("cleared_title")),
            Block(Style.TEXT, text),
            Block(Style.TEXT, wording.ui("cleared_warning", advice=headline)),
        ),
        lasting=True,
    )


def _advice(rules: tuple[str, ...], wording: Wording) -> str:
    """The headlines of what these rules tell to do."""
    actions = dict.fromkeys(wording.flow.rules_by_id[name].action for name in rules)
    return "; ".join(wording.texts.actions[name].headline.to(wording.audience) for name in actions)


def advised(action: str | None, wording: Wording) -> tuple[Block, ...]:
    """The advice that the answers so far call for already; nothing where there is none."""
    if action is None:
        return ()
    return (
        Block(Style.TITLE, wording.ui("advised", advice=wording.texts.actions[action].headline.to(wording.audience))),
    )


def former(action: str, wording: Wording) -> Message:
    """A new check takes the place of one that advised to get help soon: that advice is not taken back by it."""
    headline = wording.texts.actions[action].headline.to(wording.audience)
    return replace(_notice(wording.ui("former", advice=headline)), lasting=True)


def _stopped(actions: tuple[str, ...], wording: Wording) -> Message:
    """The check is stopped. What to watch for is a list of signs *to come*: not for an emergency, which is there."""
    action = next(iter(actions), None)
    blocks = [*advised(action, wording), Block(Style.TEXT, wording.ui("stopped"))]
    if action is None or action not in wording.flow.emergency_actions:
        watch = tuple(text.to(wording.audience) for text in wording.flow_texts.watch)
        blocks.append(Block(Style.LIST, wording.ui("stopped_care"), watch))
    return Message(
        Purpose.NOTICE,
        tuple(blocks),
        (command("continue", Continue(), wording), command("restart", Restart(), wording)),
    )


def _notice(text: str) -> Message:
    return Message(Purpose.NOTICE, (Block(Style.TEXT, text),))
