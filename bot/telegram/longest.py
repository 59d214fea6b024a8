"""The longest that people can be shown: for each kind of message, at least as long as any conversation can make it.

No conversation is walked for that. Every message is drawn by the code that draws it for people, from an effect that
holds more than any conversation could bring together: every rule of a level counts, everything was said, everything
stayed open, every answer before is the longest one. What is shown to somebody is a part of one of these, piece by
piece. The flow is the real one but for two things: every question is asked, and the audience is the wanted one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import product

from bot.conversation.conversation import Conversation
from bot.conversation.details import details
from bot.conversation.messages import Message
from bot.conversation.notices import advised, former, intro
from bot.conversation.wording import Wording
from bot.flow.causes import STRONG
from bot.flow.conditions import ALWAYS
from bot.flow.engine import start
from bot.flow.events import (
    Ask,
    Asking,
    ChangeList,
    Cleared,
    Effect,
    Explain,
    Finish,
    Reason,
    Reject,
    Review,
    Say,
    Topic,
)
from bot.flow.model import Audience, Cause, Choose, Flow, Level, Question, Rule
from bot.flow.outcome import Band, Fired, Fit, Outcome
from bot.flow.session import Answered, Changing, Heard, Input, Session, Ticked
from bot.load import Library
from bot.load.library import Key
from bot.telegram.longest_words import at_card, of_words
from bot.telegram.markup import length, texts
from bot.telegram.pages import Operator, Pages
from bot.telegram.posts import Card, Note, Post
from bot.telegram.screen import Screen, refused

LONGEST_CONTACT = 200
"""Characters of OPERATOR_CONTACT, as `bot.settings` takes it."""

LONGEST_URL = 2000
"""Characters of PRIVACY_URL, as `bot.settings` takes it."""

OPERATOR = Operator("🦵" * LONGEST_CONTACT, "https://".ljust(LONGEST_URL, "x"), 3650)
"""Who runs the bot at greatest length; a sign that Telegram counts twice stands for each character."""

_TURNS = 999_999
"""The last turn that a button can name."""

_QUERY = "query"


@dataclass(frozen=True, slots=True)
class Shown:
    """Something that people can be shown. ``what``: in words; ``about``: where to look if no text is to blame for it.

    ``whole``: it has to be one message. ``copied``: words that a button has to copy whole.
    """

    what: str
    posts: tuple[Post, ...]
    about: Key
    whole: bool = False
    copied: str = ""


def of_flow(library: Library, flow: Flow, language: str, who: Audience) -> Iterator[Shown]:
    """The longest of everything that belongs to one flow, in one language and for one audience."""
    longest = _Longest(library, flow, language, who)
    for kind in (longest.cards, longest.words, longest.lists, longest.notices, longest.results, longest.details):
        yield from kind()


class _Nowhere:
    """Drawing needs nothing that is kept."""

    async def load(self, key: str) -> Session | None:
        raise NotImplementedError(key)

    async def save(self, key: str, session: Session) -> None:
        raise NotImplementedError(key)


class _Longest:
    """One flow in one language for one audience, and a session with the longest answer to every question.

    ``_screen`` stands at a card, so its flow has no rules that would end the check there.
    """

    def __init__(self, library: Library, flow: Flow, language: str, who: Audience) -> None:
        asked = tuple(replace(question, when=ALWAYS) for question in flow.questions)
        self._flow = replace(flow, questions=asked, audiences={who: ALWAYS})
        self._library = replace(library, flows={flow.id: self._flow})
        self._conversation = Conversation(self._library, _Nowhere())
        calm = replace(library, flows={flow.id: replace(self._flow, rules=())})
        self._calm, self._pages = Conversation(calm, _Nowhere()), Pages(calm, language, OPERATOR)
        self._begun = replace(start(self._flow, "f" * 32, language, 0).session, turn=_TURNS)
        self._wording = Wording.of(self._library, self._begun)
        self._session = replace(self._begun, inputs=self._answers())
        self._screen = Screen(self._calm, self._begun, self._pages)
        self._about = ("flow", flow.id)

    # --- answers ----------------------------------------------------------------------------------------------------

    def _answers(self) -> tuple[Input, ...]:
        """The longest answer to every question; last the one that makes the longest line above the next card."""
        wording = self._wording

        def answer(entry: Answered) -> int:
            alone = replace(self._begun, inputs=(entry,))
            return length(replace(wording, session=alone).answer(entry.question))

        def line(entry: Answered) -> int:
            return answer(entry) + length(wording.short(entry.question))

        return tuple(sorted((max(_said(each, wording), key=answer) for each in self._flow.questions), key=line))

    @property
    def _ticked(self) -> Session:
        """Every box ticked and no card done: an answer then names all of its ticks."""
        boxes = [question for question in self._flow.questions if question.choose is Choose.ANY]
        ticks = tuple(Ticked(each.id, option.id, 0) for each in boxes for option in each.choices)
        return replace(self._session, inputs=ticks)

    # --- cards ------------------------------------------------------------------------------------------------------

    def cards(self) -> Iterator[Shown]:
        """Every question, below the longest answer before it."""
        for question in self._flow.questions:
            about = ("question", self._flow.id, question.id)
            session = replace(self._session, inputs=(*self._session.inputs, Changing(question.id, 0)))
            screen = Screen(self._calm, session, self._pages)
            asks = _asks(question, len(self._flow.questions))
            cards = [self._drawn(ask, session=session) for ask in asks]
            for card in cards:
                name = f"the card of question '{question.id}'"
                yield Shown(name, tuple(screen.posts(card, below=False)), about, whole=True)
            above = self._drawn(*self._above(question))
            name = f"what can stand above the card of question '{question.id}'"
            yield Shown(name, tuple(screen.posts([*above, *cards[0]], below=False)), about)
            for what, messages in at_card(question, self._wording):
                posts = screen.posts([*messages, *([] if messages[-1].choices else cards[0])], below=True)
                yield Shown(f"{what} at question '{question.id}'", tuple(posts), about)
            if question.choose is Choose.NUMBER:
                numbers = screen.narrowed(question.smallest, question.largest)
                yield Shown(f"the numbers of question '{question.id}'", (numbers,), about, whole=True)

    def words(self) -> Iterator[Shown]:
        """What typed words bring: whether a danger is meant, what a first message says, what was heard."""
        for what, about, effect in of_words(self._wording):
            heard = isinstance(effect, Say) and effect.topic is Topic.HEARD
            yield self._shown(what, about or self._about, effect, session=self._told if heard else None)

    @property
    def _told(self) -> Session:
        """Every danger heard in words."""
        names = self._flow.names(self._flow.danger | self._flow.heard)
        return replace(self._begun, inputs=tuple(Heard(name, 0) for name in names))

    def _above(self, question: Question) -> tuple[Effect, ...]:
        """More than all that can be said on the way to a card."""
        questions, emergencies = tuple(self._flow.place), tuple(rule.id for rule in self._flow.emergencies)
        return (
            *(Say(topic, questions) for topic in (Topic.UPDATED, Topic.STALE, Topic.DROPPED)),
            Cleared(emergencies, question.id),
            Say(Topic.WARNED, emergencies),
            Explain(question.id),
        )

    def lists(self) -> Iterator[Shown]:
        """What has been answered: to look over, to change, to see what is kept."""
        flow = self._flow
        denied = tuple((each.id, flow.names(each.sets & flow.danger)) for each in flow.questions)
        review = Review(tuple((name, findings) for name, findings in denied if findings), len(denied))
        yield self._shown("the review of the danger signs", self._about, review)
        for session in (self._session, self._ticked):
            answers = ChangeList(tuple(flow.place))
            yield self._shown("the list of answers", self._about, answers, session=session)
        kept = self._pages.kept("telegram:".ljust(30, "9"), None, self._session, "")
        yield Shown("what /mydata shows", tuple(kept), self._about)

    # --- beside the cards -------------------------------------------------------------------------------------------

    def notices(self) -> Iterator[Shown]:
        """What is said before, beside and in place of cards."""
        flow, wording = self._flow, self._wording
        welcome = self._pages.welcome(self._screen.where, said=self._pages.ui("no_check"))
        yield Shown("the welcome", (welcome,), self._about)
        yield Shown("the introduction", (Note(texts(intro(wording))),), self._about)
        for action in dict.fromkeys([*(rule.action for rule in flow.rules), *flow.actions.values()]):
            about: Key = ("text", wording.texts.code, "action", action)
            stopped = Say(Topic.STOPPED, (action,))
            yield self._shown(f"what a stop says with action '{action}'", about, stopped)
            yield Shown("the advice of an earlier check", (Note(texts(former(action, wording))),), about)
            page = self._pages.unfinished(self._screen.where, advised(action, wording), welcome=True)
            yield Shown("the page of a check to go on with", (page,), about)
        yield self._shown("what a stop says", self._about, Say(Topic.STOPPED))
        yield self._shown("the word that a check is too old", self._about, Say(Topic.EXPIRED))
        cleared = Cleared(tuple(rule.id for rule in flow.emergencies), None)
        yield self._shown("the word that a warning was cleared", self._about, cleared)
        for notice in flow.notices:
            about = ("notice", flow.id, notice.id)
            yield self._shown(f"notice '{notice.id}'", about, Say(Topic.NOTICE, (notice.id,)))
        for reason in Reason:
            refusal = self._drawn(Reject(reason))[0]
            posts = (refused(_QUERY, refusal), Note(texts(refusal)))
            yield Shown(f"the refusal '{reason.value}'", posts, self._about)

    # --- results ----------------------------------------------------------------------------------------------------

    def results(self) -> Iterator[Shown]:
        """A result may be several messages, so its parts can be measured apart: what to do and why, and the causes."""
        for level in Level:
            rules = [rule for rule in self._flow.rules if level in {rule.level, rule.unsure}]
            own = [rule for rule in rules if rule.level is level]
            for action in dict.fromkeys([*(rule.action for rule in own), self._flow.actions[level]]):
                for undecided in (True, False):
                    outcome = self._outcome(level, action, rules, undecided=undecided)
                    yield from self._result(f"the result '{level.value}' with action '{action}'", outcome, action)
            for rule in own:
                outcome = self._outcome(level, rule.action, [rule], undecided=False)
                (message,) = self._drawn(Finish(outcome))
                alone = ("rule", self._flow.id, rule.id)
                yield Shown(f"the result of rule '{rule.id}'", (), alone, copied=" ".join(message.phone))
        for level, fits in product((Level.URGENT, Level.SOON), self._fits()):  # 'routine' is drawn like 'soon'
            action = self._flow.actions[level]
            outcome = Outcome(level, action, (), (), fits)
            yield from self._result(f"the causes of the result '{level.value}'", outcome, action)

    def _result(self, name: str, outcome: Outcome, action: str) -> Iterator[Shown]:
        about = ("text", self._wording.texts.code, "action", action)
        (wrote,) = self._drawn(Finish(outcome), session=self._told)
        yield Shown(f"{name}, of what was written", tuple(self._screen.posts([wrote], below=True)), about)
        (message,) = self._drawn(Finish(outcome))
        yield Shown(name, tuple(self._screen.posts([message], below=True)), about)
        beginning = Card(texts(replace(message, blocks=message.blocks[:2])), ())
        yield Shown(f"{name}, up to what to do", (beginning,), about, whole=True)
        page = self._pages.finished(self._screen.where, message.blocks[0].text, welcome=True)
        yield Shown("the page of a finished check", (page,), about)

    def _outcome(self, level: Level, action: str, rules: Iterable[Rule], *, undecided: bool) -> Outcome:
        """All of these rules count; everything that they read was said, and all of it stayed open as well."""
        flow = self._flow
        read = {rule.id: flow.names(rule.when.plain) for rule in rules}
        fired = tuple(Fired(rule, level, names, names, undecided) for rule, names in read.items())
        rule_out = tuple(dict.fromkeys(name for rule in rules for name in rule.names))
        return Outcome(level, action, fired, rule_out, (), also=flow.names(flow.danger))

    def _fits(self) -> Iterator[tuple[Fit, ...]]:
        """Every cause in each band, two at once: a result says of the first two what helps."""
        causes = self._flow.causes
        for at, band in product(range(0, len(causes), 2), Band):
            yield tuple(self._fit(cause, band) for cause in causes[at : at + 2])

    def _fit(self, cause: Cause, band: Band) -> Fit:
        """Everything speaks for it and against it, the longest first, since only a few are shown."""

        def names(sign: int) -> tuple[str, ...]:
            found = (each.id for each in cause.evidence if each.weight * sign > 0)
            return tuple(sorted(found, key=lambda name: -length(self._wording.said(name))))

        strong = tuple(each.id for each in cause.evidence if each.weight >= STRONG)
        return Fit(cause.id, 0, band, names(1), names(-1), strong)

    def details(self) -> Iterator[Shown]:
        """More about every cause."""
        for cause in self._flow.causes:
            outcome = Outcome(Level.ROUTINE, None, (), (), (self._fit(cause, Band.WELL),))
            posts = (self._screen.details(details(cause.id, outcome, self._wording)),)
            about = ("text", self._wording.texts.code, "cause", cause.id)
            yield Shown(f"more about cause '{cause.id}'", posts, about)

    # --- drawing ----------------------------------------------------------------------------------------------------

    def _drawn(self, *effects: Effect, session: Session | None = None) -> list[Message]:
        """``session``: where the answers matter."""
        return self._conversation.render(effects, session or self._begun)

    def _shown(self, what: str, about: Key, *effects: Effect, session: Session | None = None) -> Shown:
        messages = self._drawn(*effects, session=session)
        return Shown(what, tuple(self._screen.posts(messages, below=False)), about)


def _said(question: Question, wording: Wording) -> Iterator[Answered]:
    """Answers to a question: at least one for everything that can be said of one later."""
    choices = [option.id for option in question.choices]
    if question.choose is Choose.ANY:
        written = wording.question(question.id).options
        labels = {name: written[name].label.to(wording.audience) for name in choices}
        yield Answered(question.id, tuple(sorted(choices, key=lambda name: -length(labels[name]))), 0)
    else:
        yield from (Answered(question.id, (name,), 0) for name in choices)
    if question.choose is Choose.NUMBER:
        yield from (Answered(question.id, (), 0, number=each) for each in (question.smallest, question.largest))
    if question.none:
        yield Answered(question.id, (), 0)
    if question.unsure:
        yield Answered(question.id, (), 0, unsure=tuple(choices))


def _asks(question: Question, cards: int) -> Iterator[Ask]:
    """Every way in which a question can be asked, with everything ticked."""
    choices = tuple(option.id for option in question.choices)
    extras = tuple(option.id for option in (question.none, question.unsure) if option)
    usual = () if question.choose is Choose.NUMBER else choices
    ticked = choices if question.choose is Choose.ANY else ()
    asks = [Ask(question.id, question.choose, (*usual, *extras), ticked, Asking.FIRST, done=cards, left=cards)]
    if question.unsure:
        asks.append(replace(asks[0], options=(*choices, *extras), asking=Asking.AGAIN))
        if question.choose is Choose.ANY:
            asks.append(replace(asks[0], options=choices, asking=Asking.DOUBTING))
    for ask in asks:
        yield ask
        yield replace(ask, changing=True)
