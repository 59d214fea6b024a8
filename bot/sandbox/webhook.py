"""Webhooks as the bot sets them: `setWebhook`, `deleteWebhook`, `getWebhookInfo`. See `posting` for what goes there."""

from __future__ import annotations

import re
from ipaddress import ip_address
from urllib.parse import SplitResult, urlsplit

from bot.sandbox.errors import ApiError, Json, bad, not_played
from bot.sandbox.world import World

PORTS = frozenset({80, 88, 443, 8443})
"""Where Telegram posts to; to this machine, as the server that one runs oneself, it posts to any port."""
MOST_CONNECTIONS = 100
USUAL_CONNECTIONS = 40

_SECRET = re.compile(r"[A-Za-z0-9_-]*")
_LONGEST_SECRET = 256


def set_webhook(world: World, given: Json) -> bool:
    """`setWebhook`; one without an address ends it, as `deleteWebhook` does."""
    for name in ("certificate", "ip_address"):
        if name in given:
            raise not_played(f"the {name} of a webhook")
    queue = world.queue
    if not given["url"]:
        return delete_webhook(world, given)
    _check_url(given["url"])
    connections = given.get("max_connections", USUAL_CONNECTIONS)
    if not 1 <= connections <= MOST_CONNECTIONS:
        raise bad(f"max_connections must be from 1 to {MOST_CONNECTIONS}")
    webhook: Json = {"url": given["url"], "max_connections": connections}
    if "secret_token" in given:
        webhook["secret_token"] = _secret(given["secret_token"])
    if "allowed_updates" in given:
        queue.allow(given["allowed_updates"])
    if given.get("drop_pending_updates"):
        queue.forget()
    queue.set_webhook(webhook)
    return True


def delete_webhook(world: World, given: Json) -> bool:
    """`deleteWebhook`."""
    world.queue.set_webhook({})
    if given.get("drop_pending_updates"):
        world.queue.forget()
    return True


def get_webhook_info(world: World, _: Json) -> Json:
    """`getWebhookInfo`."""
    queue = world.queue
    told: Json = {
        "url": queue.webhook.get("url", ""),
        "has_custom_certificate": False,
        "pending_update_count": len(queue.pending),
    }
    if queue.webhook:
        told |= queue.error
        told["max_connections"] = queue.webhook.get("max_connections", USUAL_CONNECTIONS)
    if queue.allowed:
        told["allowed_updates"] = queue.allowed
    return told


def is_here(host: str | None) -> bool:
    """Whether this host of an address is this machine."""
    if host == "localhost":
        return True
    try:
        return ip_address(host or "").is_loopback
    except ValueError:
        return False


def _check_url(url: str) -> None:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise _bad_webhook("invalid webhook URL specified") from None
    if not parts.hostname:
        raise _bad_webhook("invalid webhook URL specified")
    here = is_here(parts.hostname)
    if parts.scheme != "https" and not (parts.scheme == "http" and here):
        raise _bad_webhook("An HTTPS URL must be provided for webhook")
    if not here and _port(parts, port) not in PORTS:
        raise _bad_webhook("Webhook can be set up only on ports 80, 88, 443 or 8443")


def _port(parts: SplitResult, port: int | None) -> int:
    return port or (80 if parts.scheme == "http" else 443)


def _bad_webhook(words: str) -> ApiError:
    return bad(f"bad webhook: {words}")


def _secret(text: str) -> str:
    if not text:
        raise bad("secret token is empty; leave it out instead")
    if len(text) > _LONGEST_SECRET:
        raise bad("secret token is too long")
    if not _SECRET.fullmatch(text):
        raise bad("secret token contains unallowed characters")
    return text
