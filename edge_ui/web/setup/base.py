"""The ground of the first run's pages: who gave the console's code, and a form shown again."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import cast

from edge_ui.bodies import STRANGER_LIMIT
from edge_ui.pages import Frame
from edge_ui.ports.setup import SetupPort
from edge_ui.web.base import PageHandler
from edge_ui.web.setup.pages import SetupFormPage
from edge_ui.web.setup.shared import SetupShared
from node.domain.setup import FoundParent
from node.domain.words.errors import FIELD_ERRORS, TongbanError
from node.domain.words.refusals import ERRORS

COOKIE = "tb_setup"

FIELD_OF = {
    "bad_join_code": "join_code", "join_code_used": "join_code", "join_code_expired": "join_code", "unreachable": "join_code",
    "wrong_parent": "join_code", "code_active": "join_code", "renew_other_node": "join_code",
    "bad_backup": "path", "not_found": "path",
}  # fmt: skip


class SetupHandler(PageHandler):
    """A page of the first run: needs the code."""

    function = None
    code_needed = True

    @property
    def wizard(self) -> SetupPort:
        return cast(SetupShared, self.application).wizard

    async def _answer(self, **path: str) -> None:
        self.action()
        self.keep_language()
        if self.early is not None:
            raise self.early
        if self.request.method == "POST":
            self.fields = await self.receive()
        if self.code_needed and not self.known_here():
            self.see_other("/setup/code")
            return
        await self.action()(**path)

    async def receive(self) -> dict[str, str]:
        return self.read_form()

    async def most_bytes(self) -> int:
        return self.body_limit if self.known_here() else min(self.body_limit, STRANGER_LIMIT)

    def known_here(self) -> bool:
        """Whether this browser gave the code of the console."""
        given = self.get_cookie(COOKIE) or ""
        return secrets.compare_digest(given.encode(), cast(SetupShared, self.application).secret.encode())

    def frame(self) -> Frame:
        other = "en" if self.language == "zh" else "zh"
        path = self.request.path if self.request.method == "GET" else self.back_to()
        return Frame(
            lang="zh-CN" if self.language == "zh" else "en", node_name=self.say("setup.brand"), node_code="", tier="", person="",
            role="", may_cases=False, test_clock="", other_language=f"{path}?lang={other}", section="setup",
            version=self.application.ui.version, nav=(), line=None, head=0,
        )  # fmt: skip

    def back_to(self) -> str:
        return "/setup/restore" if self.request.path == "/setup/upload" else self.request.path

    def refused(self, kind: str, values: Mapping[str, str], error: TongbanError) -> None:
        """The form again, filled in, with what is wrong in plain words."""
        index = 0 if self.language == "zh" else 1
        errors = {
            name: FIELD_ERRORS[code][index] if code in FIELD_ERRORS else (ERRORS[code].zh, ERRORS[code].en)[index]
            for name, code in error.fields.items()
        }
        said = ""
        if not errors:
            text = self.say(f"setup.why.{error.code}", **{"address": "", "reason": "", **error.details})
            sentence = text if not text.startswith("setup.why.") else error.sentence(self.language)
            place = FIELD_OF.get(error.code)
            errors, said = ({place: sentence}, "") if place else ({}, sentence)
        self.show(
            "setup/form.html",
            SetupFormPage(kind, values, errors, said, found=self.found(kind)),
            error.status if error.status < 500 else 422,
        )

    def found(self, kind: str) -> tuple[FoundParent, ...]:
        """Whom to join at, as the local network says; asked for by the form that joins only."""
        return tuple(self.wizard.found()) if kind == "join" else ()

    def ready(self) -> None:
        self.see_other("/setup/ready")
