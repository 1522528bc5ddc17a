"""What the first-run pages ask of the directory that is to become a node (`node.running.wizard.Wizard`)."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from node.domain.setup import MadeNode, SetupPlace


class SetupPort(Protocol):
    """Each of new_city, join and restore makes the node once and answers {name, code, tier, username, loaded}."""

    @property
    def folder(self) -> Path: ...
    @property
    def made(self) -> MadeNode | None: ...

    def check_code(self, text: str) -> bool: ...
    def places(self, q: str) -> list[SetupPlace]: ...
    def new_city(self, code: str, name: str, tier: str, password: str, again: str, with_catalog: bool) -> MadeNode: ...
    def join(self, join_code: str, password: str, again: str) -> MadeNode: ...
    def restore(self, path: Path, key: str = "") -> MadeNode:
        """Errors: `bad_backup`, `not_found`, `backup_sealed`, `bad_backup_key`, `wrong_backup_key`."""
        ...

    def finish(self) -> None: ...
