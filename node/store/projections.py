"""What follows from storing an entry: the query tables, who must be told, which objects to fetch.

The same function serves an entry just appended, one from a peer, and `rebuild`, which makes every projected table anew in
a side database and compares or swaps.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from federation.protocol.envelope import HeaderFields, decode_header
from node.domain.cases.bodies import read_body
from node.domain.model import Case
from node.domain.papers.facts import read_fact
from node.store import catalog_tables, papers, sources
from node.store.journal import is_paper
from node.store.maintenance import place, signed_since
from node.store.objects import PUBLIC, entitled, holders
from node.store.requests import filed_case

if TYPE_CHECKING:
    from node.store.journal import Stored
    from node.store.store import Tx

FILING = ("draft_saved", "lodged", "submitted")


def project(tx: Tx, stored: Stored) -> None:
    """Bring the query tables up to one more good entry."""
    _project(tx, stored)
    if stored.via and stored.author == tx.identity.node_id and stored.fields.body_hash:
        sources.note_lost_word(tx, stored.fields.body_hash)


def _project(tx: Tx, stored: Stored) -> None:
    kind_class = stored.fields.entry_class
    if kind_class == "case" and stored.fields.case is not None:
        _project_case(tx, stored)
    elif kind_class == "request":
        _project_request(tx, stored)
    elif is_paper(stored.fields):
        _project_paper(tx, stored)
    elif kind_class == "node":
        _project_node(tx, stored)
    elif kind_class == "catalog":
        _project_published(tx, stored)


# cases -----------------------------------------------------------------------------------------------------------------


def _project_case(tx: Tx, stored: Stored) -> None:
    before, after = tx.cases.apply(stored)
    fields = stored.fields
    facts = fields.facts
    if fields.body_hash:
        tx.objects.refer(fields.body_hash, after.case_no, fields.author_id)
    blob = facts.get("blob")
    if isinstance(blob, bytes) and blob:
        tx.objects.refer(blob, after.case_no, fields.author_id)
    if fields.kind in FILING:
        _project_filing(tx, stored, after)
    request = facts.get("request")
    if isinstance(request, bytes) and request in after.answered:
        state = "declined" if fields.kind == "request_declined" else "done"
        tx.connection.execute("UPDATE requests SET state=?, answer=? WHERE id=?", (state, stored.hash, request))
    if stored.via:
        _want(tx, stored, after)
    if stored.via if before is None else holders(before) != holders(after):
        _seek_words(tx, after)
    _route_case(tx, stored, before, after)


def _project_filing(tx: Tx, stored: Stored, case: Case) -> None:
    """One application is one case. A node whose disk forgot a case may have filed it again before it was told: then the one that
    stands first in its chain counts, at every node, and the other says so (`same_application`)."""
    if not case.application_no:
        return
    key = (case.source, case.application_no, stored.author)
    added = tx.connection.execute("INSERT OR IGNORE INTO applications VALUES(?,?,?,?)", (*key, case.case_no)).rowcount
    if not added and (other := filed_case(tx, *key)) not in (None, case.case_no):
        tx.journal.write()
        first = tx.connection.execute(
            "SELECT case_no FROM entries WHERE case_no IN (?,?) AND version=1 AND standing=0 ORDER BY epoch, seq LIMIT 1",
            (case.case_no, other),
        ).fetchone()
        tx.connection.execute(
            "UPDATE applications SET case_no=? WHERE source=? AND application_no=? AND origin=?", (first[0], *key)
        )


def note_person(tx: Tx, case_no: str, body: bytes | None) -> None:
    """Make a case findable by name and number where its filing body is held (bytes of the body)."""
    if body is not None:
        note_applicant(tx, case_no, read_body(body).get("application", {}))


def note_applicant(tx: Tx, case_no: str, application: Mapping[str, Any]) -> None:
    """The same, with the application at hand."""
    applicant = application.get("applicant") or {}
    tx.connection.execute(
        "INSERT OR REPLACE INTO people VALUES(?,?,?)",
        (case_no, str(applicant.get("name", "")), str(applicant.get("id_number", ""))),
    )


def _want(tx: Tx, stored: Stored, case: Case) -> None:
    """Fetch what this node is now entitled to; all of the case when it was just offered to us, or comes back (after a restore)
    with our offer to somebody. What nobody else ever held is not asked for: it is lost, and `verify` says so."""
    me = tx.identity.node_id
    if (not entitled(case, me) and stored.author != me) or not holders(case) - {me}:
        return
    hint = stored.via
    offered_here = case.offer is not None and case.offer.target == me
    all_of_it = offered_here or stored.fields.kind == "custody_assigned" or (stored.author == me and case.offer is not None)
    bodies = case.bodies if all_of_it else (stored.fields.body_hash,)
    for hash in bodies:
        if hash and tx.objects.may_fetch(hash, me):
            tx.objects.want(hash, case.case_no, hint)
    blobs = case.blobs if all_of_it else (stored.fields.facts.get("blob"),)
    for blob in blobs:
        if isinstance(blob, bytes) and blob:
            tx.objects.want(blob, case.case_no, hint, blob=True)
    _want_papers(tx, case, hint)


# who is told -----------------------------------------------------------------------------------------------------------


def concerned_children(tx: Tx, case: Case | None) -> frozenset[int]:
    """Row ids of the children in whose subtree the case was filed, held or offered."""
    if case is None or not tx.has_children:
        return frozenset()
    nodes = {case.origin, *(hop.node for hop in case.hops)}
    if case.offer is not None:
        nodes.add(case.offer.target)
    rows = (tx.child_towards(node) for node in nodes if node)
    return frozenset(row for row in rows if row)


def _route_case(tx: Tx, stored: Stored, before: Case | None, after: Case) -> None:
    if not tx.has_children:
        return
    earlier = concerned_children(tx, before)
    for row in concerned_children(tx, after):
        if row == stored.via:
            continue
        if row in earlier or (after.version <= 1 and not papers.of_case(tx.connection, after.case_no)):
            tx.links.route(row, [stored.arrival])
        else:
            tx.links.route(row, _case_arrivals(tx, after.case_no, row))


def _case_arrivals(tx: Tx, case_no: str, not_via: int) -> list[int]:
    rows = tx.connection.execute(
        "SELECT arrival FROM entries WHERE case_no=? AND via<>? AND standing=0 ORDER BY arrival", (case_no, not_via)
    )
    return [row[0] for row in rows.fetchall()]


# requests --------------------------------------------------------------------------------------------------------------


def _project_request(tx: Tx, stored: Stored) -> None:
    fields = stored.fields
    case = tx.cases.get(fields.subject)
    answered = case is not None and stored.hash in case.answered
    tx.connection.execute(
        "INSERT OR IGNORE INTO requests VALUES(?,?,?,?,?,?,?,NULL)",
        (stored.hash, fields.subject, str(fields.facts.get("asked", "")), stored.author, fields.body_hash or None, stored.arrival,
         "done" if answered else "pending"),
    )  # fmt: skip
    for hash in words_of(fields):
        tx.objects.refer(hash, fields.subject, fields.author_id)
        if stored.via and case is not None and _are_for_us(tx, case, stored.author):
            sources.seek(tx, hash, fields.subject, stored.via, blob=hash != fields.body_hash)
    tx.cases.touched.add(fields.subject)
    for row in concerned_children(tx, case):
        if row != stored.via:
            tx.links.route(row, [stored.arrival])


def words_of(fields: HeaderFields) -> list[bytes]:
    """The objects that a request names: its body and its file."""
    return [hash for hash in (fields.body_hash, fields.facts.get("blob")) if isinstance(hash, bytes) and hash]


def _are_for_us(tx: Tx, case: Case, author: bytes) -> bool:
    """Whether we may have what a request says: we asked, we hold or held the case, or we carry the request to whoever does."""
    me = tx.identity.node_id
    return author == me or entitled(case, me) or tx.objects.carries(case, author, me)


def _seek_words(tx: Tx, case: Case) -> None:
    """The case is known now, or goes elsewhere: what its requests say may be on another side than before. Of an answered one only
    the asker still wants it (its disk burned)."""
    me, rows = tx.identity.node_id, tx.requests.of_case(case.case_no)
    if rows:
        tx.journal.write()
    for row in rows:
        if (row.state == "pending" or row.author == me) and _are_for_us(tx, case, row.author):
            fields = decode_header(tx.requests.facts(row))
            for hash in words_of(fields):
                sources.seek(tx, hash, case.case_no, 0, blob=hash != fields.body_hash)


# papers ----------------------------------------------------------------------------------------------------------------


def _project_paper(tx: Tx, stored: Stored) -> None:
    """A paper of a case was issued: whoever is told of the case is told of it, whoever may read the case gets its words."""
    fields = stored.fields
    fact = read_fact(fields.subject, stored.author, fields.staff_id, fields.recorded_at, fields.body_hash, fields.facts)
    case = tx.cases.get(fields.subject)
    if fact is not None:
        papers.add(tx.connection, stored.arrival, fact)
        if fact.document:
            tx.objects.refer(fact.document, fact.case_no, fact.author)
    if stored.via and case is not None:
        _want_papers(tx, case, stored.via)
    for row in concerned_children(tx, case):
        if row != stored.via:
            tx.links.route(row, [stored.arrival])


def _want_papers(tx: Tx, case: Case, hint: int) -> None:
    """Fetch the frozen words of papers that holders of the case issued, when we are or were one."""
    me = tx.identity.node_id
    if not entitled(case, me) or not holders(case) - {me}:
        return
    for fact in papers.of_case(tx.connection, case.case_no):
        if fact.document and entitled(case, fact.author) and tx.objects.may_fetch(fact.document, me):
            sources.seek(tx, fact.document, case.case_no, hint)


# nodes and publications ------------------------------------------------------------------------------------------------


def _project_node(tx: Tx, stored: Stored) -> None:
    """Trust changed: tell every child what it needs of it (revocations and key changes on its way to the root)."""
    tx.trust_applied(stored)
    fields = stored.fields
    if fields.kind == "node_revoked":
        sources.turned_away(tx)
    if fields.kind in ("key_rotated", "node_rekeyed") and stored.via:
        _note_old_keys(tx, fields)
    if fields.kind not in ("node_revoked", "key_rotated", "epoch_opened", "node_rekeyed"):
        return
    renewed = fields.facts.get("node") if fields.kind == "node_rekeyed" else None
    towards = tx.child_towards(renewed) if isinstance(renewed, bytes) else 0
    for child in (towards,) if towards else tx.child_rows():
        if child != stored.via and (fields.kind == "node_revoked" or not _of_below(tx, stored)):
            tx.links.route(child, [stored.arrival])


def _note_old_keys(tx: Tx, change: HeaderFields) -> None:
    """List what we believed of a node whose change of key we had forgotten (our backup was older): only we could be deceived."""
    author = change.facts.get("node") if change.kind == "node_rekeyed" else change.author_id
    if not isinstance(author, bytes) or author == tx.identity.node_id or (now := tx.trust.current_key(author)) is None:
        return
    tx.journal.write()
    for epoch, seq, header in signed_since(tx.connection, author, now.since):
        if decode_header(header).key_id != now.key_id:
            tx.finding(author, "superseded_key", place(epoch, seq))


def _of_below(tx: Tx, stored: Stored) -> bool:
    """A child's own affair. Not what it only gives back after a restore of ours: that came from above."""
    return tx.is_from_child(stored.via) and tx.child_towards(stored.author) != 0


