"""Roles that several audiences ask for."""

from __future__ import annotations

from node.domain.model import Role

HALL = frozenset({Role.CLERK, Role.EXAMINER, Role.REVIEWER, Role.APPROVER, Role.DIRECTOR})
CASES = HALL | {Role.AGENT}
OVERSEERS = frozenset({Role.OVERSEER, Role.DIRECTOR})
