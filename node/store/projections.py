"""What follows from storing entries: the projections take them in (`projected/`), trust and publications change.

`project` serves an entry just appended, a batch from peers, and `replay`, which makes tables anew: for the command `rebuild`, for
the comparison of `verify`, and for a node whose tables are of another version (`outdated.py`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

from federation.protocol.envelope import HeaderFields, MalformedEntryError, decode_header
from node.store import breaks, outdated, sources
from node.store.introductions import give_what_waits, told_of
from node.store.maintenance import place, signed_since
from node.store.projected.base import Change, Projection
from node.store.projected.facts import stands
from node.store.projected.hearings import learn
from node.store.projected.registry import PROJECTIONS, copies
from node.store.projected.rollups import enrolled
from node.store.stored import Stored
from node.store.turn import Turn

SLICE = 1000  # entries that the projections take in at once
PROJECTED = ("case", "request", "note")  # classes of entries that change cases and what is kept beside them


class Projecting(Turn):
    """A turn in which entries are projected. `projections`: those that take them in."""

    projections: Sequence[Projection] = PROJECTIONS


def project(tx: Projecting, entries: Sequence[Stored]) -> None:
    """Bring everything up to more good entries, in the order they came."""
    run: list[Stored] = []
    for stored in entries:
        if stored.fields.entry_class in PROJECTED:
            run.append(stored)
            continue
        take_in(tx, run)
        run = []
        if stored.fields.entry_class == "node":
            _project_node(tx, stored)
        elif stored.fields.entry_class == "catalog":
            _project_published(tx, stored)
    take_in(tx, run)


def take_in(tx: Projecting, entries: Sequence[Stored]) -> None:
    """Entries of cases, requests and papers: fold the cases, then let every projection write its rows together."""
    for at in range(0, len(entries), SLICE):
        some = entries[at : at + SLICE]
        tx.cases.expect(some)
        changes = [change for stored in some if (change := _change(tx, stored)) is not None]
        for projection in tx.projections if changes else ():
            projection.apply(tx, changes)


def _change(tx: Projecting, stored: Stored) -> Change | None:
    """None for a case event that says of no case. A note may be about nothing that is known here."""
    fields = stored.fields
    if fields.entry_class == "case":
        if fields.case is None:
            return None
        before, after = tx.cases.apply(stored)
        if tx.cases.folded_anew and not tx.replaying:
            breaks.note(tx, stored)
        return Change(stored, before, after)
    if fields.entry_class == "request":
        tx.cases.touched.add(fields.subject)
    case = tx.cases.get(fields.subject)
    return Change(stored, case, case)


# nodes and publications ------------------------------------------------------------------------------------------------


def _project_node(tx: Projecting, stored: Stored) -> None:
    """Trust changed: tell every child what it needs of it (revocations and key changes on its way to the root)."""
    tx.trust_applied(stored)
    fields = stored.fields
    if fields.kind == "node_enrolled" and not tx.replaying:
        tx.cases.refresh_unsure()
    if fields.kind == "node_revoked":
        sources.turned_away(tx)
    if fields.kind in ("key_rotated", "node_rekeyed") and stored.via:
        _note_old_keys(tx, fields)
    if fields.kind in ("node_enrolled", "node_revoked"):
        _office_changed(tx, fields)
    if fields.kind not in ("node_revoked", "key_rotated", "epoch_opened", "node_rekeyed"):
        return
    renewed = fields.facts.get("node") if fields.kind == "node_rekeyed" else None
    towards = tx.child_towards(renewed) if isinstance(renewed, bytes) else 0
    subject = renewed if isinstance(renewed, bytes) else stored.author
    children = list((towards,) if towards else tx.child_rows())
    if fields.kind != "node_revoked" and _of_below(tx, stored):
        children = told_of(tx, subject) if fields.kind in ("key_rotated", "node_rekeyed") else []
    elif towards:
        children += told_of(tx, subject)
    for child in dict.fromkeys(children):
        if child != stored.via:
            tx.links.route(child, [stored.arrival])


def _office_changed(tx: Projecting, change: HeaderFields) -> None:
    """What waits for an office goes to the node that is it now."""
    node = change.facts.get("node")
    known = tx.trust.node(node) if isinstance(node, bytes) else None
    if known is None:
        return
    child = tx.child_towards(known.node_id)
    if change.kind == "node_enrolled":
        learn(tx, known.node_id)
        enrolled(tx, known.node_id)
        stands(tx, known.node_id)
        if child in tx.child_rows():
            give_what_waits(tx, child, known.code)
    sources.look_again(tx, known.code)


def _note_old_keys(tx: Turn, change: HeaderFields) -> None:
    """List what we believed of a node whose change of key we had forgotten (our backup was older): only we could be deceived."""
    author = change.facts.get("node") if change.kind == "node_rekeyed" else change.author_id
    if not isinstance(author, bytes) or author == tx.identity.node_id or (now := tx.trust.current_key(author)) is None:
        return
    tx.journal.write()
    for epoch, seq, header in signed_since(tx.connection, author, now.since):
        if decode_header(header).key_id != now.key_id:
            tx.finding(author, "superseded_key", place(epoch, seq))


def _of_below(tx: Projecting, stored: Stored) -> bool:
    """A child's own affair. Not what it only gives back after a restore of ours: that came from above."""
    return tx.is_from_child(stored.via) and tx.child_towards(stored.author) != 0


