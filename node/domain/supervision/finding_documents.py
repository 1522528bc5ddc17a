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


class FindingSubject(TypedDict):
    """What a finding is about: a case, an item, or the unit itself (None: one that is not in the tree)."""

    type: str
    id: str | None


class Witnessed(TypedDict):
    """The times of an entry: what its author says, what counts, and between which receipts of the node above it was written."""

    claimed: str | None
    counted: str | None
    not_before: str | None
    receipt: str | None


class FoundFlaw(TypedDict):
    """A finding; of a case, of an item, of a unit's catalog, or of the chain of a node (`subject`). `evidence`: hashes of entries, hex; of an item
    that which published it. `data_error`: more likely typed wrong than done wrong; then `witnessed` has the times of the entry. `judged_here`:
    whether a supervisor of this node says what it is. `confirm_by`: until when somebody has to (ISO), None where nobody has; `confirm_over`: by
    how many working days that has passed."""

    finding_id: str
    rule: str
    kind: str
    monitor: str
    zh: str
    en: str
    case_no: str | None
    item_id: str | None
    subject: FindingSubject
    charged: Charged
    at: str | None
    detail: str
    state: str
    judged_here: bool
    confirm_by: str | None
    confirm_over: int
    evidence: list[str]
    data_error: bool
    witnessed: Witnessed | None


class Judgement(TypedDict):
    """What a supervisor said of a finding last; `staff_name` and `reason` where its words are here."""

    state: str
    at: str | None
    node_name: str
    staff_name: str | None
    reason: str | None


class FoundFlaws(Fresh):
    """`in_use`: False where the rule that was asked for is switched off, or its facts are not written yet: then it reads 未启用, not 0."""

    in_use: bool
    findings: list[FoundFlaw]
    total: int
    next: str | None
