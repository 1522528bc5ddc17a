"""What the web side asks about the tree of nodes (`center.tree`)."""

from __future__ import annotations

from typing import Protocol


class TreePort(Protocol):
    """`node.services.tree.membership.Membership`."""

    def redeem(self, request: bytes) -> bytes:
        """The sealed answer to a sealed join request (octets both ways). The secret inside is the proof; no role is asked.

        Errors: `bad_join_code`, `join_code_used`, `join_code_expired`, `wrong_tier`, `code_active`, `revoked`, `key_superseded`, `root_key_lost`,
        `not_a_renewal`, `renew_other_node`, `unknown_node`, `strange_key`, `backup_too_old`."""
        ...
