"""What keeps an open page true: asked every few seconds, it tells whether something arrived and how the line is.

It is no activity of the person (a locked screen stays locked) and writes no access line worth reading.
"""

from __future__ import annotations

from edge_ui.web.base import PageHandler, line_of


class PulseHandler(PageHandler):
    """`{head, line: {state, text}, news: {n, text}}` for scripts of our own pages; the same texts stand in the header."""

    function = None
    passive = True
    when_locked = True

    async def on_get(self) -> None:
        pulse = await self.call(self.center.upkeep.pulse)
        line = line_of(pulse)
        shown = {"state": line.state, "text": self.line_text(line)} if line is not None else None
        news = {"n": self.many(self.news["total"]), "text": self.news_text(self.news)} if self.news is not None else None
        self.send_json({"head": pulse["head"], "line": shown, "news": news})
