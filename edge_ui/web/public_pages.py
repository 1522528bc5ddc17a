"""What residents read without a login: the state of their case."""

from __future__ import annotations

from edge_ui.pages import PublicPage
from edge_ui.web.base import PageHandler
from node.domain.errors import TongbanError


class PublicPageHandler(PageHandler):
    """The state of a case by its number and query code. The code is sent in the form's body, never in an address."""

    async def on_get(self) -> None:
        self.show("public.html", PublicPage(self.argument("no", 64)))

    async def on_post(self) -> None:
        no, code = (self.fields.get(name, "").strip()[:100] for name in ("no", "code"))
        try:
            self.check_path({"no": no, "code": code})
            self.application.public_tries.take(self.client)
            found = await self.call(self.center.public_case, no, code, self.client)
        except TongbanError as error:
            if error.status >= 500:
                raise
            key = "public.slow" if error.code == "rate_limited" else "public.wrong"
            self.show("public.html", PublicPage(no, self.say(key)), error.status)
            return
        self.application.public_tries.give_back(self.client, 0.9)
        self.show("public.html", PublicPage(no, found=found))
