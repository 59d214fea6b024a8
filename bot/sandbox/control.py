"""The sandbox driven over HTTP: a chat page at ``/``, and JSON below ``/sandbox`` for it and for other programs.

Only this machine can reach it (the server sees to that), and only pages of its own: whatever changes something has to
come as JSON, which a page from elsewhere cannot send without being asked first.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

from aiohttp import web

from bot.sandbox.errors import Json
from bot.sandbox.groups import Group
from bot.sandbox.model import Chat, Message, Tap
from bot.sandbox.people import NotThereError, Person
from bot.sandbox.sandbox import Sandbox

PAGE = Path(__file__).with_name("page.html")
LONGEST_WAIT = 25.0
"""Seconds that a page waits for something new before it asks again."""

LAST_SIGHTS, LAST_CALLS = 500, 1000
"""So much is told of what people saw, and of the calls."""

_CONTENTS: dict[str, Callable[[Person], Awaitable[None]]] = {
    "photo": Person.send_photo,
    "voice": Person.send_voice,
    "sticker": Person.send_sticker,
    "location": Person.send_location,
    "contact": Person.send_contact,
    "poll": Person.send_poll,
    "document": Person.send_document,
    "dice": Person.send_dice,
}

_Known = TypeVar("_Known")


class Control:
    """What the page and other programs can do with a sandbox."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self._world = sandbox.world
        self._people: dict[int, Person] = {}
        self._groups: dict[int, Group] = {}

    def add_routes(self) -> None:
        """Serve it beside the Bot API. To be called before the sandbox opens."""
        app = self._sandbox.server.app
        app.middlewares.append(_guard)
        app.router.add_get("/", self._page)
        app.router.add_get("/sandbox/people", self._list)
        app.router.add_post("/sandbox/people", self._add_person)
        app.router.add_get("/sandbox/people/{id}/chat", self._read)
        app.router.add_post("/sandbox/people/{id}/{action}", self._act)
        app.router.add_post("/sandbox/groups", self._add_group)
        app.router.add_get("/sandbox/groups/{id}/chat", self._read_group)
        app.router.add_post("/sandbox/groups/{id}/send", self._send_to_group)
        app.router.add_get("/sandbox/journal", self._journal)

    async def _page(self, _: web.Request) -> web.Response:
        text = await asyncio.to_thread(PAGE.read_text, "utf-8")
        return web.Response(text=text, content_type="text/html", headers={"Cache-Control": "no-store"})

    # --- people ---------------------------------------------------------------------------------------------------

    async def _list(self, _: web.Request) -> web.Response:
        people = [{"id": number, "name": person.user.first_name} for number, person in self._people.items()]
        return web.json_response({"people": people, "bot": self._world.bot.username})

    async def _add_person(self, request: web.Request) -> web.Response:
        given = await _body(request)
        person = self._sandbox.person(_words(given, "name"), str(given.get("language", "en")))
        self._people[person.user.id] = person
        return web.json_response({"id": person.user.id, "name": person.user.first_name})

    async def _read(self, request: web.Request) -> web.Response:
        """What a person sees, at once or when something changes after ``since``."""
        person = self._person(request)
        since = request.query.get("since")
        state = self._seen(person)
        if since == state["version"]:
            until = asyncio.get_running_loop().time() + LONGEST_WAIT
            await person.chat.activity.pulse.until(lambda: self._version(person.chat) != since, until)
            state = self._seen(person)
        return web.json_response(state)

    def _seen(self, person: Person) -> Json:
        profile = self._world.profile.commands
        commands = next((value for (scope, _), value in profile.items() if "all_private_chats" in scope), [])
        return {
            "version": self._version(person.chat),
            "polled": self._world.queue.is_polled,
            "blocked": person.chat.standing.value == "kicked",
            "commands": commands,
            "messages": [_shown(message) for message in person.chat.shown()],
            "taps": [_tap(tap) for tap in person.user.taps[-5:]],
            "saw": [sight.api() for sight in person.saw[-LAST_SIGHTS:]],
        }

    def _version(self, chat: Chat) -> str:
        return f"{chat.activity.changes}.{chat.last_id}.{int(self._world.queue.is_polled)}"

    async def _act(self, request: web.Request) -> web.Response:
        """Do something, without waiting for the bot."""
        person = self._person(request)
        given = await _body(request)
        try:
            await self._do(person, request.match_info["action"], given)
        except NotThereError as error:
            raise web.HTTPBadRequest(text=str(error)) from None
        person.chat.activity.pulse.beat()
        return web.json_response({"ok": True})

    async def _do(self, person: Person, action: str, given: Json) -> None:
        if action == "send":
            await person.send(_words(given, "text"), wait=False)
        elif action == "tap":
            message = person.chat.messages.get(_number(given, "message"))
            data = _words(given, "data")
            if message is None:
                raise NotThereError("there is no such message")
            await person.tap_stale(message, data, wait=False)
        elif action == "block":
            await person.block(wait=False)
        elif action == "unblock":
            await person.unblock(wait=False)
        elif action in _CONTENTS:
            task = asyncio.create_task(_quietly(_CONTENTS[action](person)))
            await asyncio.sleep(0)
            self._sandbox.keep(task)
        else:
            raise web.HTTPNotFound(text=f"nobody can '{action}'")

    # --- groups and the record ------------------------------------------------------------------------------------

    async def _add_group(self, request: web.Request) -> web.Response:
        group = self._sandbox.group(_words(await _body(request), "title"))
        self._groups[group.chat.id] = group
        return web.json_response({"id": group.chat.id})

    async def _read_group(self, request: web.Request) -> web.Response:
        group = _found(self._groups, request)
        return web.json_response({"messages": [_shown(message) for message in group.chat.shown()]})

    async def _send_to_group(self, request: web.Request) -> web.Response:
        group = _found(self._groups, request)
        given = await _body(request)
        person = self._people.get(_number(given, "person"))
        if person is None:
            raise web.HTTPBadRequest(text="person: there is nobody of this number")
        self._sandbox.keep(asyncio.create_task(_quietly(group.send(person, _words(given, "text"), silent=True))))
        await asyncio.sleep(0)
        return web.json_response({"ok": True})

    async def _journal(self, _: web.Request) -> web.Response:
        calls = [
            {
                "time": call.time,
                "method": call.method,
                "parameters": call.parameters,
                "error": call.error,
                "result": call.result,
            }
            for call in self._sandbox.journal[-LAST_CALLS:]
        ]
        unanswered = [tap.id for tap in self._sandbox.unanswered]
        record = {"violations": self._sandbox.violations, "refusals": self._sandbox.refusals, "unanswered": unanswered}
        return web.json_response({"calls": calls} | record)

    def _person(self, request: web.Request) -> Person:
        return _found(self._people, request)


