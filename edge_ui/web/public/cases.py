"""The state of a case, for whoever has its number and query code."""

from __future__ import annotations

import urllib.parse

from edge_ui.web.base import PageHandler
from edge_ui.web.public.base import ResidentHandler
from edge_ui.web.public.pages import StatusPage
from node.domain.cases.documents import TrackerRow
from node.domain.cases.public_documents import PublicCase
from node.domain.words.errors import TongbanError

TURNS = frozenset(
    """applicant deliver hand_over not_taken line revoked accept receive examine refer approve statement resume conclude complete
    checking""".split()
)


class StatusHandler(ResidentHandler):
    """The state of a case by its number and query code. The code is sent in the form's body, never in an address."""

    function = None

    async def on_get(self) -> None:
        self.show("public/status.html", StatusPage(self.argument("no", 64)))

    async def on_post(self) -> None:
        typed, code = (self.fields.get(name, "").strip()[:100] for name in ("no", "code"))
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
        stage = next((row for row in found["tracker"] if row["state"] in ("now", "stuck")), None)
        self.show("public/status.html", StatusPage(
            found["case_no"], found=found, turn=turn_of(found, stage), until=(stage["until"] or "") if stage is not None else "",
        ))  # fmt: skip

    def _refuse(self, typed: str, error: TongbanError) -> None:
        slow = error.code == "rate_limited"
        if slow:
            self.set_header("Retry-After", str(error.details.get("retry_after", 60)))
        text = self.say("public.slow" if slow else "public.wrong")
        self.show("public/status.html", StatusPage("".join(c for c in typed if c >= " "), text), 429 if slow else 404)


def turn_of(found: PublicCase, stage: TrackerRow | None) -> str:
    """Which sentence tells the resident what comes next: public.turn.*."""
    if found["finished"]:
        return "delivered" if found["status"] == "delivered" else "ended"
    if found["status"] == "checking":
        return "checking"
    why = stage["why"] if stage is not None else ""
    return why if why in TURNS else "wait"


class OldAddressHandler(PageHandler):
    """`/public` stands in the QR of slips that were printed before; a code in an address is dropped."""

    function = None

    async def on_get(self) -> None:
        number = self.argument("no", 64)
        self.redirect("/status" + ("?" + urllib.parse.urlencode({"no": number}) if number else ""), permanent=True)
