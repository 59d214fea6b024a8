"""The conversation on a screen: each message is printed and stays, the menu below it takes the keys."""

from __future__ import annotations

from dataclasses import replace

from bot.conversation.messages import Block, Choice, Message, Part, Purpose, Restart, Style
from bot.flow.events import Ask, Continue, Reason, Stop
from bot.terminal import words
from bot.terminal.chat import Chat, Start
from bot.terminal.input import Command, Parsed, Words
from bot.terminal.keys import ask
from bot.terminal.menu import Menu
from bot.terminal.screen import Screen
from bot.terminal.view import View


class Terminal:
    """The person in front of this screen."""

    def __init__(self, chat: Chat, screen: Screen) -> None:
        self._chat = chat
        self._screen = screen
        self._card: tuple[object, ...] | None = None
        self._told: str | None = None

    def run(self, start: Start) -> None:
        """Hold the conversation until the person leaves; every answer is saved by then.

        Raises:
            KeyboardInterrupt: the person left with Ctrl-C.
        """
        if self._open(start):
            cursor = 0
            while (chosen := ask(Menu(self._chat.view, cursor)))[0] is not Command.QUIT:
                parsed, at = chosen
                cursor = at if self._answer(parsed) else 0
            self._stop()
        self.goodbye()

    def goodbye(self) -> None:
        """The last words: what is saved."""
        if self._chat.session and not self._chat.trouble:
            self._screen.notice(words.FINISHED_KEPT if self._chat.outcome else words.SAVED)

    def _open(self, start: Start) -> bool:
        """Go on with the check that there is, or begin one, as the person likes; false when they leave at once."""
        session = self._chat.session
        finished = self._chat.outcome is not None
        if session is None or start.new or (finished and self._chat.expired):
            self._show(self._chat.begin(start))
            return True
        if self._chat.expired:
            self._show(self._chat.go_on())
            return True
        text = words.STILL_THERE_FINISHED if finished else words.STILL_THERE
        again = words.SEE_AGAIN if finished else words.GO_ON
        message = Message(
            Purpose.CARD,
            (Block(Style.TITLE, text.format(when=words.when(session))),),
            (
                Choice("continue", again, again, Continue(), Part.OPTION),
                Choice("restart", words.BEGIN_ANEW, words.BEGIN_ANEW, Restart(), Part.OPTION),
            ),
        )
        view = View(card=message)
        self._screen.message(message, view)
        while True:
            parsed, _ = ask(Menu(view))
            if parsed is Command.QUIT:
                return False
            if parsed in {(Continue(),), (Restart(),)}:
                self._show(self._chat.go_on() if parsed == (Continue(),) else self._chat.begin(start))
                return True

    def _answer(self, parsed: Parsed) -> bool:
        """Do what was chosen; whether the cursor stays where it is."""
        if parsed is Command.HELP:
            self._screen.notice(*words.HELP_KEYS)
            return True
        if isinstance(parsed, Reason):
            self._show(self._chat.refuse(parsed))
            return True
        if isinstance(parsed, Words):
            self._show(self._chat.say(parsed))
            return False
        if isinstance(parsed, Command):
            return False
        before = self._chat.view
        self._show(self._chat.do(parsed))
        return _same(before, self._chat.view)

    def _stop(self) -> None:
        """Leaving an unfinished check is a stop: the person is told when not to wait."""
        if not self._chat.view.finished and not self._chat.view.stopped:
            self._show(self._chat.do((Stop(),)))

    def _show(self, messages: tuple[Message, ...]) -> None:
        """Draw the messages, but not a card again that stands there already."""
        for message in messages:
            card = self._identity(message)
            if card is None or card != self._card:
                self._screen.message(message, self._chat.view)
            if message.purpose is not Purpose.NOTICE:  # a notice is short: the card above it can still be seen
                self._card = card
        trouble = str(self._chat.trouble) if self._chat.trouble else None
        if trouble and trouble != self._told:
            self._screen.notice(words.NOT_SAVED.format(trouble=trouble))
        self._told = trouble

    def _identity(self, message: Message) -> tuple[object, ...] | None:
        """What makes a card the same one although its ticks differ; `None` for what is drawn each time."""
        if message.purpose is not Purpose.CARD:
            return None
        ask = self._chat.view.ask
        return (message.question, ask and (ask.asking, ask.changing, ask.done))


def _same(before: View, after: View) -> bool:
    """Whether the same lines stand there, whatever is ticked."""
    return _unticked(before) == _unticked(after)


def _unticked(view: View) -> tuple[Ask | None, tuple[str, ...]]:
    return view.ask and replace(view.ask, ticked=()), tuple(choice.key for choice in view.options)
