"""What the first-run pages ask of the directory that is to become a node (`node.running.wizard.Wizard`)."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from node.domain.setup import FoundParent, MadeNode, SetupPlace


class SetupPort(Protocol):
    """Each of new_city, join and restore makes the node once and answers {name, code, tier, username, loaded}."""

    @property
    def folder(self) -> Path: ...
    @property
    def made(self) -> MadeNode | None: ...

    def check_code(self, text: str) -> bool:
        """Whether this is the code from the console. Errors: none."""
        ...

    def found(self) -> list[FoundParent]:
        """Nodes heard on the local network that newcomers may join at; whether one is the right one, its key decides. Errors: none."""
        ...

    def places(self, q: str) -> list[SetupPlace]:
        """Rows of the division table that comes with the program. Errors: none."""
        ...

    def new_city(self, code: str, name: str, tier: str, password: str, again: str, with_catalog: bool) -> MadeNode:
        """A new root. Errors: `invalid_input` (code, name, tier, password, again), `already_a_node`, `not_empty`."""
        ...

    def join(self, join_code: str, password: str, again: str) -> MadeNode:
        """A child of a running parent.

        Errors: `invalid_input`, `bad_join_code`, `join_code_used`, `join_code_expired`, `unreachable`, `wrong_parent`, `code_active`, `wrong_tier`,
        `not_a_renewal`, `renew_other_node`, `revoked`, `already_a_node`, `not_empty`."""
        ...

    def restore(self, path: Path, key: str = "") -> MadeNode:
        """A node from a backup (`key` opens a sealed one); it keeps its people and passwords.

        Errors: `not_found`, `bad_backup`, `backup_sealed`, `bad_backup_key`, `wrong_backup_key`, `already_a_node`, `not_empty`."""
        ...

    def finish(self) -> None:
        """The pages have been read: run the node. Errors: none."""
        ...
