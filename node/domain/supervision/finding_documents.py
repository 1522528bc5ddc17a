"""The documents of findings."""

from __future__ import annotations

from typing import TypedDict

from node.domain.supervision.documents import Fresh


class Charged(TypedDict):
    """Whom a finding is about."""

    node: str | None
    unit: str | None
    post: None
    staff_id: None


class Witnessed(TypedDict):
    """The times of an entry: what its author says, what counts, and between which receipts of the node above it was written."""

    claimed: str | None
    counted: str | None
    not_before: str | None
    receipt: str | None


class FoundFlaw(TypedDict):
    """A finding; of a case, or of the chain of a node (then `case_no` is None). `evidence`: hashes of entries, hex. `data_error`: more likely
    typed wrong than done wrong; then `witnessed` has the times of the entry."""

    finding_id: str
    rule: str
    kind: str
    monitor: str
    zh: str
    en: str
    case_no: str | None
    item_id: str | None
    charged: Charged
    at: str | None
    detail: str
    state: str
    evidence: list[str]
    data_error: bool
    witnessed: Witnessed | None


class FoundFlaws(Fresh):
    findings: list[FoundFlaw]
    total: int
    next: str | None