@web.middleware
async def _guard(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    """Keep other sites' pages from changing anything. The Bot API itself is guarded by its token."""
    if request.path.startswith(("/bot", "/file/")):
        return await handler(request)
    if request.method == "POST" and request.content_type != "application/json":
        raise web.HTTPUnsupportedMediaType(text="send JSON")
    return await handler(request)


def _found(known: dict[int, _Known], request: web.Request) -> _Known:
    try:
        return known[int(request.match_info["id"])]
    except (KeyError, ValueError):
        raise web.HTTPNotFound(text="there is nobody of this number") from None


async def _quietly(work: Awaitable[None]) -> None:
    """Whether the bot answers is seen on the page; nobody waits for it here."""
    try:
        await work
    except (AssertionError, NotThereError):
        return


async def _body(request: web.Request) -> Json:
    try:
        given = json.loads((await request.read()).decode() or "{}")
    except (ValueError, RecursionError):
        given = None
    if not isinstance(given, dict):
        raise web.HTTPBadRequest(text="the body is no JSON object")
    return given


def _words(given: Json, name: str) -> str:
    value = given.get(name)
    if not isinstance(value, str) or not value.strip():
        raise web.HTTPBadRequest(text=f"{name}: write some text")
    return value


def _number(given: Json, name: str) -> int:
    value = given.get(name)
    if not isinstance(value, int):
        raise web.HTTPBadRequest(text=f"{name}: write a number")
    return value


def _shown(message: Message) -> Json:
    content = next((name for name in message.content if name != "media_group_id"), "")
    document = message.content.get("document", {})
    return {
        "id": message.id,
        "bot": message.by_bot,
        "name": message.sender.first_name,
        "date": message.date,
        "edited": message.edited is not None and bool(message.text),
        "text": message.text,
        "entities": message.entities,
        "keyboard": message.keyboard,
        "content": document.get("file_name", content),
    }


def _tap(tap: Tap) -> Json:
    return {"id": tap.id, "answered": tap.answered, "text": tap.text or "", "alert": tap.alert}
