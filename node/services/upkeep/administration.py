"""Running the node from a page: how it is, what needs attention, the nodes below, backups.

Everything here is for the administrator; each method checks that. What is warned of stands in `warnings.py`, backups in
`kept_backups.py`; a backup, checking one and checking the whole node are long work (`long_work.py`).
"""

from __future__ import annotations

import hmac
import shutil
from collections.abc import Callable, Mapping

from cryptography import x509

from node.domain.cases.access import Function
from node.domain.model import TIERS, Actor, Role
from node.domain.tree.documents import Revoked
from node.domain.upkeep.documents import (
    CertificateRow,
    ChildLink,
    InvitationRow,
    JoinCard,
    Neighbours,
    NodeFacts,
    Overview,
    ParentLink,
    PeopleCount,
    PlaceRow,
)
from node.domain.words.errors import TongbanError
from node.machine.oslayer import is_loopback, is_wildcard, split_address
from node.services.catalog.authority import AuthorityService
from node.services.catalog.catalog import CatalogService
from node.services.times import iso
from node.services.tree.keys import KeyFiles
from node.services.tree.membership import REASONS, VALID_DAYS, Membership
from node.services.upkeep.kept_backups import BACKUP_KEY, KeptBackups
from node.services.upkeep.long_work import Job
from node.services.upkeep.orphans import orphans
from node.services.upkeep.upkeep import Upkeep
from node.services.upkeep.verification import Report, verify
from node.services.upkeep.warnings import warnings_of
from node.store import audit, enrolments
from node.store import staff as people
from node.store.journal import last_arrival
from node.store.store import Store, Tx

FOUND_PLACES = 20


