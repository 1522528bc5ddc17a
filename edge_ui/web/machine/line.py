"""/line: what the line switch of the demo is for, and the switch. A node that is not part of a demo has no such page."""

from __future__ import annotations

from edge_ui.settings import LinesPort
from edge_ui.web.base import PageHandler, local_path
from edge_ui.web.machine.pages import LinePage
from edge_ui.web.machine.strip import demo_lines
from node.domain.words.errors import TongbanError


class LineHandler(PageHandler):
    """For everybody, also strangers and locked screens: whoever stands at the machine can pull a cable."""

    function = None
    when_locked = True

    @property
    def switch(self) -> LinesPort:
        if self.application.ui.lines is None:
            raise TongbanError("not_found", what="/line")
        return self.application.ui.lines

    async def on_get(self) -> None:
        rows = await self.call(self.switch.lines)
        gateway = await self.call(self.switch.gateway)
        self.show("machine/line.html", LinePage(demo_lines(rows, self.center.place.code), gateway))

    async def on_post(self) -> None:
        await self.call(self.switch.turn, self.fields.get("line", ""), self.fields.get("do", ""))
        self.see_other(local_path(self.fields.get("next", "") or "/line"))
