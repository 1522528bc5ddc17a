"""Where the monthly reports go by mail: chosen by the director, each address confirmed by the code that is mailed there."""

from __future__ import annotations

import re

from edge_ui.web.oversight.reports import ReportHandler
from node.domain.cases.access import Function
from node.domain.words.errors import FIELD_ERRORS, TongbanError

SAVE, CONFIRM, AGAIN = "save", "confirm", "again"  # what a form may ask for


class ReportMailHandler(ReportHandler):
    """The addresses; another code; the code that a reader told."""

    function = Function.REPORT_MAIL
    writes = Function.REPORT_MAIL

    async def on_get(self) -> None:
        self.see_other("/oversight/report")

    async def on_post(self) -> None:
        try:
            await self._do(self.fields.get("do", SAVE))
        except TongbanError as error:
            if error.code != "invalid_input":
                raise
            found = await self.call(self.center.reports.report, {}, self.person)
            said = {name: FIELD_ERRORS[code][0 if self.language == "zh" else 1] for name, code in error.fields.items()}
            await self.show_report(found, said, status=error.status)
            return
        self.see_other("/oversight/report#mail")

    async def _do(self, what: str) -> None:
        mails, address = self.center.report_mail, self.fields.get("address", "")[:320]
        if what == CONFIRM:
            await self.call(mails.confirm, address, self.fields.get("code", "")[:40], self.person)
        elif what == AGAIN:
            await self.call(mails.ask_again, address, self.person)
        else:
            given = re.split(r"[\s,，、;；]+", self.fields.get("addresses", "")[:4000])
            await self.call(mails.choose, given, self.person)
