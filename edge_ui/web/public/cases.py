"""The state of a case, for whoever has its number and query code."""

from __future__ import annotations

import urllib.parse

from edge_ui.web.base import PageHandler
from edge_ui.web.public.base import ResidentHandler
from edge_ui.web.public.pages import StatusPage
from node.domain.cases.next_words import sentence, turn_of
from node.domain.words.errors import TongbanError


class StatusHandler(ResidentHandler):
    """The state of a case by its number and query code. The code is sent in the form's body, never in an address."""

    function = None

    async def on_get(self) -> None:
        self.show("public/status.html", StatusPage(self.argument("no", 64)))

    async def on_post(self) -> None:
        typed, code = (self.fields.get(name, "").strip()[:100] for name in ("no", "code"))
        if errors := self.lacking("no", "code"):
            self.show("public/status.html", StatusPage("".join(c for c in typed if c >= " "), errors=errors), 422)
            return
        try:
            self.application.public_tries.take(self.client)
            self.check_path({"no": typed, "code": code})
            found = await self.call(self.center.public.case, typed, code, self.client)
        except TongbanError as error:
            if error.status >= 500:
                raise
            self._refuse(typed, error)
            return
        self.application.public_tries.give_back(self.client, 0.9)
        said = sentence(found, self.language, self.when, self.outcome(found["status"], found["category"]))
        self.show("public/status.html", StatusPage(found["case_no"], found=found, turn=turn_of(found), said=said))

    def _refuse(self, typed: str, error: TongbanError) -> None:
        slow = error.code == "rate_limited"
        if slow:
            self.set_header("Retry-After", str(error.details.get("retry_after", 60)))
        text = self.say("public.slow" if slow else "public.wrong")
        self.show("public/status.html", StatusPage("".join(c for c in typed if c >= " "), text), 429 if slow else 404)


class OldAddressHandler(PageHandler):
    """`/public` stands in the QR of slips that were printed before; a code in an address is dropped."""

    function = None

    async def on_get(self) -> None:
        number = self.argument("no", 64)
        self.redirect("/status" + ("?" + urllib.parse.urlencode({"no": number}) if number else ""), permanent=True)
