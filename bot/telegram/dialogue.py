"""The dialogue in a private chat: what a person did, and what is owed to them for it.

Nothing is sent here: everything becomes posts, and the check goes through the use case. Whatever a person does is
answered, and where they stand stays in front of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import uuid4

from bot.conversation.conversation import Conversation, Taken
from bot.conversation.messages import Details, Message, Purpose, Request, Restart
from bot.conversation.reading import May, Scene, Took
from bot.flow.events import Tick
from bot.flow.model import Level
from bot.flow.session import EXPIRED_AFTER, Session
from bot.telegram import buttons, requests
from bot.telegram.buttons import Kind, Tapped
from bot.telegram.incoming import Command, Tap, Typed, Unreadable
from bot.telegram.markup import texts
from bot.telegram.pages import COMMANDS, Operator, Pages, Told
from bot.telegram.posts import Bare, Card, Face, Front, Note, Post, Toast, is_final
from bot.telegram.requests import Narrow
from bot.telegram.screen import Screen, refused
from bot.telegram.store import Row

_NOTHING = Front()

_UNREAD = {took: "foreign" if took is Took.FOREIGN else "not_understood" for took in Took}
"""The fixed text for words that moved nothing."""


@dataclass(frozen=True, slots=True)
class Person:
    """Whose chat it is, and how it stands there.

    ``key``: of what is kept; ``language``: of their texts; ``row``: what is kept. ``card``: the live card's message;
    ``front``: what is in front of them; ``owed``: something is still on its way to them.
    """

    key: str
    language: str
    row: Row | None
    card: int | None
    front: Front = _NOTHING
    owed: bool = False


class Dialogue:
    """One person's turn, inside the transaction that saves what it changes. ``at``: seconds since the epoch."""

    def __init__(self, conversation: Conversation, person: Person, operator: Operator, at: int) -> None:
        self._conversation = conversation
        self._person = person
        self._at = at
        self._flows = conversation.library.flows
        self._pages = Pages(conversation.library, person.language, operator)
        self.forgotten = False
        """Whether all that is kept about the person has to be erased."""
        self.reached: Level | None = None
        """The level of the result that this turn led to."""

    async def answer(self, what: Tap | Typed | Command | Unreadable) -> list[Post]:
        """What is owed for what the person did."""
        screen = await self._screen()
        match what:
            case Tap():
                return await self._tap(what, screen)
            case Typed():
                return await self._typed(what.text, screen)
            case Command():
                return await self._command(what, screen)
            case Unreadable():
                may = May.SUPPOSE if what.text == "not_forwarded" else May.WARN
                warned = await self._warned(what.words, screen, may)
                return warned or self._aside([self._pages.line(what.text)], screen)

    # --- taps -----------------------------------------------------------------------------------------------------

    async def _tap(self, tap: Tap, screen: Screen | None) -> list[Post]:
        """Only buttons of this very screen count; any other tap is told kindly where the person stands."""
        button = buttons.read(tap.data)
        live = tap.message == self._person.card
        strip: list[Post] = [] if live else [Bare(tap.message)]
        if button and button.kind is Kind.TOPIC and button.key in self._flows:
            return [Toast(tap.query), *strip, *await self._topic(button, screen, live=live)]
        if screen is None:
            return [self._pages.toast(tap.query, "no_check"), *strip, self._pages.welcome()]
        request = requests.tapped(button, screen) if button and button.is_here(screen.where) else None
        if request is None:
            why, posts = self._stale(button, screen, live=live)
            return [self._pages.toast(tap.query, why), *strip, *posts]
        if isinstance(request, Narrow):
            return [Toast(tap.query), *strip, screen.narrowed(request.smallest, request.largest)]
        toast, posts = await self._act(request, screen, tap.query, below=not live)
        return [toast, *strip, *posts]

    def _stale(self, button: Tapped | None, screen: Screen, *, live: bool) -> tuple[Told, list[Post]]:
        """What a tap is told that comes too late, and where the person stands."""
        if not screen.finished:
            again = button is not None and button.is_of(screen.where)
            return "tap_again" if again else "old_button", screen.here(below=not live)
        if live and not self._person.owed:
            # The live card is still one with questions, so the result never arrived: it was refused, or we broke.
            return "is_finished", screen.result()
        return "is_finished", screen.here(below=not live)

    async def _topic(self, button: Tapped, screen: Screen | None, *, live: bool) -> list[Post]:
        """Begin a check, unless there is one and the button was not offered in its place."""
        if screen is None or button.is_here(screen.where):
            return await self._begin(button.key, welcomed=True)
        if screen.finished:
            return [screen.finished_page()]
        if button.key == screen.session.flow:  # tapped twice
            return screen.here(below=not live)
        return [screen.unfinished_page(welcome=False)]

    # --- words and commands -----------------------------------------------------------------------------------------

    async def _typed(self, text: str, screen: Screen | None) -> list[Post]:
        front = self._person.front
        if screen is None:
            taken = await self._opened(text, May.ANSWER)
            return self._begun(taken, await self._screen()) or self._aside([self._pages.line(_UNREAD[taken.how])], None)
        request = requests.typed(text, screen, front.face, self._pages.ui)
        unread = not front.seen or (front.face is Face.STANDING and front.mark != screen.where.mark)
        if request and (not unread or isinstance(request, Tick)):  # a sign that somebody names counts, read or not
            return await self._requested(request, screen)
        ask = screen.ask if front.face is Face.STANDING else None
        scene = Scene(self._at, May.WARN if unread else May.ANSWER, ask, visible=front.face is Face.STANDING)
        taken = await self._conversation.typed(self._person.key, text, scene)
        if taken.messages:
            return self._shown(taken.messages, screen, await self._screen() or screen)
        early = unread and (request or taken.how is Took.ANSWER)
        return self._aside([self._pages.line("too_quick" if early else _UNREAD[taken.how])], screen)

    async def _opened(self, text: str, may: May) -> Taken:
        begun = (uuid4().hex, self._person.language)
        return await self._conversation.opened(self._person.key, text, begun, Scene(self._at, may))

    async def _warned(self, words: str, screen: Screen | None, may: May) -> list[Post]:
        """What is owed for words that cannot answer: nothing, unless they tell of a danger."""
        if not words:
            return []
        if screen is None:
            taken = await self._opened(words, may)
            return self._begun(taken, await self._screen())
        taken = await self._conversation.typed(self._person.key, words, Scene(self._at, may))
        if taken.how is not Took.DANGER or not taken.messages:
            return []
        return self._shown(taken.messages, screen, await self._screen() or screen)

    def _begun(self, taken: Taken, screen: Screen | None) -> list[Post]:
        """What is owed for words that began a check, if they did."""
        if screen is None or not taken.messages:
            return []
        self._reached(taken.messages)
        return screen.posts(taken.messages, below=True)

    def _shown(self, messages: Sequence[Message], before: Screen, after: Screen) -> list[Post]:
        """What is owed for words that moved something, or that say where the person stands."""
        if not before.finished:
            self._reached(messages)
        refusal = next((message for message in messages if message.refused), None)
        if refusal is not None:
            return [Note(texts(refusal)), *after.here(below=True)]
        if not any(message.choices for message in messages):
            messages = [*messages, *after.messages]
        return after.posts(messages, below=True)

    def _reached(self, messages: Sequence[Message]) -> None:
        self.reached = next((message.level for message in messages if message.level is not None), self.reached)

    async def _command(self, command: Command, screen: Screen | None) -> list[Post]:
        behind = "" if command.argument in self._flows else command.argument
        if command.name not in COMMANDS:  # a cry such as /cant_pee is read like any other words
            behind = f"{command.name.replace('_', ' ')} {behind}"
        warned = await self._warned(behind, screen, May.WARN)
        if warned and command.name != "forget":
            return warned
        if command.name in requests.COMMANDS:
            return await self._requested(requests.COMMANDS[command.name], screen)
        match command.name:
            case "start":
                return await self._start(command.argument, screen)
            case "check":
                return await self._check(command.argument, screen)
            case "forget":
                self.forgotten = True
                return [*_seek_care(warned), Bare(), self._pages.line("forgotten")]
        return self._aside(self._told(command.name, screen), screen)

    async def _requested(self, request: Request, screen: Screen | None) -> list[Post]:
        if screen is None:
            return [self._pages.welcome(said=self._pages.ui("no_check"))]
        _, posts = await self._act(request, screen, "", below=True)
        return posts

    def _told(self, name: str, screen: Screen | None) -> list[Post]:
        """The answer to a command that only asks for something to read."""
        match name:
            case "help":
                return [self._pages.help()]
            case "privacy":
                return [self._pages.privacy()]
            case "mydata":
                row = self._person.row
                session = screen.session if screen else row.session if row else None
                ticking = screen.ask.question if screen and screen.ask and screen.ask.ticked else ""
                return self._pages.kept(self._person.key, row, session, ticking)
        return [self._pages.unknown_command()]

    async def _start(self, argument: str, screen: Screen | None) -> list[Post]:
        if screen is not None:
            page = screen.finished_page if screen.finished else screen.unfinished_page
            return [page(welcome=True)]
        if argument in self._flows:
            return await self._begin(argument)
        return [self._pages.welcome()]

    async def _check(self, argument: str, screen: Screen | None) -> list[Post]:
        if screen is not None:
            return [screen.finished_page() if screen.finished else screen.unfinished_page(welcome=False)]
        if argument in self._flows or len(self._flows) == 1:
            return await self._begin(argument if argument in self._flows else next(iter(self._flows)))
        return [self._pages.welcome()]

    def _aside(self, answer: Sequence[Post], screen: Screen | None) -> list[Post]:
        """An answer that moves nothing; below it, the way on is shown again, so that it is the newest message."""
        return [*answer, *(screen.here(below=True) if screen else [self._pages.welcome()])]

    # --- acting -----------------------------------------------------------------------------------------------------

    async def _begin(self, flow: str, *, welcomed: bool = False) -> list[Post]:
        key, language = self._person.key, self._person.language
        messages = await self._conversation.begin(key, flow, language, uuid4().hex, self._at)
        screen = await self._screen()
        if screen is None:
            raise RuntimeError("a check that was just begun is not there")
        if welcomed:  # what this is has just been said
            messages = [message for message in messages if message.purpose is not Purpose.INTRO]
        return screen.posts(messages, below=True)

    async def _act(self, request: Request, screen: Screen, query: str, *, below: bool) -> tuple[Toast, list[Post]]:
        """Do what is asked for. Returns the answer to the tap ``query``, and everything else that is owed."""
        if isinstance(request, Restart):
            if len(self._flows) > 1:
                return Toast(query), [self._pages.welcome(screen.where)]
            return Toast(query), await self._begin(screen.session.flow, welcomed=True)
        messages = await self._conversation.handle(self._person.key, request, self._at)
        after = await self._screen() or screen
        if not screen.finished:
            self._reached(messages)
        if isinstance(request, Details):
            return Toast(query), [after.details(messages[0])]
        refusal = next((message for message in messages if message.refused), None)
        if refusal is not None:
            return self._refused(refusal, after, query, below=below)
        noted = isinstance(request, Tick) and after.ask is not None and len(after.ask.ticked) == 1
        toast = self._pages.toast(query, "tick_noted") if noted else Toast(query)
        if not any(message.choices for message in messages):  # such as why a question is asked: the card stays below it
            messages = [*messages, *after.messages]
        # A result, or what to watch for after a stop, is read again: a card never takes its place.
        return toast, after.posts(messages, below=below or screen.finished or screen.stopped)

    def _refused(self, refusal: Message, screen: Screen, query: str, *, below: bool) -> tuple[Toast, list[Post]]:
        here = screen.here(below=below)
        if query:
            return refused(query, refusal), here
        return Toast(query), [Note(texts(refusal)), *here]

    async def _screen(self) -> Screen | None:
        """Where the person stands; a check that is finished and too old to go on with counts as none."""
        session = await self._conversation.session(self._person.key)
        if session is None:
            return None
        screen = Screen(self._conversation, session, self._pages)
        return None if screen.finished and self._expired(session) else screen

    def _expired(self, session: Session) -> bool:
        return abs(self._at - session.touched) > EXPIRED_AFTER


def _seek_care(posts: Sequence[Post]) -> list[Post]:
    """A seek-care message, or nothing, to be owed where all else is erased: without buttons."""
    if not any(is_final(post) for post in posts):
        return []
    return [Note(post.texts, final=True) if isinstance(post, Card) else post for post in posts]
