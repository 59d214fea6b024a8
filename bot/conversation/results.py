"""Results: the seek-care message, the same-day message, and the calm result with its causes."""

from __future__ import annotations

from collections.abc import Iterable

from bot.conversation.cards import command, not_meant
from bot.conversation.messages import Block, Choice, Details, Message, Part, Purpose, Restart, Style
from bot.conversation.wording import Wording
from bot.flow.events import Back, Change, Finish
from bot.flow.model import Level
from bot.flow.outcome import Band, Fired, Fit, Outcome
from bot.flow.words import heard
from bot.load import ActionText, RuleText, Text

MOST_CAUSES = 4
"""Causes shown in a calm result."""

MOST_CAUSES_URGENT = 3
"""Causes shown, without bands, after what to do today."""

MOST_EVIDENCE = 4
"""Things named for, and against, each cause."""

MOST_HELPS = 2
"""Helpful things taken from each of the first two causes."""


def result(finish: Finish, wording: Wording) -> Message:
    """The message that ends a check."""
    outcome = finish.outcome
    if outcome.level is Level.EMERGENCY:
        return _message(outcome, wording, Purpose.SEEK_CARE, _emergency(outcome, wording), ())
    if outcome.level is Level.URGENT:
        shown = outcome.causes[:MOST_CAUSES_URGENT]
        return _message(outcome, wording, Purpose.SEEK_CARE, _urgent(outcome, shown, wording), shown)
    shown = outcome.causes[:MOST_CAUSES]
    return _message(outcome, wording, Purpose.RESULT, _calm(outcome, shown, wording), shown)


def _message(
    outcome: Outcome, wording: Wording, purpose: Purpose, blocks: list[Block], causes: tuple[Fit, ...]
) -> Message:
    choices = [*(_more(fit, wording) for fit in causes), *not_meant(wording)]
    choices.append(command("back", Back(), wording))
    choices.append(command("change", Change(), wording))
    choices.append(command("restart", Restart(), wording))
    phone = _phone(outcome, wording) if purpose is Purpose.SEEK_CARE else ()
    return Message(purpose, tuple(blocks), tuple(choices), level=outcome.level, phone=phone)


def _more(fit: Fit, wording: Wording) -> Choice:
    name = wording.texts.causes[fit.cause].name.to(wording.audience)
    text = wording.ui("more_about", cause=name)
    return Choice(fit.cause, name, text, Details(fit.cause), Part.OPTION)


def _emergency(outcome: Outcome, wording: Wording) -> list[Block]:
    """What to do, why, what to say, what not to do, what to rule out. Nothing that calms, nothing to weigh up."""
    action = _action(outcome, wording)
    blocks = [_headline(outcome, action, wording), Block(Style.LIST, wording.ui("do_now"), _all(action.do, wording))]
    blocks += _reasons(outcome, wording)
    blocks += _to_say_and_avoid(outcome, action, wording)
    names = tuple(wording.texts.causes[cause].name.to(wording.audience) for cause in outcome.rule_out)
    if names:
        blocks.append(Block(Style.LIST, wording.ui("rule_out"), names))
    return blocks


def _urgent(outcome: Outcome, causes: tuple[Fit, ...], wording: Wording) -> list[Block]:
    action = _action(outcome, wording)
    blocks = [_headline(outcome, action, wording), Block(Style.LIST, wording.ui("do_today"), _all(action.do, wording))]
    blocks += _reasons(outcome, wording)
    blocks += _to_say_and_avoid(outcome, action, wording)
    blocks.append(_watch(wording))
    if causes:
        names = tuple(wording.texts.causes[fit.cause].name.to(wording.audience) for fit in causes)
        blocks.append(Block(Style.LIST, wording.ui("causes_urgent"), names))
    blocks.append(Block(Style.NOTE, wording.ui("disclaimer")))
    return blocks


def _calm(outcome: Outcome, causes: tuple[Fit, ...], wording: Wording) -> list[Block]:
    action = _action(outcome, wording)
    blocks = [_headline(outcome, action, wording), Block(Style.LIST, wording.ui("do_soon"), _all(action.do, wording))]
    blocks += _reasons(outcome, wording)
    dont = _dont(outcome, action, wording)
    if dont:
        blocks.append(Block(Style.LIST, wording.ui("do_not"), dont))
    if not any(fit.band is not Band.LESS for fit in causes):
        blocks.append(Block(Style.TEXT, wording.ui("causes_none")))
    if causes:
        blocks.append(Block(Style.HEADING, wording.ui("causes_title")))
        blocks += [_cause(fit, wording) for fit in causes]
    helps = _helps(causes, wording)
    if helps:
        blocks.append(Block(Style.LIST, wording.ui("helps"), helps))
    return [*blocks, _watch(wording), Block(Style.NOTE, wording.ui("disclaimer"))]


