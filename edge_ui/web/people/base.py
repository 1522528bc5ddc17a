"""What the pages of login, lock and own settings share."""

from __future__ import annotations

import urllib.parse

from edge_ui.web.base import PageHandler, local_path
from node.domain.people import Opened
from node.domain.words.errors import TongbanError

PASSWORD_MOST = 1000  # characters that are looked at


class PersonHandler(PageHandler):
    """What these pages share. They answer while the screen is locked."""

    when_locked = True

    def target(self) -> str:
        """Where the person wanted to go."""
        return local_path(self.fields.get("next", "") or self.argument("next", 1000) or "/")

    @property
    def station(self) -> str:
        return self.cookie_text(self.station_cookie)

    @property
    def token(self) -> str:
        return self.cookie_text(self.session_cookie)

    def go_on(self, owner: str, target: str) -> None:
        """To the page, or to the form that was kept for this person here."""
        held = self.application.held.waiting(owner)
        if held is not None:
            self.see_other(f"{held.path}?{urllib.parse.urlencode({'held': held.ticket})}")
            return
        kept = self.application.held.page(owner)
        self.see_other((kept or target) + ("#kept" if kept else ""))

    def enter(self, opened: Opened, target: str) -> None:
        """The browser is this person's now."""
        self.open_session(opened)
        session = self.center.people.look(opened.session, active=True)
        self.session = session
        if opened.first and not opened.has_pin and self.center.place.tier == "village":
            self.see_other("/me?" + urllib.parse.urlencode({"first": "1", "next": target}))
        elif session is not None:
            self.go_on(session.owner, target)


def pin_of(fields: dict[str, str]) -> str:
    return fields.get("pin", "").strip()[:12]


def why(handler: PageHandler, error: TongbanError) -> str:
    """Why the PIN or the password did not open the screen, in a sentence."""
    if error.code == "unauthenticated" and "tries_left" in error.details:
        return handler.say("people.pin.wrong", left=error.details["tries_left"])
    if error.code == "unauthenticated":
        return handler.say("people.pin.wrong_password")
    return handler.say("login.slow") if error.code == "rate_limited" else error.sentence(handler.language)
