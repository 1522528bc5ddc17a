"""Running the node from a page: how it is, what needs attention, the nodes below, backups.

Everything here is for the administrator; each method checks that. Long work (a backup, checking a backup, checking the whole
node) runs one at a time in a thread of its own, and the page asks how far it is. Backups are kept in DIR/backups, sealed for the
director's backup key (`sealed.py`), because they hold keys and residents' documents, which the administrator may not see.
"""

from __future__ import annotations

import copy
import hashlib
import hmac
import json
import re
import shutil
import threading
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from cryptography import x509

from node.domain.calendar import DAY_MS
from node.domain.cases.access import Function, require
from node.domain.model import CST, TIERS, Actor, Role
from node.domain.published import AUTHORITY
from node.domain.tree.documents import Revoked
from node.domain.upkeep.documents import (
    BackupFile,
    BackupKey,
    BackupRow,
    Backups,
    CertificateRow,
    ChildLink,
    InvitationRow,
    JobResult,
    JobRow,
    JoinCard,
    Neighbours,
    NodeFacts,
    OrphanRow,
    Overview,
    ParentLink,
    PeopleCount,
    PlaceRow,
    Verified,
    Warned,
)
from node.domain.words.errors import TongbanError
from node.machine import logs
from node.machine.oslayer import disk_errors, is_loopback, is_wildcard, make_private_directory, split_address, write_private
from node.services.catalog.authority import AuthorityService
from node.services.catalog.catalog import CatalogService
from node.services.times import SKEW_MS, iso, roughly
from node.services.tree.keys import KeyFiles
from node.services.tree.membership import REASONS, VALID_DAYS, Membership
from node.services.upkeep import backup, sealed
from node.services.upkeep.upkeep import Upkeep
from node.services.upkeep.verification import Report, verify
from node.store import audit, enrolments, findings
from node.store import staff as people
from node.store.journal import last_arrival
from node.store.store import Store, Tx, View

LOW_DISK = 2_000_000_000  # bytes; a backup needs room beside the database
OLD_BACKUP_DAYS = 7
FOUND_PLACES = 20
ORPHANS = 200  # cases after a revocation that are listed
_NAME = re.compile(r"tongban-[0-9A-Za-z-]{1,40}-\d{8}-\d{6}\.(zip|sealed)")
BACKUP_KEY = "backup-key.pub"  # in DIR/keys: the public half


@dataclass(slots=True)
class Job:
    """Long work: `kind` is backup, check or verify; `state` running, done or failed; `result` when done, `error` a sentence."""

    kind: str
    what: str
    started_at: int
    state: str = "running"
    done: int = 0
    total: int = 0
    result: JobResult | Verified = field(default_factory=JobResult)
    error: TongbanError | None = None


