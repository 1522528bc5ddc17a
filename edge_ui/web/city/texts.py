"""The texts of messages to applicants: each with its parts and as it reads, and a new file as a difference first."""

from __future__ import annotations

from edge_ui.ports.notices import TextsPort
from edge_ui.web.city.looked_at import LookedAtHandler


class TextsHandler(LookedAtHandler):
    """The texts of this city."""

    address, words, media, ending = "/texts", "texts", "application/toml; charset=utf-8", "toml"

    @property
    def port(self) -> TextsPort:
        return self.center.texts
