"""Views that a supervisor saves under a name, of lists and of analyses: for the person alone, kept at this node."""

from __future__ import annotations

import urllib.parse
from collections.abc import Callable, Mapping

from node.domain.cases.access import Function, require
from node.domain.model import Actor
from node.domain.words.errors import TongbanError
from node.services.supervision import analysis_question as analysis
from node.services.supervision import query as asked
from node.store import saved_views
from node.store.store import Store

MOST, LONGEST = 30, 40  # views of a person, characters of a name
ANALYSIS, PERIOD = "analysis", "period"
KINDS: Mapping[str, tuple[tuple[str, ...], Callable[[Mapping[str, str]], object]]] = {
    "": (asked.NAMES, asked.question),
    ANALYSIS: (
        (*analysis.NAMES, PERIOD),
        lambda given: analysis.read({key: text for key, text in given.items() if key != PERIOD}),
    ),
}


class SavedViews:
    """Reads and writes of one node."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def mine(self, actor: Actor, of: str = "") -> list[tuple[str, str]]:
        """(name, query) of the person's views of lists, or `of` "analysis". Errors: `forbidden`."""
        require(Function.OVERSIGHT, self._store.place.tier, actor.role)
        with self._store.reading() as view:
            rows = saved_views.of(view.connection, actor.staff_id)
        kinds = [(name, *_parts(query)) for name, query in rows]
        return [(name, query) for name, kind, query in kinds if kind == of]

    def save(self, name: str, given: Mapping[str, str], actor: Actor, of: str = "") -> str:
        """Keep what narrows a list, or what an analysis asks; a name that is there gets the new one. Answers the query. Errors: `forbidden`
        first, then `invalid_input` for a name that is empty, too long or of a view of the other kind, for what cannot be asked, and when
        there are thirty."""
        require(Function.OVERSIGHT, self._store.place.tier, actor.role)
        names, read = KINDS[of]
        kept = {key: text for key, text in given.items() if key in names and key != "cursor" and text}
        read(kept)
        name, query = " ".join(name.split()), urllib.parse.urlencode(kept)
        if not name or len(name) > LONGEST:
            raise TongbanError("invalid_input", {"name": "too_long" if name else "blank"})
        with self._store.reading() as view:
            there = {one: _parts(other)[0] for one, other in saved_views.of(view.connection, actor.staff_id)}
        if there.get(name, of) != of:
            raise TongbanError("invalid_input", {"name": "duplicate"})
        if name not in there and len(there) >= MOST:
            raise TongbanError("invalid_input", {"name": "out_of_range"})
        self._store.run(lambda tx: saved_views.put(tx.connection, actor.staff_id, name, f"{of}?{query}" if of else query))
        return query

    def forget(self, name: str, actor: Actor) -> None:
        """Take a view away; one that is not there is gone already. Errors: `forbidden`."""
        require(Function.OVERSIGHT, self._store.place.tier, actor.role)
        self._store.run(lambda tx: saved_views.forget(tx.connection, actor.staff_id, name))


def _parts(query: str) -> tuple[str, str]:
    """(kind, query) of what is kept: the kind stands before a question mark, that of lists is "" and has none."""
    kind, mark, rest = query.partition("?")
    return (kind, rest) if mark else ("", query)