def _project_published(tx: Tx, stored: Stored) -> None:
    if _of_below(tx, stored):
        return  # a lower layer is that subtree's own
    for hook in tx.store.publication_hooks:
        hook(tx, stored)
    for child in tx.child_rows():
        if child != stored.via:
            tx.links.route(child, [stored.arrival])


# rebuild ---------------------------------------------------------------------------------------------------------------


def replay(tx: Tx) -> None:
    """Project every good entry of the journal again, in arrival order, into empty tables."""
    from node.store.journal import Stored  # the journal imports nothing of ours at run time; kept local to avoid a cycle

    for digest, layer in catalog_tables.public_objects(tx.connection):
        tx.objects.refer(digest, PUBLIC, layer)
    rows = tx.connection.execute(
        "SELECT arrival, header, hash, via, received_at FROM entries WHERE standing=0 ORDER BY arrival"
    ).fetchall()
    for arrival, header, hash, via, received_at in rows:
        fields = decode_header(header)
        if fields.entry_class in ("case", "request", "note"):
            stored = Stored(arrival, hash, fields, via, received_at)
            project(tx, stored)
    tx.flush()
    for case_no in tx.cases.numbers():
        case = tx.cases.get(case_no)
        if case is not None and case.bodies:
            note_person(tx, case_no, tx.objects.of_case(case.bodies[0], case_no))


def table_contents(connection: sqlite3.Connection, table: str) -> list[tuple[object, ...]]:
    """All rows of a projected table in a fixed order, to compare a rebuild with what is there."""
    columns = len(connection.execute(f"SELECT * FROM {table} LIMIT 0").description)
    order = ", ".join(str(k) for k in range(1, columns + 1))
    return connection.execute(f"SELECT * FROM {table} ORDER BY {order}").fetchall()