def _project_published(tx: Projecting, stored: Stored) -> None:
    if _of_below(tx, stored):
        return  # a lower layer is that subtree's own
    tx.published(stored)
    for child in tx.child_rows():
        if child != stored.via:
            tx.links.route(child, [stored.arrival])


# anew ------------------------------------------------------------------------------------------------------------------


def replay(
    tx: Projecting, chosen: Sequence[Projection] = PROJECTIONS, *, damaged_too: bool = False, also: Sequence[Projection] = ()
) -> None:
    """Make the tables of projections anew from every good entry of the journal, in arrival order. Work in progress stays as it is,
    but for that of `also`, which takes everything in once more (in a side copy).

    Raises MalformedEntryError at an entry that cannot be read, unless `damaged_too`: then it is passed over, and one that cannot be
    projected is set aside."""
    made = copies(chosen)
    tx.forget()
    for projection in made:
        outdated.make_tables(tx.connection, projection)
        projection.start(tx)
    tx.projections, tx.replaying = [*made, *also], True
    take = tx.backlog.take if damaged_too else partial(take_in, tx)
    first_bodies: dict[str, bytes] = {}
    try:
        for some in _journal(tx, damaged_too):
            take(some)
            for case_no in tx.cases.touched:
                case = tx.cases.get(case_no)
                if case is not None and case.bodies:
                    first_bodies[case_no] = case.bodies[0]
            tx.cases.touched.clear()  # what follows from an entry was done when it came
            tx.cases.flush()
        for projection in made:
            projection.finish(tx, first_bodies)
            outdated.make_late_indexes(tx.connection, projection)
    finally:
        tx.projections, tx.replaying = PROJECTIONS, False


def _journal(tx: Projecting, damaged_too: bool) -> Iterator[list[Stored]]:
    """What was projected so far, in slices: not what waits (`backlog.py`)."""
    after, waits_from = 0, tx.backlog.waits_from
    while True:
        rows = tx.connection.execute(
            "SELECT arrival, header, hash, via, received_at FROM entries WHERE arrival>? AND standing=0 AND (arrival<? OR via=0)"
            " AND class IN (?,?,?) ORDER BY arrival LIMIT ?",
            (after, waits_from, *PROJECTED, SLICE),
        ).fetchall()
        if not rows:
            return
        after = rows[-1][0]
        yield [
            Stored(arrival, hash, fields, via, received)
            for arrival, header, hash, via, received in rows
            if (fields := _read(header, damaged_too)) is not None
        ]


def _read(header: bytes, damaged_too: bool) -> HeaderFields | None:
    try:
        return decode_header(header)
    except MalformedEntryError:
        if damaged_too:
            return None
        raise
