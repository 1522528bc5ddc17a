"""What the web side asks about the node itself: how it is (`center.upkeep`), and running it (`center.administration`)."""

from __future__ import annotations

from typing import Protocol

from node.domain.model import Actor
from node.domain.tree.documents import Revoked
from node.domain.upkeep.documents import (
    BackupFile,
    Backups,
    Health,
    JoinCard,
    Neighbours,
    NodeStatus,
    Overview,
    PlaceRow,
    Pulse,
)


class UpkeepPort(Protocol):
    """`node.services.upkeep.upkeep.Upkeep`."""

    def status(self) -> NodeStatus:
        """What the node says of itself; codes and counts only. Errors: none."""
        ...

    def pulse(self) -> Pulse:
        """The last arrival, and the line to the parent (None at the root). Errors: none."""
        ...

    def metrics(self) -> bytes:
        """Prometheus text. Errors: none."""
        ...

    def health(self) -> Health:
        """Whether the store can be read and written. Errors: `disk_full`, `read_only`, `storage_busy`, `storage_failed`."""
        ...


class AdministrationPort(Protocol):
    """`node.services.upkeep.administration.Administration`."""

    def overview(self, by: Actor) -> Overview:
        """How the node is and what needs attention. Errors: `forbidden`."""
        ...

    def nodes(self, by: Actor) -> Neighbours:
        """The parent, the children and the open invitations. Errors: `forbidden`."""
        ...

    def places(self, q: str) -> list[PlaceRow]:
        """Rows of the division table by the beginning of the code or a part of the name. Errors: none."""
        ...

    def invite(self, code: str, name: str, tier: str, address: str, grpc_address: str, by: Actor) -> JoinCard:
        """A join code, shown once. Errors: `forbidden`, `invalid_input`, `wrong_tier`, `code_active`, `key_superseded`, `root_key_lost`,
        `revoked`."""
        ...

    def cancel_invitation(self, invitation: str, by: Actor) -> None:
        """Withdraw an invitation that nobody has used. Errors: `forbidden`, `not_found`."""
        ...

    def revoke(self, code: str, reason: str, note: str, typed: str, by: Actor) -> Revoked:
        """End the trust in a node below; `typed` must repeat the code.

        Errors: `forbidden`, `invalid_input`, `unknown_node`, `already_revoked`."""
        ...

    def retry(self, code: str, by: Actor) -> None:
        """Dial a neighbour now. Errors: `forbidden`, `unknown_node`, also while no links are up."""
        ...

    def backups(self, by: Actor) -> Backups:
        """The backups there are and the long work under way. Errors: `forbidden`."""
        ...

    def start_backup(self, by: Actor) -> None:
        """Write a backup in the background; how far it is, and a failure, stand in `backups`. Errors: `forbidden`, `busy`."""
        ...

    def start_check(self, name: str, by: Actor) -> None:
        """Read a backup to its end and compare every sum, in the background. Errors: `forbidden`, `not_found`, `busy`."""
        ...

    def start_verify(self, by: Actor) -> None:
        """Check everything the node holds, in the background. Errors: `forbidden`, `busy`."""
        ...

    def backup_file(self, name: str, by: Actor) -> BackupFile:
        """A backup that is about to be downloaded; goes on record. Errors: `forbidden`, `not_found`."""
        ...
