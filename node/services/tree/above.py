"""Until when the nodes above our parent are known: by what each of them signed.

Every node says in its Status to its child that the child has everything, after which time of the child's clock (`talks`). A parent shows its
child the latest such statement of each node above it, each said to the next one below, once all that came before it was passed on. So who
stands below a chain of lines knows each node on it as far as its own word reached, and no further than the nodes between are known: what
rests here on a case that the grandparent holds agrees with the tiers above. A parent cannot make such a word up; what it can do to it is in
`federation/DESIGN.md`, "Who could do what".
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

from federation.ports import Status
from federation.protocol.statements import SIGNATURE_BYTES, BadStatementError, Said, open_statement
from node.store import hearings
from node.store.hearings import Shown
from node.store.journal import last_arrival
from node.store.store import Tx, View

SLACK_MS = 3_600_000  # by how much a clock may be behind its neighbour's: further than that nothing is known by its word


def said(view: View) -> tuple[bytes, ...]:
    """What we show a child, the nearest first: of the nodes above us, as far as all that came before has been passed on."""
    parent = view.identity.parent
    row = view.links.get(parent) if parent is not None else None
    statement = hearings.statement_of(view.connection, row.id) if row is not None else None
    if parent is None or row is None or statement is None or statement.arrival >= waits_from(view):
        return ()
    found = [hearings.proof_of(view.connection, row.id)]
    for listener, node in _steps(view, parent):
        shown = hearings.above(view.connection, node)
        if shown is None or shown.listener != listener or shown.arrival >= waits_from(view):
            break
        found.append(shown.proof)
    return tuple(found)


def keep(tx: Tx, parent: bytes, status: Status) -> str | None:
    """Our parent showed what those above it said. The code of what is wrong with the first that proves nothing; those behind it do not count."""
    for proof, (listener, node) in zip(status.above, _steps(tx, parent), strict=False):
        try:
            word = open_statement(proof[SIGNATURE_BYTES:], proof[:SIGNATURE_BYTES], tx.trust, author=node, to=listener)
        except BadStatementError as error:
            return error.code
        hearings.keep_above(tx.connection, node, Shown(listener, _after(word), last_arrival(tx), proof))
    return None


def known(view: View | Tx, node: bytes, until: Callable[[bytes], int]) -> int:
    """Until when a node above our parent is known (ms); 0 when nothing of it was shown. `until`: of the nodes between."""
    shown = hearings.above(view.connection, node)
    if shown is None or view.trust.parent(shown.listener) != node or shown.arrival >= waits_from(view):
        return 0
    return min(shown.after_ms, until(shown.listener))


def oldest(view: View | Tx) -> int:
    """The time (ms) behind which no word of those above us that is here lies; 0 while one of them was never shown."""
    parent = view.identity.parent
    row = view.links.get(parent) if parent is not None else None
    own = hearings.statement_of(view.connection, row.id) if row is not None else None
    shown = [hearings.above(view.connection, node) for _, node in _steps(view, parent)] if parent is not None else []
    return min((one.after_ms if one is not None else 0 for one in (own, *shown)), default=0)


def waits_from(view: View | Tx) -> int:
    """The first stored entry that the tables do not show yet."""
    mark = view.meta.get("unprojected")
    return int(mark) if mark is not None else 1 << 62


def _steps(view: View | Tx, parent: bytes) -> list[tuple[bytes, bytes]]:
    """(listener, speaker) from our parent up to the root."""
    path = (parent, *view.trust.ancestors(parent))
    return list(pairwise(path))


def _after(word: Said) -> int:
    """After which time of the listener's clock it was said: who told the speaker a time that has not come gains nothing."""
    return min(word.after_ms, word.clock_ms + SLACK_MS)
