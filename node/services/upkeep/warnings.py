"""What needs an administrator's attention: a code for each warning; the page has a sentence and a remedy for it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from node.domain.calendar import DAY_MS
from node.domain.model import CST
from node.domain.published import AUTHORITY
from node.domain.upkeep.documents import NodeFacts, Warned
from node.machine.oslayer import is_loopback, split_address
from node.services.catalog.authority import AuthorityService
from node.services.catalog.catalog import CatalogService
from node.services.times import SKEW_MS, roughly
from node.services.upkeep.kept_backups import OLD_BACKUP_DAYS
from node.store import outbox
from node.store import staff as people
from node.store.store import Store

LOW_DISK = 2_000_000_000  # bytes; a backup needs room beside the database


def warnings_of(
    found: NodeFacts, store: Store, catalog: CatalogService, authority: AuthorityService, *,
    has_key: bool, printed: bool, troubles: Iterable[str],
) -> list[Warned]:  # fmt: skip
    """What needs attention, the gravest first. `has_key`: a backup key was made; `printed`: a configured address stands on papers;
    `troubles`: channels to residents that cannot be used now."""
    now, node = store.clock.now(), found["node"]
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
    if node["parent"] is None and (off := store.watch.apart()):
        n, unit = roughly(off)
        warn(True, {"code": "root_clock", "apart": {"n": n, "unit": unit}})
    for one in found["certificates"]:
        warn(one["ms"] - now < 30 * DAY_MS, {"code": "certificate", "name": one["name"], "until": one["until"]})
    until = found["calendar_until"]
    last = datetime.fromisoformat(until).replace(tzinfo=CST).timestamp() * 1000 if until else 0
    warn(not until, {"code": "calendar_none"})
    warn(until and last - now < 60 * DAY_MS, {"code": "calendar", "until": until})
    warn(not found["divisions"], {"code": "divisions_none"})
    warn(not found["items"], {"code": "catalog_none"})
    for role in roles_missing(store, node["tier"]):
        warn(True, {"code": "role_none", "role": role})
    warn(not has_key, {"code": "backup_key_none"})
    root = node["parent"] is None
    warn(root and AUTHORITY.name not in catalog.snapshot().documents, {"code": "authority_none"})
    lacking = len(authority.missing()) if AUTHORITY.name in catalog.snapshot().documents else 0
    warn(lacking, {"code": "authority_missing", "count": lacking})
    warn(found["people"]["admins"] == 1, {"code": "one_admin"})
    warn(found["web"] and is_loopback(split_address(found["web"])[0]) and found["links"], {"code": "only_here"})
    warn(found["web"] and not printed and not is_loopback(split_address(found["web"])[0]), {"code": "address_none"})
    for name in troubles:
        warn(True, {"code": "gateway", "name": name})
    with store.reading() as view:
        warn(unknown := outbox.counts(view.connection).get(outbox.UNKNOWN, 0), {"code": "notices_unknown", "count": unknown})
    warn(found["findings"], {"code": "findings", "count": len(found["findings"])})
    return warnings


def roles_missing(store: Store, tier: str) -> list[str]:
    """The posts without which a node of this tier cannot do its work: who takes applications, who decides (or a director for both)."""
    with store.reading() as view:
        held = {str(row.role) for row in people.everyone(view.connection) if row.active}
    needed = ("agent",) if tier == "village" else ("clerk", "approver")
    return [role for role in needed if not held & {role, "director"}]
