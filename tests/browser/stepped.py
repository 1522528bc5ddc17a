"""Nodes with a clock that a story moves, as a browser meets them.

They are those of `tests/ui/real.py`: real stores, keys, protocol and pages over HTTP, in the process of the test; only time and the lines are
made up. A month passes as in the tests of the network: whoever is on the line speaks, and everybody looks at the clock.
"""

from __future__ import annotations

from pathlib import Path

from tests.ui.real import PASSWORD, Site

PERSONS = {
    ("village", "director"): "周桂兰", ("township", "director"): "赵志强", ("district", "overseer"): "曹莹", ("city", "overseer"): "潘慧",
}  # fmt: skip


class Stepped:
    """What `People` asks of the demo: where a node is, and who may log in there."""

    def __init__(self, folder: Path, layout: str) -> None:
        self.site = Site(folder, layout)
        self.site.town.cut()  # the lines of the nodes as they are now
        self.site.heal()

    def url(self, name: str, path: str = "/") -> str:
        return f"http://127.0.0.1:{self.site.served[name].port}{path}"

    def login(self, name: str, role: str, number: int = 0) -> dict[str, str]:
        """Somebody with that role, added on first use."""
        self.site.ticks.at += 60  # tries of passwords are counted by the minute
        return {"username": self.site.username(name, role, PERSONS[name, role]), "password": PASSWORD}
