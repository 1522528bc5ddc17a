"""What the web side asks about filing: applications (`center.intake`), the files of a case (`center.materials`), drafts
(`center.drafts`) and the agent's desk (`center.agent`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from node.domain.cases.documents import FileAsked, FileInfo, FileTaken, PieceStored, UploadOffset
from node.domain.catalog.item_documents import ItemsOffered
from node.domain.filing.documents import (
    AgentHome,
    Defect,
    DraftAside,
    DraftDocument,
    DraftFileRow,
    DraftSaved,
    DraftsPage,
    HandoverAct,
    HandoverList,
    LodgeAnswer,
    LodgedResult,
    PersonHints,
    WaitingCase,
    WaitingPage,
)  # fmt: skip
from node.domain.model import Actor
from node.domain.touched import Clash
from node.domain.words.errors import FieldErrorDocument


class Filed(Protocol):
    """The outcome of a filing; `created` is False when the application number was filed before."""

    @property
    def case_no(self) -> str: ...
    @property
    def status(self) -> str: ...
    @property
    def query_code(self) -> str: ...
    @property
    def created(self) -> bool: ...
    @property
    def warnings(self) -> Sequence[FieldErrorDocument]: ...


class IntakePort(Protocol):
    """`node.services.filing.intake.Intake`."""

    def file(
        self, document: object, actor: Actor, *, source: str = "default", draft: bool = False, idempotency_key: str | None = None
    ) -> Filed:
        """Make a case of an application, once for its source and number. A `draft` is kept with defects and not filed.

        Example: file(document, person, source="counter").created is False when the same application was filed before.
        Errors: `forbidden`, `invalid_input` with every defect, `application_conflict`, `idempotency_conflict`, `guard_failed`,
        `frozen`, `revoked`, `clock_wrong`."""
        ...


class MaterialsPort(Protocol):
    """`node.services.filing.materials.Materials`."""

    def offset(self, case_no: str, material: str, actor: Actor) -> UploadOffset:
        """Bytes held of the person's unfinished upload, and the size expected. Errors: `forbidden`, `not_found`."""
        ...

    def kinds(self, case_no: str, actor: Actor) -> dict[str, str]:
        """The media type of each file that is here, by its place in the list. Errors: `forbidden`, `not_found`."""
        ...

    def read(
        self, case_no: str, material: str, offset: int, length: int, actor: Actor, version: int | None = None
    ) -> tuple[bytes, FileInfo]:
        """A piece of a file from `offset` (bytes), at most `length` long, and what the file is.

        `version` n is the n-th that came, 0 the one on its way to the holder, None the present one.
        Errors: `forbidden`, `not_found` while it is not here."""
        ...

    def may_send(self, case_no: str, material: str, actor: Actor) -> None:
        """Whether the person may send this file here and now; asked before any of it is read.

        Errors: `forbidden`, `not_found`, then those of the state: `illegal_action`, `guard_failed`, `in_transit`, `frozen`, `frozen_at_root`,
        `contents_missing`, `needs_upgrade`, `clock_wrong`, `revoked`."""
        ...

    def taken_over(self, case_no: str, material: str, actor: Actor) -> None:
        """The person's former upload to the material was stopped: other content may begin at once. Errors: `forbidden`, `not_found`."""
        ...

    def put(
        self, case_no: str, material: str, actor: Actor, offset: int, data: bytes, total: int, file_name: str, mime: str
    ) -> PieceStored | FileAsked | FileTaken:
        """Append a piece. The answer has the `offset` to go on from, and the case or the request when the file is whole.

        Example: after a cut ask `offset`, then put(no, "0", person, 4096, rest, 9000, "a.jpg", "image/jpeg").
        Errors: `forbidden`, `not_found` and the others of may_send; `invalid_input`, `too_large`, `file_refused` for programs and
        pages, `upload_taken` while a colleague sends, `upload_other` with the standing offset, `guard_failed` for a gap, `too_many_uploads`."""
        ...


