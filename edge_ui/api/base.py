"""The ground of the API handlers: bearer tokens, checked queries, JSON bodies.

Order of refusals: method (405), token (401), role (403), size (413), query and headers (422), content type (415), JSON (400);
then the services': existence (404), state (409). Token and role are asked before a body is read.
"""

from __future__ import annotations

import re
from typing import ClassVar

from edge_ui.api.operations import Operation
from edge_ui.base import BaseHandler
from edge_ui.bodies import STRANGER_LIMIT
from edge_ui.limits import is_loopback
from node.domain.cases import access
from node.domain.cases.access import Function
from node.domain.filing.application import loads_bounded
from node.domain.model import Actor
from node.domain.words.errors import TongbanError, malformed

_BEARER = re.compile(r"Bearer +([\x21-\x7e]{1,512}) *", re.IGNORECASE)
_KEY = re.compile(r"[\x20-\x7e]{1,200}")
NOBODY = Actor("", "")  # type: ignore[arg-type]  # replaced before any handler runs


class ApiHandler(BaseHandler):
    """`operations` maps a method to what it promises; `actor` is who the token stands for."""

    operations: ClassVar[dict[str, Operation]] = {}

    def initialize(self, route: str = "") -> None:
        super().initialize(route)
        self.actor: Actor = NOBODY
        self.args: dict[str, str] = {}

    @property
    def operation(self) -> Operation:
        verb = str(self.request.method)
        found = self.operations.get(verb) or (self.operations.get("GET") if verb == "HEAD" else None)
        if found is None:
            raise TongbanError("method_not_allowed")
        return found

    @property
    def needs_token(self) -> bool:
        """Errors: `method_not_allowed`."""
        operation = self.operation
        return operation.function is not None and not (operation.free_here and is_loopback(self.client))

    async def most_bytes(self) -> int:
        """Errors: `method_not_allowed`, `unauthenticated`, `forbidden`."""
        if not self.needs_token:
            return min(self.body_limit, STRANGER_LIMIT)
        await self.admit()
        return self.body_limit

    async def admit(self) -> None:
        """Who it is, and whether that may use this at all, before anything else is looked at."""
        if not self.is_known:
            self.actor = await self.authenticate()
            self.is_known = True
            self.keep_seat()
            self.check_role(**self.path_kwargs)

    def check_role(self, **path: str) -> None:
        """Errors: `forbidden` for a role that may do this nowhere, whatever it is asked about (INTERFACE "Order of checks")."""
        if self.operation.function is not None:
            access.require(self.operation.function, self.center.place.tier, self.actor.role)

    async def _answer(self, **path: str) -> None:
        operation = self.operation
        if self.early is not None:
            raise self.early
        if self.needs_token:
            await self.admit()
        self.args = operation.read_query(self.query_texts())
        await super()._answer(**path)

    async def authenticate(self) -> Actor:
        """Errors: `unauthenticated` without a token that this node knows, `token_over` with one that works no more."""
        return await self.call(self.center.tokens.authenticate, self.bearer(), self.client)

    def bearer(self) -> str:
        """The token's text. Errors: `unauthenticated`."""
        match = _BEARER.fullmatch(self.request.headers.get("Authorization", ""))
        if match is None:
            raise TongbanError("unauthenticated")
        return match.group(1)

    def query_texts(self) -> dict[str, list[str]]:
        """The query, decoded. Errors: `malformed` when it is not UTF-8."""
        try:
            return {name: [value.decode("utf-8") for value in values] for name, values in self.request.query_arguments.items()}
        except UnicodeDecodeError:
            raise malformed("查询参数", "query") from None

    def json_body(self, *, empty_ok: bool = False) -> object:
        """The JSON body. Errors: `unsupported_media_type`, `malformed`, `too_large`."""
        if empty_ok and not self.body:
            return {}
        kind = self.request.headers.get("Content-Type", "application/json").partition(";")[0].strip().lower()
        if kind != "application/json" and not re.fullmatch(r"application/[\w.-]+\+json", kind):
            raise TongbanError("unsupported_media_type", wanted="application/json")
        return loads_bounded(self.body)

    def json_object(self, *, empty_ok: bool = False) -> dict[str, object]:
        """The JSON body, which has to be an object."""
        document = self.json_body(empty_ok=empty_ok)
        if not isinstance(document, dict):
            raise malformed("应为 JSON 对象", "object expected")
        return document

    def idempotency_key(self) -> str | None:
        """1 to 200 printable ASCII characters. Errors: `invalid_input`."""
        key = self.request.headers.get("Idempotency-Key")
        if key is not None and not _KEY.fullmatch(key):
            raise TongbanError("invalid_input", {"Idempotency-Key": "too_long" if len(key) > 200 else "invalid"})
        return key


class ActHandler(ApiHandler):
    """Acts on one thing, each with its own function: `actions`, and the function of one of them."""

    actions: ClassVar[tuple[str, ...]] = ()

    def function_of(self, action: str) -> Function:
        raise NotImplementedError

    def check_role(self, **path: str) -> None:
        """Errors: `forbidden`; for what is no act the role that may see the thing."""
        if path.get("action") not in self.actions:
            super().check_role(**path)
            return
        access.require(self.function_of(path["action"]), self.center.place.tier, self.actor.role)

    def known(self, action: str) -> str:
        """An act. Errors: `not_found`."""
        if action not in self.actions:
            raise TongbanError("not_found", what="action")
        return action


def whole_number(value: object, name: str) -> int | None:
    """An optional JSON integer. Errors: `invalid_input`."""
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int):
        raise TongbanError("invalid_input", {name: "wrong_type"})
    if not 0 <= value < 1 << 31:
        raise TongbanError("invalid_input", {name: "out_of_range"})
    return value