def _headline(outcome: Outcome, action: ActionText, wording: Wording) -> Block:
    level = wording.ui(f"level_{outcome.level.value}")
    return Block(Style.TITLE, f"{level}: {action.headline.to(wording.audience)}")


def _action(outcome: Outcome, wording: Wording) -> ActionText:
    return wording.texts.actions[outcome.action or wording.flow.actions[outcome.level]]


def _rules(outcome: Outcome, wording: Wording) -> list[RuleText]:
    return [wording.flow_texts.rules[fired.rule] for fired in outcome.rules]


def _reasons(outcome: Outcome, wording: Wording) -> list[Block]:
    """Every rule that counts, with its reason; then what the person said, and what stayed open."""
    blocks = []
    reasons = tuple(
        f"{rule.title.to(wording.audience)}. {rule.because.to(wording.audience)}" for rule in _rules(outcome, wording)
    )
    if reasons:
        blocks.append(Block(Style.LIST, wording.ui("because"), reasons))
    wrote = heard(wording.flow, wording.session)
    if wrote:
        blocks.append(Block(Style.LIST, wording.ui("you_wrote"), _unique(map(wording.said, wrote))))
    told = _unique(wording.said(finding) for fired in outcome.rules for finding in fired.told if finding not in wrote)
    if told:
        blocks.append(Block(Style.LIST, wording.ui("you_said"), told))
    also = [finding for finding in outcome.also if finding not in wrote]
    if also and outcome.level.rank >= Level.URGENT.rank:
        blocks.append(Block(Style.LIST, wording.ui("also_said"), _unique(map(wording.said, also))))
    unsure = _unique(wording.said(finding) for fired in outcome.rules for finding in fired.unsure)
    if unsure:
        blocks.append(Block(Style.LIST, wording.ui("not_sure_about"), unsure))
        blocks.append(Block(Style.TEXT, wording.ui("not_sure_safe")))
    return blocks


def _to_say_and_avoid(outcome: Outcome, action: ActionText, wording: Wording) -> list[Block]:
    blocks = []
    phone = _phone(outcome, wording)
    if phone:
        blocks.append(Block(Style.LIST, wording.ui("say_phone"), phone))
    dont = _dont(outcome, action, wording)
    if dont:
        blocks.append(Block(Style.LIST, wording.ui("do_not"), dont))
    return blocks


def _phone(outcome: Outcome, wording: Wording) -> tuple[str, ...]:
    return _unique(_said_on_the_phone(fired, wording) for fired in outcome.rules)


def _said_on_the_phone(fired: Fired, wording: Wording) -> str:
    """The rule's words where it holds; where it stayed open, only what is true: that it is not known."""
    text = wording.flow_texts.rules[fired.rule].phone
    if fired.undecided:
        open_ones = "; ".join(_unique(wording.said(finding) for finding in fired.unsure))
        return wording.ui("phone_unsure", items=open_ones)
    return text.to(wording.audience) if text else ""


def _dont(outcome: Outcome, action: ActionText, wording: Wording) -> tuple[str, ...]:
    texts = [*action.dont, *(text for rule in _rules(outcome, wording) for text in rule.dont)]
    return _unique(text.to(wording.audience) for text in texts)


def _cause(fit: Fit, wording: Wording) -> Block:
    """A cause in two lines: what speaks for it and what against."""
    name = wording.texts.causes[fit.cause].name.to(wording.audience)
    band = wording.ui({Band.WELL: "band_well", Band.PARTLY: "band_partly", Band.LESS: "band_less"}[fit.band])
    plus = _joined(fit.speaks_for, wording)
    minus = _joined(fit.speaks_against, wording)
    lines = (
        wording.ui("speaks_for", items=plus) if plus else wording.ui("for_none"),
        wording.ui("speaks_against", items=minus) if minus else wording.ui("against_none"),
    )
    return Block(Style.LIST, f"{name} ({band})", lines, fold=True)


def _joined(evidence: tuple[str, ...], wording: Wording) -> str:
    return "; ".join(_unique(wording.said(name) for name in evidence)[:MOST_EVIDENCE])


def _helps(causes: tuple[Fit, ...], wording: Wording) -> tuple[str, ...]:
    fitting = [fit for fit in causes if fit.band is not Band.LESS][:2]
    return _unique(
        text.to(wording.audience) for fit in fitting for text in wording.texts.causes[fit.cause].helps[:MOST_HELPS]
    )


def _watch(wording: Wording) -> Block:
    return Block(Style.LIST, wording.ui("watch"), _all(wording.flow_texts.watch, wording))


def _all(texts: Iterable[Text], wording: Wording) -> tuple[str, ...]:
    return tuple(text.to(wording.audience) for text in texts)


def _unique(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text for text in texts if text))
