"""What a node works with and its journal does not repeat word for word: people, tokens, neighbours, names of nodes, the catalog's
tables, the queues to children, objects of cases, the versions of the tables. `verify` compares them with what the entries say must be
there, because a row that was taken out hides something as well as a changed one: a token that nobody can revoke, a child that is never told.

Accounts and tokens that were made after a backup burned with the disk, while the entries about them came back: these are losses.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field

from federation.protocol.envelope import HeaderFields, MalformedEntryError, decode_header
from federation.protocol.trust import TrustStore
from node.services.upkeep.losses import Lives, Loss
from node.store import expected, maintenance, sources
from node.store.catalog import CATALOG, chain_of
from node.store.catalog_tables import known_hashes
from node.store.expected import OwnEntry, Person
from node.store.projected.references import words_of
from node.store.schema import VERSIONS
from node.store.store import View

Tell = Callable[[str, str, str], None]  # code, what, where


def check(view: View, trust: TrustStore, lives: Lives, tell: Tell) -> list[Loss]:
    """Tell every row that is missing or says something else; answers what burned with a disk."""
    _versions(view, tell)
    _catalog(view, tell)
    _queues(view, tell)
    _neighbours(view, trust, tell)
    return [*_objects(view, lives, tell), *_people(view, lives, tell)]


def _versions(view: View, tell: Tell) -> None:
    if strange := sorted(set(expected.recorded_versions(view.connection)) ^ set(VERSIONS)):
        tell("schema", f"the record of the tables does not fit the program: {', '.join(strange)[:80]}", "_sqlite_migrations")


# people --------------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Told:
    """What the entries say of accounts and tokens. `lost`: only entries that came back after a restore say it."""

    people: dict[str, Person] = field(default_factory=dict)
    tokens: Counter[tuple[str, str]] = field(default_factory=Counter)
    lost_people: set[str] = field(default_factory=set)
    lost_tokens: Counter[tuple[str, str]] = field(default_factory=Counter)
    doubtful: set[str] = field(default_factory=set)  # of these something came back: which row is right, the entries do not say

    def take(self, entry: OwnEntry, fields: HeaderFields, lives: Lives) -> None:
        staff, role = str(fields.facts.get("staff", "")), str(fields.facts.get("role", ""))
        burnt = entry.came_back and lives.forgot(entry.epoch, entry.seq)
        if burnt or not entry.counts:
            self.doubtful.add(staff)
        if fields.kind == "token_issued":
            self.tokens[(staff, role)] += 1
            self.lost_tokens[(staff, role)] += burnt
        elif fields.kind == "staff_added":
            self.people[staff] = Person(role, True)
            if burnt:
                self.lost_people.add(staff)
        elif fields.kind == "staff_deactivated" and staff in self.people:
            self.people[staff] = self.people[staff]._replace(active=False)
        elif fields.kind in ("role_changed", "staff_reactivated") and staff in self.people:
            before = self.people[staff]
            self.people[staff] = Person(role or before.role, fields.kind == "staff_reactivated" or before.active)


def _people(view: View, lives: Lives, tell: Tell) -> list[Loss]:
    told = _Told()
    for entry in expected.own(view.connection, view.identity.node_id, "staff"):
        with suppress(MalformedEntryError):  # listed with the entries
            told.take(entry, decode_header(entry.header), lives)
    return [*_accounts(view, told, tell), *_tokens(view, told, tell)]


def _accounts(view: View, told: _Told, tell: Tell) -> Iterator[Loss]:
    there = expected.people(view.connection)
    for staff, person in told.people.items():
        row = there.get(staff)
        if row is None and staff in told.lost_people:
            yield Loss("", "account_lost", f"account {staff}")
        elif row is None:
            tell("account_gone", "an account that our entries tell of is not here", f"account {staff}")
        elif row != person and staff not in told.doubtful:
            tell("account_altered", "role or state of the account are not what our entries say", f"account {staff}")
    for staff in sorted(there.keys() - told.people.keys() - told.doubtful):
        tell("account_unknown", "no entry of ours tells of this account", f"account {staff}")


def _tokens(view: View, told: _Told, tell: Tell) -> Iterator[Loss]:
    there = expected.tokens(view.connection)
    for (staff, role), count in told.tokens.items():
        missing = count - there.get((staff, role), 0)
        burnt = min(max(missing, 0), told.lost_tokens[(staff, role)])
        yield from [Loss("", "token_lost", f"token of {staff}")] * burnt
        if missing > burnt:
            tell("token_gone", f"{missing - burnt} tokens that our entries tell of are not here", f"token of {staff}")
    for (staff, role), count in there.items():
        if count > told.tokens[(staff, role)] and staff not in told.doubtful:
            tell("token_unknown", "no entry of ours tells of this token", f"token of {staff}")


# neighbours and the catalog ------------------------------------------------------------------------------------------


def _neighbours(view: View, trust: TrustStore, tell: Tell) -> None:
    """The parent and every child that was enrolled here have a link and a name."""
    me = view.identity.node_id
    links, named = expected.neighbours(view.connection), expected.named_nodes(view.connection)
    wanted = dict.fromkeys(trust.children(me), "down")
    if view.identity.parent is not None:
        wanted[view.identity.parent] = "up"
    for node in (me, *wanted):
        place = trust.node(node)
        if place is None:
            continue  # told with the entries
        where, has_link = f"node {place.code}", node == me or links.get(node, ("", ""))[0] == wanted[node]
        if not has_link:
            tell("link_gone", "the link to a neighbour is not here", where)
        if node not in named:
            tell("node_gone", "the node is not in the list of names", where)
        elif named[node] != (place.code, place.tier, place.parent):
            tell("node_altered", "the list of names does not say what the enrolment says", where)


def _catalog(view: View, tell: Tell) -> None:
    """What this node and those above it published is in the tables that are read instead of the objects."""
    layers = set(chain_of(view))
    there = expected.publications(view.connection)
    for author, header in expected.published(view.connection):
        with suppress(MalformedEntryError):
            facts = decode_header(header).facts
            kind, revision = str(facts.get("kind")), facts.get("revision")
            if author in layers and facts.get("layer") == author and (author, kind, revision, facts.get("manifest")) not in there:
                tell("catalog_gone", "a publication is not in the table", f"{kind} {revision!r}"[:100])
    for name, number in expected.without_document(view.connection, CATALOG):
        tell("catalog_gone", "the document in force is not in the table", f"{name} {number}")
    items = known_hashes(view.connection)
    for number, manifest in expected.manifests(view.connection, CATALOG):
        gone = [name for name, digest in _items_of(view, manifest) if digest not in items]
        for name in gone:
            tell(
                "catalog_gone",
                "an item that the catalog in force names is not in the table",
                f"item {name} of revision {number}"[:100],
            )
    for digest in expected.pinned(view.connection):
        if digest not in items:
            tell("catalog_gone", "an item version that a case cites is not in the table", f"item {digest.hex()[:16]}")


def _items_of(view: View, manifest: bytes) -> list[tuple[str, bytes]]:
    """(item, hash) of what a manifest names; nothing when it cannot be read, which is told with the objects."""
    try:
        listed = json.loads(view.objects.get(manifest) or b"{}")
        return [(f"{one['item_id']} {one['version']}", bytes.fromhex(one["hash"])) for one in listed.get("items", ())]
    except (ValueError, KeyError, TypeError, AttributeError):
        return []


# work in progress ----------------------------------------------------------------------------------------------------


def _queues(view: View, tell: Tell) -> None:
    """What a child was told is numbered without a hole; nobody can have acknowledged more than there was."""
    for code, acked, rows, last in expected.queues(view.connection):
        if rows != last or acked > last:
            tell("queue_gap", f"of {max(last, acked)} rows for a child {rows} are here", f"down {code}")


def _objects(view: View, lives: Lives, tell: Tell) -> Iterator[Loss]:
    """What this node may read of a case is here, asked for, or known to be nowhere; own words are asked for elsewhere (`_lost`)."""
    me = view.identity.node_id
    noted = maintenance.noted_losses(view.connection, sources.OBJECT_GONE)
    own = {digest for digest, *_ in maintenance.lost_bodies(view.connection, me)}
    for digest, case_no, author in expected.absent_objects(view.connection):
        where = f"object {digest.hex()[:16]}"
        if digest in own or sources.named(digest) in noted or not view.objects.may_fetch(digest, me):
            continue
        if author != me and _of_answered_request(view, case_no, digest):
            continue
        if author == me and _burnt_file(view, lives, case_no, digest):
            yield Loss(case_no, "file_lost", where)
        else:
            tell("body_lost", f"what was written about {case_no} or sent to it is not here", where)


def _of_answered_request(view: View, case_no: str, digest: bytes) -> bool:
    """Whether only a request of somebody else names it that is answered: who holds the case later does not fetch such words."""
    case = view.cases.get(case_no)
    if case is None or digest in (*case.bodies, *case.blobs):
        return False
    for row in view.requests.of_case(case_no):
        with suppress(MalformedEntryError):
            if row.state != "pending" and digest in words_of(decode_header(view.requests.facts(row))):
                return True
    return False


def _burnt_file(view: View, lives: Lives, case_no: str, digest: bytes) -> bool:
    """Whether an entry of ours that was written after the backup names this file."""
    for header, epoch, seq in expected.came_back(view.connection, view.identity.node_id, case_no):
        with suppress(MalformedEntryError):
            if lives.forgot(epoch, seq) and digest in decode_header(header).facts.values():
                return True
    return False