class DraftsPort(Protocol):
    """`node.services.filing.drafts.DraftService`."""

    def start(self, item_id: str, actor: Actor) -> str:
        """A new draft for an item that may be filed here; its id. Errors: `forbidden`, `not_found`, `invalid_input`."""
        ...

    def save(self, id: str, given: Mapping[str, str], actor: Actor) -> DraftSaved:
        """Keep what was touched of the form; what a colleague changed meanwhile comes back as clashes and is not stored.

        Errors: `forbidden`, `not_found`, `guard_failed` when it was lodged meanwhile."""
        ...

    def defects(self, id: str, actor: Actor) -> list[Defect]:
        """All that stands in the way of lodging, each with the form's field (`place`). Errors: `forbidden`, `not_found`."""
        ...

    def person(self, id: str, typed_: Mapping[str, str], actor: Actor) -> PersonHints:
        """What is known of the person whose `id_number` and `id_type` are typed, saved or not. Errors: `forbidden`, `not_found`."""
        ...

    def take_person(self, id: str, actor: Actor) -> None:
        """Fill a draft with what its person gave the last time; nothing when he gave nothing.

        Errors: `forbidden`, `not_found`, `guard_failed` when it was lodged."""
        ...

    def discard(self, id: str, actor: Actor) -> None:
        """Throw a draft away, with its photographs. Errors: `forbidden`, `not_found`, `guard_failed` when it was lodged."""
        ...

    def restore(self, id: str, actor: Actor) -> None:
        """Take a draft out of the bin. Errors: `forbidden`, `not_found`, `guard_failed` when it is gone."""
        ...

    def set_aside(self, actor: Actor) -> list[DraftAside]:
        """The drafts in the bin, the oldest first, each with the moment before which it is not removed. Errors: `forbidden`."""
        ...

    def drafts(self, actor: Actor, cursor: str | None = None, limit: int = 50) -> DraftsPage:
        """Drafts of this counter that are not finished, the last touched first. Errors: `forbidden`."""
        ...

    def draft(self, id: str, actor: Actor) -> DraftDocument:
        """One draft with its item, its files and the checklist. Errors: `forbidden`, `not_found`."""
        ...

    def add_file(self, id: str, key: str, file_name: str, size: int, material: str, actor: Actor) -> DraftFileRow:
        """Announce a file of `size` bytes; the same `key` of the same person again is the same file, to be resumed.

        Errors: `forbidden`, `not_found`, `guard_failed`, `invalid_input`, `too_large`, `too_many_uploads`."""
        ...

    def put_file(self, id: str, file_id: str, offset: int, data: bytes, actor: Actor) -> DraftFileRow:
        """Append a piece. One that does not continue what is held changes nothing; the answer says where to go on.

        Errors: `forbidden`, `not_found`, `guard_failed`, `file_refused`, `upload_taken` when it is a colleague's, `upload_other`."""
        ...

    def sort_files(self, id: str, sorted_: Mapping[str, str], actor: Actor, seen: str = "") -> tuple[Clash, ...]:
        """Give files to materials: {file: material}, "" takes one back. Answers those that were sorted otherwise meanwhile.

        Errors: `forbidden`, `not_found`, `guard_failed`, `invalid_input`."""
        ...

    def remove_file(self, id: str, file_id: str, actor: Actor) -> None:
        """Remove a photograph. Errors: `forbidden`, `not_found`, `guard_failed` when the draft was lodged."""
        ...

    def read_file(self, id: str, file_id: str, offset: int, length: int, actor: Actor) -> tuple[bytes, DraftFileRow]:
        """A piece of a photograph from `offset` (bytes), at most `length` long, and its row. Errors: `forbidden`, `not_found`."""
        ...

    def lodge(self, id: str, actor: Actor) -> LodgeAnswer:
        """File the draft: {case_no}, or {defects} and nothing is written. Lodging again gives the same case.

        Errors: `forbidden`, `not_found`, `guard_failed` when it was changed meanwhile, `application_conflict`, `revoked`, `clock_wrong`."""
        ...

    def result(self, case_no: str, actor: Actor) -> LodgedResult:
        """What the applicant takes along: number and query code; only where the filing is held. Errors: `forbidden`, `not_found`."""
        ...


class AgentPort(Protocol):
    """`node.services.filing.agent_desk.AgentDesk`."""

    def home(self, actor: Actor) -> AgentHome:
        """The agent's day: what came back and why, what to bring, to answer, to deliver, and what is stuck. Errors: `forbidden`."""
        ...

    def waiting(self, actor: Actor, cursor: str | None = None, limit: int = 50) -> WaitingPage:
        """Cases that wait to be handed over, the newest first, each with whether it is ready. Errors: `forbidden`."""
        ...

    def chosen(self, case_nos: list[str], actor: Actor) -> list[WaitingCase]:
        """Those of the cases that wait to be handed over, for the question before. Errors: `forbidden`."""
        ...

    def hand_over(self, case_nos: list[str], actor: Actor) -> HandoverAct:
        """Hand each case over; one that cannot be does not stop the others, and twice is once. The refusal of each stands in its row.

        Errors: `forbidden`."""
        ...

    def handover(self, id: str, actor: Actor) -> HandoverList:
        """One act of handing over, with its cases as they stand now. Errors: `forbidden`, `not_found`."""
        ...

    def items(self, q: str, department: str, page: int) -> ItemsOffered:
        """Items that this node may file, by search words (best first) or by department; 50 to a page, from 1. Errors: none."""
        ...