class Administration:
    """What an administrator asks of one node. `web`, `grpc`: where it listens (set by node.app)."""

    def __init__(self, store: Store, keys: KeyFiles, membership: Membership, catalog: CatalogService, upkeep: Upkeep) -> None:
        self._store, self._keys, self._membership = store, keys, membership
        self._catalog, self._upkeep = catalog, upkeep
        self._authority = AuthorityService(store, catalog)
        self.web = self.grpc = ""
        self.threaded = True
        self._job: Job | None = None
        self._lock = threading.Lock()

    def _require(self, function: Function, by: Actor) -> None:
        require(function, self._store.place.tier, by.role)

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
        return {**found, "warnings": self._warnings(found)}

    def _days_old(self, listed: list[BackupRow]) -> int | None:
        return max(0, self._store.clock.now() - int(listed[0]["at_ms"])) // DAY_MS if listed else None

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

    def _roles_missing(self, tier: str) -> list[str]:
        """The posts without which a node of this tier cannot do its work: who takes applications, who decides (or a director for both)."""
        with self._store.reading() as view:
            held = {str(row.role) for row in people.everyone(view.connection) if row.active}
        needed = ("agent",) if tier == "village" else ("clerk", "approver")
        return [role for role in needed if not held & {role, "director"}]

    def _warnings(self, found: NodeFacts) -> list[Warned]:
        """What needs attention, the gravest first; the page has a sentence and a remedy for each code."""
        now, node = self._store.clock.now(), found["node"]
        warnings: list[Warned] = []

        def warn(when: object, warned: Warned) -> None:
            if when:
                warnings.append(warned)

        warn(node["revoked"], {"code": "revoked"})
        warn(node["cut_off"], {"code": "cut_off"})
        apart = node["revoked"] or node["cut_off"]  # then the line is not what is wrong
        if node["key"] == "superseded":
            warn(True, {"code": "key_superseded" if node["parent"] is not None else "root_key_lost"})
        warn(found["disk"]["free"] < LOW_DISK, {"code": "disk_low", "free": found["disk"]["free"]})
        warn(found["backup"]["at"] is None, {"code": "backup_never"})
        days = found["backup"]["days"]
        warn(days is not None and days > OLD_BACKUP_DAYS, {"code": "backup_old", "days": days})
        for link in found["links"]:
            warn(
                link["direction"] == "up" and link["state"] != "online" and not apart,
                {"code": "line_down", "since": link["last_contact"] or ""},
            )
            n, unit = roughly(link["clock_skew_ms"])
            code = "clock" if link["direction"] == "up" else "clock_below"  # the one further down is to be set
            warn(abs(link["clock_skew_ms"]) > SKEW_MS, {"code": code, "apart": {"n": n, "unit": unit}, "peer": link["peer"]})
        for one in found["certificates"]:
            warn(one["ms"] - now < 30 * DAY_MS, {"code": "certificate", "name": one["name"], "until": one["until"]})
        until = found["calendar_until"]
        last = datetime.fromisoformat(until).replace(tzinfo=CST).timestamp() * 1000 if until else 0
        warn(not until, {"code": "calendar_none"})
        warn(until and last - now < 60 * DAY_MS, {"code": "calendar", "until": until})
        warn(not found["divisions"], {"code": "divisions_none"})
        warn(not found["items"], {"code": "catalog_none"})
        for role in self._roles_missing(node["tier"]):
            warn(True, {"code": "role_none", "role": role})
        warn(not self._keys.has(BACKUP_KEY), {"code": "backup_key_none"})
        root = node["parent"] is None
        warn(root and AUTHORITY.name not in self._catalog.snapshot().documents, {"code": "authority_none"})
        lacking = len(self._authority.missing()) if AUTHORITY.name in self._catalog.snapshot().documents else 0
        warn(lacking, {"code": "authority_missing", "count": lacking})
        warn(found["people"]["admins"] == 1, {"code": "one_admin"})
        warn(found["web"] and is_loopback(split_address(found["web"])[0]) and found["links"], {"code": "only_here"})
        warn(found["findings"], {"code": "findings", "count": len(found["findings"])})
        return warnings

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
            orphans = self._orphans(view, names)
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
            "parent": up[0] if up else None, "children": children, "invitations": invitations, "orphans": orphans, "web": self.web, "grpc": self.grpc,
            "grpc_host": self._grpc_host(), "tiers": list(TIERS[: TIERS.index(tier)]), "reasons": list(REASONS), "as_of": status["as_of"],
        }  # fmt: skip

    def _orphans(self, view: View, names: Mapping[bytes, str]) -> list[OrphanRow]:
        """What a revocation left with nobody, while that is still so."""
        rows: list[OrphanRow] = []
        for case_no, at in findings.without_heir(view.connection, ORPHANS):
            case = view.cases.get(case_no)
            if case is not None and not (case.custodian and self._store.trust.is_live(case.custodian)):
                place = view.place(case.origin)
                rows.append({
                    "case_no": case_no, "item_id": case.item_id, "origin": place.code if place is not None else "",
                    "origin_name": names.get(case.origin, ""), "since": iso(at),
                })  # fmt: skip
        return rows

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

    # backups -------------------------------------------------------------------------------------------------------

    def backups(self, by: Actor) -> Backups:
        """The backups there are and the long work under way. Errors: `forbidden`."""
        self._require(Function.BACKUP, by)
        listed = self._backup_files()
        days = self._days_old(listed)
        return {
            "folder": str(self._folder), "node_folder": str(self._store.folder), "files": listed, "days": days,
            "old": days is None or days > OLD_BACKUP_DAYS, "job": self._job_document(), "has_key": self._keys.has(BACKUP_KEY),
        }  # fmt: skip

    def make_backup_key(self, by: Actor) -> BackupKey:
        """A new backup key; its private half is answered this once. Backups made before need the key of their time. Errors: `forbidden`."""
        self._require(Function.BACKUP, by)
        key = sealed.new_key()
        public = sealed.public_of(key)
        self._keys.put(BACKUP_KEY, public)
        self._store.run(lambda tx: audit.note(tx.connection, tx.now(), by.staff_id, "backup_key_made"))
        return {"key": key, "public": sealed.public_text(public)}

    def _public_half(self) -> bytes:
        if not self._keys.has(BACKUP_KEY):
            raise TongbanError("no_backup_key")
        return self._keys.get(BACKUP_KEY)

    @property
    def _folder(self) -> Path:
        return self._store.folder / "backups"

    def _backup_files(self) -> list[BackupRow]:
        found = [path for path in self._folder.glob("tongban-*") if _NAME.fullmatch(path.name)]
        rows = [(_moment(path.name), path) for path in found]
        rows.sort(key=lambda row: (row[0], row[1].name), reverse=True)
        return [
            {"name": path.name, "bytes": path.stat().st_size, "at": iso(at), "at_ms": at, "sealed": path.suffix == ".sealed"}
            for at, path in rows
        ]

    def backup_file(self, name: str, by: Actor) -> BackupFile:
        """A sealed backup that is about to be downloaded; goes on record. Errors: `forbidden`, `not_found`, `no_backup_key`."""
        self._require(Function.BACKUP, by)
        path = self._known(name)
        if path.suffix != ".sealed":
            raise TongbanError("no_backup_key")
        self._store.run(lambda tx: audit.note(tx.connection, tx.now(), by.staff_id, "backup_downloaded", name))
        return {"path": str(path), "bytes": path.stat().st_size}

    def _known(self, name: str) -> Path:
        path = self._folder / name
        if not _NAME.fullmatch(name) or not path.is_file():
            raise TongbanError("not_found", what=name[:80])
        return path

    def start_backup(self, by: Actor) -> None:
        """Write a sealed backup into DIR/backups. Raises no_backup_key, busy while other long work runs."""
        self._require(Function.BACKUP, by)
        public = self._public_half()
        stamp = datetime.fromtimestamp(self._store.clock.now() / 1000, CST).strftime("%Y%m%d-%H%M%S")
        name = f"tongban-{self._store.identity.code}-{stamp}.sealed"
        self._start(Job("backup", name, self._store.clock.now()), lambda job: self._make(job, name, public, by))

    def _make(self, job: Job, name: str, public: bytes, by: Actor) -> None:
        with disk_errors(self._folder):
            make_private_directory(self._folder)
        made = backup.backup(self._store, self._folder / name, public)
        write_private(self._folder / f"{name}.sum", _sum_of_file(self._folder / name).encode())
        job.result = {"name": name, "bytes": made["bytes"], "entries": made["entries"]}
        size = made["bytes"]
        self._store.run(lambda tx: audit.note(tx.connection, tx.now(), by.staff_id, "backup_made", name, {"bytes": size}))

    def start_check(self, name: str, by: Actor) -> None:
        """Read a backup to its end and compare every sum. Raises not_found, storage_busy."""
        self._require(Function.BACKUP, by)
        path = self._known(name)
        self._start(Job("check", name, self._store.clock.now()), lambda job: self._check(job, path, by))

    def _check(self, job: Job, path: Path, by: Actor) -> None:
        ok = True
        try:
            if path.suffix == ".sealed":
                ok = (self._folder / f"{path.name}.sum").read_text() == _sum_of_file(path)
                job.done = job.total = 1
                return
            with zipfile.ZipFile(path) as archive:
                sums: dict[str, str] = json.loads(archive.read(backup.ABOUT))["files"]
                job.total = len(sums)
                for name, wanted in sums.items():
                    ok = ok and _sum(archive, name) == wanted
                    job.done += 1
        except (zipfile.BadZipFile, FileNotFoundError, KeyError, ValueError, TypeError, EOFError) as error:
            raise backup.bad_backup(backup.NOT_WHOLE, str(error) or type(error).__name__) from error
        finally:
            good = ok and job.done == job.total and job.total > 0
            self._store.run(
                lambda tx: audit.note(tx.connection, tx.now(), by.staff_id, "backup_checked", path.name, {"ok": int(good)})
            )
            job.result = {"ok": good, "files": job.done}

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

    # long work -----------------------------------------------------------------------------------------------------

    def _start(self, job: Job, work: Callable[[Job], None]) -> None:
        with self._lock:
            if self._job is not None and self._job.state == "running":
                raise TongbanError("busy")
            self._job = job
        if self.threaded:
            threading.Thread(target=self._run, args=(job, work), name="tongban-administration", daemon=True).start()
        else:
            self._run(job, work)

    def _run(self, job: Job, work: Callable[[Job], None]) -> None:
        try:
            work(job)
            job.state = "done"
        except TongbanError as error:
            job.error, job.state = error, "failed"
        except Exception as error:
            job.error, job.state = logs.internal(error, "job_failed", kind=job.kind), "failed"

    def _job_document(self) -> JobRow | None:
        job = self._job
        if job is None:
            return None
        done = int(job.result["checked"]["entries"]) if job.kind == "verify" and "checked" in job.result else job.done
        return {
            "kind": job.kind, "what": job.what, "state": job.state, "done": done, "total": job.total, "started_at": iso(job.started_at),
            "result": copy.deepcopy(job.result),
            "error": job.error.sentence("zh") if job.error else "", "error_en": job.error.sentence("en") if job.error else "",
        }  # fmt: skip


def _sum_of_file(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _sum(archive: zipfile.ZipFile, name: str) -> str:
    digest = hashlib.sha256()
    with archive.open(name) as source:
        while piece := source.read(1 << 20):
            digest.update(piece)
    return digest.hexdigest()


def _moment(name: str) -> int:
    """When a backup was begun, ms, from its name."""
    day, moment = name.rpartition(".")[0][-15:].split("-")  # not strptime: it asks the machine's locale
    parts = [int(text) for text in (day[:4], day[4:6], day[6:], moment[:2], moment[2:4], moment[4:])]
    try:
        return int(datetime(*parts, tzinfo=CST).timestamp() * 1000)  # type: ignore[misc,arg-type]
    except ValueError:
        return 0


def _is_address(text: str) -> bool:
    try:
        host, port = split_address(text)
    except ValueError:
        return False
    return port > 0 and not is_wildcard(host) and not any(c.isspace() or c == "/" for c in host)
