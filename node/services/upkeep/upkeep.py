"""Keeping a node well: how it is, checking and rebuilding what it holds, backups, and dialling a neighbour at once.

These are the commands of the person at the machine. What an administrator does from a page goes on record and runs in the
background: `administration.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from node.domain.upkeep.documents import BackupMade, Rebuilt, Trying, Verified
from node.domain.words.errors import TongbanError
from node.services.catalog.catalog import CatalogService
from node.services.upkeep import backup, verification
from node.services.upkeep.status import StatusService
from node.store.store import Store


class Upkeep(StatusService):
    """The status of one node, and what keeps it well."""

    def __init__(self, store: Store, catalog: CatalogService) -> None:
        super().__init__(store, catalog)
        self.try_now: Callable[[str], bool] | None = None  # set by node.running while links are up

    def verify(self, recent: bool = False) -> Verified:
        """Check everything the node holds; with `recent` the last entries and the receipts. Problems are in the answer.

        Errors: none."""
        return verification.verify(self._store, recent)

    def rebuild(self) -> Rebuilt:
        """Make the query tables anew from the journal. Errors: `storage_failed`, `disk_full`, `read_only`, `storage_busy`."""
        return verification.rebuild(self._store)

    def backup(self, path: str, public: bytes | None = None) -> BackupMade:
        """Write a backup to a file, in one step; with `public` sealed to that backup key.

        Errors: `storage_failed`, `disk_full`, `read_only`."""
        return backup.backup(self._store, Path(path), public)

    def retry_link(self, peer_code: str) -> Trying:
        """Dial a neighbour now. Errors: `unknown_node`, also while no links are up."""
        if self.try_now is None or not self.try_now(peer_code):
            raise TongbanError("unknown_node", node=peer_code)
        return {"peer": peer_code, "trying": True}
