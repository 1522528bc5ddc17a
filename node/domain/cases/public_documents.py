"""What a resident is told of a case: no names of persons, no content of the application."""

from __future__ import annotations

from typing import TypedDict

from node.domain.cases.documents import TrackerRow, Transit


class TurnedDown(TypedDict):
    """Why a case came to nothing, in the words of the decision ("" where they are not held), and its paper."""

    reason: str
    basis: str
    remedies: str
    number: str


class ToldOne(TypedDict):
    """A message to the applicant: what it told (a code), whether it went out, when (ISO)."""

    event: str
    state: str
    channel: str
    at: str | None


class PaperChanged(TypedDict):
    """A paper of the case was corrected or revoked (`kind`): `of` its number, `number` and `date` those of the notice about it."""

    kind: str
    of: str
    number: str
    date: str


class PublicCase(TypedDict):
    """Where a case is. `status` is `checking` while it is in doubt; `deadline` says in a sentence how `due` came about; `bring` are
    materials that are asked for now, by their names on the checklist, or that were promised for a day (`bring_by`)."""

    case_no: str
    item_id: str
    item_name: str
    category: str
    custodian: str | None
    status: str
    tier: str | None
    due: str | None
    transit: Transit | None
    filed_at: str | None
    tracker: list[TrackerRow]
    accepted_at: str | None
    decided_at: str | None
    as_of: str | None
    pause: str
    light: str
    over_days: int
    deadline: str
    deadline_en: str
    finished: bool
    custodian_name: str
    origin_name: str
    bring: list[str]
    bring_by: str | None
    contact: dict[str, str]
    told: list[ToldOne]
    result: str
    turned_down: TurnedDown | None
    changed: list[PaperChanged]
