"""One node's services behind one door.

The web side, the command line and the tests call these methods; each is synchronous, thread-safe and answers in JSON
values. A Center knows nothing of sockets: `node.app` gives it a store, keys and a clock, and serves it.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from node.domain import folded
from node.domain.calendar import WorkCalendar
from node.domain.case_number import parse_case_no
from node.domain.cases.access import Function, require
from node.domain.cases.documents import (
    CaseDocument,
    CasePageOf,
    FileAsked,
    FileInfo,
    FileTaken,
    PieceStored,
    Requested,
    UploadOffset,
)
from node.domain.model import Actor, Place
from node.domain.people import LoginCard, StaffListed, TokenDocument, address_key
from node.domain.tree.documents import KeyChanged, Released, Revoked
from node.domain.upkeep.documents import BackupMade, Health, NodeStatus, Pulse, Rebuilt, Trying, Verified
from node.domain.words.errors import TongbanError
from node.services.cases import lists
from node.services.cases.context import Rules
from node.services.cases.custody import Custody
from node.services.cases.handling import ActResult, Handling
from node.services.cases.referral import reassign_after_revoke
from node.services.cases.timers import Timers
from node.services.cases.workbench import Workbench
from node.services.cases.working_days import WorkingDays
from node.services.catalog.authority import AuthorityService
from node.services.catalog.catalog import CatalogService
from node.services.catalog.editor import Editor
from node.services.filing.agent_desk import AgentDesk
from node.services.filing.drafts import DraftService
from node.services.filing.intake import FiledResult, Intake
from node.services.filing.materials import Materials
from node.services.papers.papers import Papers
from node.services.people.people import People
from node.services.people.staff import StaffService
from node.services.people.throttle import Throttle
from node.services.people.tokens import DAYS
from node.services.public.guide import GuideService
from node.services.public.residents import public_case
from node.services.supervision.findings import Findings
from node.services.supervision.network import NetworkView
from node.services.supervision.oversight import Oversight
from node.services.tree.inbound import Inbound
from node.services.tree.keys import KeyFiles
from node.services.tree.membership import IssueCertificate, Membership
from node.services.tree.recovery import release
from node.services.tree.renewal import Renewal
from node.services.upkeep.administration import Administration
from node.services.upkeep.backup import backup
from node.services.upkeep.status import StatusService
from node.services.upkeep.verification import rebuild, verify
from node.store.store import Clock, Store

QUERY_TRIES = 10  # wrong query codes of one case from one address within five minutes
QUERY_TRIES_OF_ALL = 200  # from all addresses together


class Center:
    """Everything a node can be asked."""

    def __init__(self, store: Store, keys: KeyFiles, *, certificates: IssueCertificate | None = None) -> None:
        self.store = store
        self.keys = keys
        secret = keys.session_secret()
        self.catalog = CatalogService(store)
        self.rules = Rules(store, self.catalog)
        self.authority = AuthorityService(store, self.catalog)
        self.custody = Custody(self.rules)
        self.inbound = Inbound(store)
        self.handling = Handling(store, self.rules, secret)
        self.intake = Intake(store, self.rules, secret)
        self.materials = Materials(store, self.rules, self.handling)
        self.staff = StaffService(store)
        self.people = People(store, self.staff)
        self.membership = Membership(store, keys, issue_certificate=certificates, reassign=reassign_after_revoke)
        self.renewal = Renewal(store, keys, self.membership)
        self.oversight_service = Oversight(store, self.rules)
        self.editor = Editor(store, self.catalog)
        self.guide = GuideService(store, self.catalog)
        self.status_service = StatusService(store, self.catalog)
        self.administration = Administration(store, keys, self.membership, self.catalog, self.status_service, self.retry_link)
        self.findings = Findings(store, self.rules)
        self.network = NetworkView(store, self.catalog, self.status_service)
        self.timers = Timers(store, self.rules, self.custody)
        self.days = WorkingDays(store, self.catalog, self.timers)
        self.drafts = DraftService(store, self.rules, self.intake, self.materials)
        self.agent = AgentDesk(store, self.rules, self.handling, self.pulse, self.guide.rows)
        self.work = Workbench(store, self.rules, self.guide.meant)
        self.papers = Papers(store, self.rules, secret)
        self._queries = Throttle()
        self.try_now: Callable[[str], bool] | None = None  # set by node.app while links are up
        store.react = self.custody.react
        self.catalog.attach()
        store.attach()

    # who and when --------------------------------------------------------------------------------------------------

    @property
    def place(self) -> Place:
        return self.store.place

    @property
    def name(self) -> str:
        return self.store.identity.name

    @property
    def clock(self) -> Clock:
        return self.store.clock

    @property
    def test_clock(self) -> bool:
        return self.store.identity.test_clock

    @property
    def calendar(self) -> WorkCalendar:
        return self.catalog.calendar()

    def authenticate_token(self, token: str, client: str = "") -> Actor:
        return self.staff.tokens.authenticate(token, client)

    def token_source(self, token: str) -> str:
        return self.staff.tokens.source_of(token)

    def login(self, username: str, password: str) -> Actor:
        return self.staff.login(username, password)

    # cases ---------------------------------------------------------------------------------------------------------

    def file_case(
        self, document: object, actor: Actor, *, source: str = "default", draft: bool = False, idempotency_key: str | None = None
    ) -> FiledResult:
        return self.intake.file(document, actor, source=source, draft=draft, idempotency_key=idempotency_key)

    def act(
        self, case_no: str, action: str, fields: Mapping[str, object], actor: Actor, *, expected_version: int | None = None,
        idempotency_key: str | None = None,
    ) -> ActResult:  # fmt: skip
        return self.handling.act(
            case_no, action, fields, actor, expected_version=expected_version, idempotency_key=idempotency_key
        )

    def case(self, case_no: str, actor: Actor) -> CaseDocument:
        self._may_read(actor)
        return self.handling.case(case_no, actor)

    def cases(
        self,
        actor: Actor,
        *,
        status: str | None = None,
        item: str | None = None,
        q: str | None = None,
        cursor: str | None = None,
        limit: int = 50,
    ) -> CasePageOf:
        self._may_read(actor)
        meant = self.guide.meant(q) if q else ()
        return lists.cases(self.store, self.rules, status=status, item=item, q=q, cursor=cursor, limit=limit, meant=meant)

    def request(self, id: str, actor: Actor) -> Requested:
        self._may_read(actor)
        return self.handling.request(id)

    def material_kinds(self, case_no: str, actor: Actor) -> dict[str, str]:
        self._may_read(actor)
        return self.materials.kinds(case_no)

    def read_material(
        self, case_no: str, material: str, offset: int, length: int, actor: Actor, version: int | None = None
    ) -> tuple[bytes, FileInfo]:
        self._may_read(actor)
        return self.materials.read(case_no, material, offset, length, version)

    def material_offset(self, case_no: str, material: str, actor: Actor) -> UploadOffset:
        require(Function.SUPPLY, self.place.tier, actor.role)
        return self.materials.offset(case_no, material, actor)

    def may_send_material(self, case_no: str, material: str, actor: Actor) -> None:
        self.materials.may_send(case_no, material, actor)

    def material_taken_over(self, case_no: str, material: str, actor: Actor) -> None:
        """The person's former upload to the material was stopped: what comes now may be another file. Errors: `forbidden`, `not_found`."""
        require(Function.SUPPLY, self.place.tier, actor.role)
        self.materials.taken_over(case_no, material, actor)

    def put_material(
        self, case_no: str, material: str, actor: Actor, offset: int, data: bytes, total: int, file_name: str, mime: str
    ) -> PieceStored | FileAsked | FileTaken:
        return self.materials.put(case_no, material, actor, offset, data, total, file_name, mime)

    def _may_read(self, actor: Actor) -> None:
        require(Function.READ_CASE, self.place.tier, actor.role)

    # the public ----------------------------------------------------------------------------------------------------

    def public_case(self, case_no: str, code: str, client: str) -> dict[str, Any]:
        meant = folded.code(str(parse_case_no(case_no) or case_no[:64]))  # another spelling is no other try
        places = {f"{meant} at {address_key(client)}": QUERY_TRIES, meant: QUERY_TRIES_OF_ALL}
        self._queries.take(places, self.store.clock.ticks())
        found = public_case(self.store, self.rules, case_no, code)
        self._queries.right(places)
        return found

    def public_items(self, q: str) -> dict[str, Any]:
        return self.guide.found(q)

    # catalog -------------------------------------------------------------------------------------------------------

    def items(self, actor: Actor | None = None) -> list[dict[str, Any]]:
        return self.catalog.documents()

    def item(self, item_id: str) -> dict[str, Any]:
        item = self.catalog.item(item_id)
        if item is None:
            raise TongbanError("not_found", what=item_id[:60])
        return item.to_document()

    def import_catalog(self, data: bytes, actor: Actor) -> dict[str, Any]:
        return self.catalog.import_csv(data, actor)

    def import_calendar(self, data: bytes, actor: Actor, *, replace: bool = False) -> dict[str, Any]:
        return self.catalog.import_calendar(data, actor, replace=replace)

    def import_divisions(self, data: bytes, actor: Actor) -> dict[str, Any]:
        return self.catalog.import_divisions(data, actor)

    # overview ------------------------------------------------------------------------------------------------------

    def stats(self, measure: str, by: str, from_: str | None, to: str | None) -> dict[str, Any]:
        return self.oversight_service.stats(measure, by, from_, to)

    def oversight_cases(self, given: Mapping[str, str], actor: Actor, figures: bool = False) -> dict[str, Any]:
        return self.oversight_service.cases(given, actor, figures=figures)

    def oversight_findings(self, given: Mapping[str, str], actor: Actor) -> dict[str, Any]:
        return self.findings.listed(given, actor)

    def oversight_nodes(self, actor: Actor) -> dict[str, Any]:
        return self.oversight_service.nodes(actor)

    def status(self) -> NodeStatus:
        return self.status_service.status()

    def pulse(self) -> Pulse:
        return self.status_service.pulse()

    def metrics(self) -> bytes:
        return self.status_service.metrics()

    def health(self) -> Health:
        return self.status_service.health()

    # running it ----------------------------------------------------------------------------------------------------

    @property
    def enrolment(self) -> Membership:
        return self.membership

    def invite(self, code: str, name: str, tier: str, addresses: tuple[str, ...], grpc_address: str) -> str:
        return self.membership.invite(code, name, tier, addresses, grpc_address)

    def invite_renewal(self, code: str, addresses: tuple[str, ...]) -> str:
        return self.renewal.invite(code, addresses)

    def begin_renewal(self, join_code: str) -> tuple[tuple[str, ...], bytes]:
        return self.renewal.begin(join_code)

    def finish_renewal(self, answer: bytes) -> tuple[bytes, KeyChanged | None]:
        return self.renewal.finish(answer)

    def revoke(self, code: str, reason: str) -> Revoked:
        return self.membership.revoke(code, reason)

    def rotate_key(self) -> KeyChanged:
        return self.membership.rotate_key()

    def staff_add(self, name: str, role: str, password: str | None = None) -> LoginCard:
        return self.staff.add(name, role, password)

    def staff_list(self) -> list[StaffListed]:
        return self.staff.list()

    def token(self, name: str, role: str, days: int = DAYS, source: str = "") -> str:
        return self.staff.tokens.issue(name, role, days=days, source=source)

    def tokens(self) -> list[TokenDocument]:
        return self.staff.tokens.listed()

    def token_revoke(self, identifier: str) -> TokenDocument:
        return self.staff.tokens.revoke(identifier)

    def release(self, case_no: str) -> Released:
        """A director's word after a root's restore."""
        self.store.run(lambda tx: release(tx, case_no))
        return {"case_no": case_no, "released": True}

    def verify(self, recent: bool = False) -> Verified:
        return verify(self.store, recent)

    def rebuild(self) -> Rebuilt:
        return rebuild(self.store)

    def backup(self, path: str, public: bytes | None = None) -> BackupMade:
        """Errors: `storage_failed`, `disk_full`, `read_only`."""
        return backup(self.store, Path(path), public)

    def retry_link(self, peer_code: str) -> Trying:
        """Errors: `unknown_node`, also while no links are up."""
        if self.try_now is None or not self.try_now(peer_code):
            raise TongbanError("unknown_node", node=peer_code)
        return {"peer": peer_code, "trying": True}

    def tick(self) -> int:
        """Look at the timers once; answers how many fired."""
        self.store.watch.keep()
        self.materials.uploads.sweep()
        self.drafts.sweep()
        self.drafts.sweep_folders()
        self.inbound.sweep_partials()
        return self.timers.tick()

    def check_secret(self, given: str, wanted: str) -> bool:
        return hmac.compare_digest(given.encode(), wanted.encode())