class Administration(KeptBackups):
    """What an administrator asks of one node. `web`, `grpc`: where it listens (set when it is served)."""

    def __init__(self, store: Store, keys: KeyFiles, membership: Membership, catalog: CatalogService, upkeep: Upkeep) -> None:
        super().__init__(store, keys)
        self._membership = membership
        self._catalog, self._upkeep = catalog, upkeep
        self._authority = AuthorityService(store, catalog)
        self.web = self.grpc = ""
        self.printed = False  # whether a configured address is printed on papers; else what the browser asked for
        self.troubles: Callable[[], Mapping[str, str]] = dict  # channels to residents that cannot be used now

    # how the node is -----------------------------------------------------------------------------------------------

    def overview(self, by: Actor) -> Overview:
        """How the node is and what needs attention. Errors: `forbidden`."""
        self._require(Function.MANAGE_NODE, by)
        status, folder = self._upkeep.status(), self._store.folder
        disk = shutil.disk_usage(folder)
        files = [path for name in ("node.db", "node.db-wal") if (path := folder / name).exists()]
        listed = self._backup_files()
        found: NodeFacts = {
            "node": status["node"], "as_of": status["as_of"], "links": status["links"], "findings": status["findings"],
            "calendar_until": status["calendar"]["known_until"], "entries": status["journal"]["entries"],
            "items": status["catalog"]["items"], "divisions": len(self._catalog.divisions()),
            "folder": str(folder), "web": self.web, "grpc": self.grpc,
            "disk": {"free": disk.free, "total": disk.total},
            "database": {"bytes": sum(path.stat().st_size for path in files)},
            "backup": {"count": len(listed), "at": listed[0]["at"] if listed else None, "days": self._days_old(listed)},
            "certificates": self._certificates(), "people": self._people(),
        }  # fmt: skip
        warned = warnings_of(
            found, self._store, self._catalog, self._authority,
            has_key=self._keys.has(BACKUP_KEY), printed=self.printed, troubles=self.troubles(),
        )  # fmt: skip
        return {**found, "warnings": warned}

    def _certificates(self) -> list[CertificateRow]:
        found: list[CertificateRow] = []
        for name in ("web-cert.pem", "link-cert.pem", "listen-cert.pem"):
            if self._keys.has(name):
                end = x509.load_pem_x509_certificate(self._keys.get(name)).not_valid_after_utc
                found.append({"name": name, "until": end.date().isoformat(), "ms": int(end.timestamp() * 1000)})
        return found

    def _people(self) -> PeopleCount:
        with self._store.reading() as view:
            everyone = [row for row in people.everyone(view.connection) if row.active]
        admins = sum(row.role == Role.ADMIN for row in everyone)
        return {"active": len(everyone), "admins": admins, "without_pin": sum(not row.pin for row in everyone)}

    def start_verify(self, by: Actor) -> None:
        """Check signatures, chains, receipts, objects and query tables of the whole node. Raises storage_busy."""
        self._require(Function.MANAGE_NODE, by)
        self._start(Job("verify", "", self._store.clock.now()), lambda job: self._verify(job, by))

    def _verify(self, job: Job, by: Actor) -> None:
        report = Report()
        job.result = {"checked": report.checked}
        with self._store.reading() as view:
            job.total = last_arrival(view)
        found = verify(self._store, progress=report)
        job.result = found
        ok = int(bool(found["ok"]))
        self._store.run(lambda tx: audit.note(tx.connection, tx.now(), by.staff_id, "verified", "", {"ok": ok}))

    # nodes below ---------------------------------------------------------------------------------------------------

    def nodes(self, by: Actor) -> Neighbours:
        """The parent, the children, and the invitations that nobody has used. Errors: `forbidden`."""
        self._require(Function.MANAGE_NODE, by)
        now, status = self._store.clock.now(), self._upkeep.status()
        with self._store.reading() as view:
            names = enrolments.names(view.connection)
            places = {place.code: place for place in view.children()}
            open_now = enrolments.open_invitations(view.connection, now)
            parent = view.identity.parent
            parent_name = names.get(parent, "") if parent else ""
            tier = view.identity.tier
            lost = orphans(self._store, self._catalog, view)
        up: list[ParentLink] = [{**link, "name": parent_name} for link in status["links"] if link["direction"] == "up"]
        children: list[ChildLink] = []
        for link in status["links"]:
            if link["direction"] == "down":
                place = places.get(link["peer"])
                children.append(
                    {**link, "name": names.get(place.node_id, "") if place else "", "tier": place.tier if place else ""}
                )
        invitations: list[InvitationRow] = [
            {"id": one.secret_hash.hex()[:24], "code": one.code, "name": one.name, "tier": one.tier, "expires": iso(one.expires)}
            for one in open_now
        ]
        return {
            "parent": up[0] if up else None, "children": children, "invitations": invitations, "orphans": lost, "web": self.web, "grpc": self.grpc,
            "grpc_host": self._grpc_host(), "tiers": list(TIERS[: TIERS.index(tier)]), "reasons": list(REASONS), "as_of": status["as_of"],
        }  # fmt: skip

    def _grpc_host(self) -> str:
        """The one host under which children dial in; "" when the listener has none of its own."""
        host = split_address(self.grpc)[0] if self.grpc else ""
        return "" if is_loopback(host) or is_wildcard(host) else host

    def places(self, q: str) -> list[PlaceRow]:
        """Rows of the division table whose code starts with or whose name contains `q`. Errors: none."""
        table = self._catalog.divisions().to_document()["rows"] if q else []
        hits = [row for row in table if row[0].startswith(q) or q in row[1]]
        hits.sort(key=lambda row: (-TIERS.index(row[2]), row[0]))
        return [{"code": row[0], "name": row[1], "tier": row[2], "parent": row[3]} for row in hits[:FOUND_PLACES]]

    def invite(self, code: str, name: str, tier: str, address: str, grpc_address: str, by: Actor) -> JoinCard:
        """A join code, shown once. Errors: `forbidden`, `invalid_input`, `wrong_tier`, `code_active`."""
        self._require(Function.MANAGE_NODE, by)
        flaws = {key: "invalid" for key, text in (("address", address), ("grpc_address", grpc_address)) if not _is_address(text)}
        if flaws:
            raise TongbanError("invalid_input", flaws)
        text = self._membership.invite(code, name.strip(), tier, (address,), grpc_address, by=by)
        return {"join_code": text, "code": code, "name": name.strip(), "tier": tier, "days": VALID_DAYS}

    def cancel_invitation(self, invitation: str, by: Actor) -> None:
        """Withdraw an invitation that nobody has used. Errors: `forbidden`, `not_found`."""
        self._require(Function.MANAGE_NODE, by)
        with self._store.reading() as view:
            rows = enrolments.open_invitations(view.connection, 0)
        digest = next((row.secret_hash for row in rows if hmac.compare_digest(row.secret_hash.hex()[:24], invitation)), None)
        if digest is None:
            raise TongbanError("not_found", what=invitation[:40])

        def command(tx: Tx) -> None:
            code = enrolments.cancel_invitation(tx.connection, digest)
            audit.note(tx.connection, tx.now(), by.staff_id, "invitation_cancelled", code)

        self._store.run(command)

    def revoke(self, code: str, reason: str, note: str, typed: str, by: Actor) -> Revoked:
        """End the trust in a node below. `typed` must repeat the code. Errors: `forbidden`, `invalid_input`, `unknown_node`."""
        self._require(Function.MANAGE_NODE, by)
        flaws = {}
        if reason not in REASONS:
            flaws["reason"] = "not_a_choice" if reason else "missing"
        if typed.strip() != code:
            flaws["typed"] = "not_confirmed"
        if flaws:
            raise TongbanError("invalid_input", flaws)
        return self._membership.revoke(code, note.strip() or reason if reason == "other" else reason, by=by)

    def retry(self, code: str, by: Actor) -> None:
        """Dial a neighbour now. Errors: `forbidden`, `unknown_node`."""
        self._require(Function.MANAGE_NODE, by)
        self._upkeep.retry_link(code)


def _is_address(text: str) -> bool:
    try:
        host, port = split_address(text)
    except ValueError:
        return False
    return port > 0 and not is_wildcard(host) and not any(c.isspace() or c == "/" for c in host)
