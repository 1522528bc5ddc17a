"""The application of the first run: its addresses."""

from __future__ import annotations

import tornado.web

from edge_ui.ports.setup import SetupPort
from edge_ui.settings import UiSettings
from edge_ui.web.setup import founding
from edge_ui.web.setup.shared import SetupShared

PAGES: tuple[tuple[str, type[tornado.web.RequestHandler]], ...] = (
    ("/", founding.DoorHandler),
    ("/setup", founding.DoorHandler),
    ("/setup/code", founding.CodeHandler),
    ("/setup/city", founding.CityHandler),
    ("/setup/join", founding.JoinHandler),
    ("/setup/restore", founding.RestoreHandler),
    ("/setup/upload", founding.UploadHandler),
    ("/setup/ready", founding.ReadyHandler),
)


class SetupApplication(SetupShared):
    """The pages of the first run."""

    def __init__(self, wizard: SetupPort, settings: UiSettings) -> None:
        super().__init__(wizard, settings, PAGES)
