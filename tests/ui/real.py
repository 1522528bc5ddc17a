"""Four real nodes with people, served over HTTP: city, district, township, village.

Real SQLite, keys, protocol and pages; only time and the lines are made up (`site.town.world`, `site.heal()`). Persons are
added as they are needed: `site.client("village", "agent")` is a browser in which an agent has logged in.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from argon2 import PasswordHasher

from edge_ui.app import make_app
from edge_ui.settings import UiSettings
from node.app import assemble
from node.domain.model import Actor, Role
from node.services.center import Center
from tests.support.network import Town, at_rest
from tests.ui.wire import Client, Served

NAMES = ("city", "district", "township", "village")
PASSWORD = "correct-horse-battery"
CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


class Site:
    """The network (a "chain" of four or another layout), a listener for each of the four, and its people."""

    def __init__(self, folder: Path, layout: str = "chain") -> None:
        self.town: Town = at_rest(layout, folder)
        self.served: dict[str, Served] = {}
        self.people: dict[tuple[str, str, str], Actor] = {}
        self.ticks = Ticks()
        for name in NAMES:
            self._serve(name)

    def _serve(self, name: str) -> None:
        node = self.town[name]
        node.center.store.close()
        node.center = assemble(node.folder, node.clock, threaded=True)  # pages come from many threads
        node.center.store.entropy = node.clock.world.entropy
        node.center.staff._hasher = CHEAP
        center: Any = node.center
        settings = UiSettings(cookie_secret="x" * 32, version="1.0.0", monotonic=self.ticks)
        self.served[name] = Served(lambda: make_app(center, settings))

    def center(self, name: str) -> Center:
        return self.town[name].center

    def actor(self, name: str, role: str, person: str = "") -> Actor:
        """Somebody with that role at that node, added on first use."""
        key = (name, role, person or f"{role} 王敏")
        if key not in self.people:
            made = self.center(name).staff.add(key[2], role, PASSWORD, username=f"{role}-{len(self.people)}")
            self.people[key] = Actor(made["staff_id"], Role(role), key[2])
        return self.people[key]

    def username(self, name: str, role: str, person: str = "") -> str:
        wanted = self.actor(name, role, person)
        return next(str(row["username"]) for row in self.center(name).staff.list() if row["staff_id"] == wanted.staff_id)

    def client(self, name: str, role: str = "", person: str = "") -> Client:
        """A browser at a node; with a role, somebody has logged in."""
        found = Client(self.served[name].port)
        if role:
            answer = found.form("/login", "/login", username=self.username(name, role, person), password=PASSWORD)
            assert answer.status == 303, answer.text
        return found

    def heal(self) -> None:
        """Let everything that is under way arrive."""
        self.town.heal()

    def close(self) -> None:
        for one in self.served.values():
            one.stop()
        self.town.close()


class Ticks:
    """The monotonic clock of the listeners, moved by a test (seconds)."""

    at = 0.0

    def __call__(self) -> float:
        return self.at
