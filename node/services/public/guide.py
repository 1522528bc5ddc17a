"""The service guide as residents and agents search it: the items in force here, found by the words people type.

The index (node/store/guide.py) is made when somebody searches after the catalog has changed, in the writer's turn, and
remembers the items it was made from. When it cannot be made (a full or read-only disk, no FTS5) the search looks for the
words as substrings instead, and tries the index again a minute later. What an item is called stands in `domain.catalog.search`,
in memory, and goes before what the index finds elsewhere in an item.
"""

from __future__ import annotations

import hashlib
import threading

from node.domain import folded
from node.domain.case_number import parse_case_no
from node.domain.cases.public_documents import PublicCase
from node.domain.catalog.item import Item
from node.domain.catalog.item_documents import (
    GuideFound,
    GuideItem,
    GuideRow,
    GuideState,
    ItemsFound,
    ItemsSearched,
    OfferedItem,
    ProcessStep,
    Where,
)
from node.domain.catalog.search import Finder
from node.domain.model import TIERS
from node.domain.people import address_key
from node.domain.words.errors import TongbanError
from node.services.cases.context import Rules
from node.services.catalog.sayings import sayings
from node.services.people.throttle import Throttle
from node.services.public.residents import contact_of, public_case
from node.services.times import iso
from node.store import guide as sql
from node.store.catalog import Snapshot
from node.store.store import Store, Tx

PAGE = 20
PAGE_AT_MOST = 200
LONGEST = 60  # characters of a search on the page
RETRY_MS = 60_000
QUERY_TRIES = 10  # wrong query codes of one case from one address within a minute
QUERY_TRIES_OF_ALL = 200  # from all addresses together


class GuideService:
    """What anybody may ask of one node: its items, and the state of a case by its query code."""

    def __init__(self, store: Store, rules: Rules) -> None:
        self._store = store
        self._rules = rules
        self._catalog = rules.catalog
        self._queries = Throttle(window_ms=60_000)  # the page says: wait a minute
        self._source: tuple[Snapshot, bytes] | None = None
        self._found: tuple[Snapshot, Finder] | None = None
        self._failed_at: int | None = None
        self._turn = threading.Lock()

    def case(self, case_no: str, code: str, client: str = "") -> PublicCase:
        """Where a case is, for whoever has its number and query code (R71). No names. `client` is the address that asks.

        Errors: `not_found`, also for a wrong code; `rate_limited` after many of them."""
        meant = folded.code(str(parse_case_no(case_no) or case_no[:64]))  # another spelling is no other try
        places = {f"{meant} at {address_key(client)}": QUERY_TRIES, meant: QUERY_TRIES_OF_ALL}
        self._queries.take(places, self._store.clock.ticks())
        found = public_case(self._store, self._rules, case_no, code)
        self._queries.right(places)
        return found

    # asking --------------------------------------------------------------------------------------------------------

    def about(self) -> GuideState:
        """{items, as_of}: how much is offered here."""
        return {"items": len(self._catalog.items()), "as_of": iso(self._store.clock.now())}

    def page(self, q: str, page: int = 1) -> GuideFound:
        """Twenty items: {rows, total, named, page, pages, state, revision, as_of}; the `named` first fit by their names.

        `state`: all (nothing was typed), found, similar (names that share a part with what was typed), none, long (more than
        60 characters) or odd (no letter or digit in it).
        """
        snapshot = self._catalog.snapshot()
        state, items, named = self._searched(snapshot, q)
        pages = max(1, -(-len(items) // PAGE))
        page = min(max(page, 1), pages)
        start = (page - 1) * PAGE
        return {
            "rows": self._rows(snapshot, items, named, start, PAGE),
            "total": len(items), "named": named, "page": page, "pages": pages, "state": state, "revision": snapshot.revision,
            "as_of": iso(self._store.clock.now()),
        }  # fmt: skip

    def search(self, q: str, cursor: str | None = None, limit: int = 50) -> ItemsSearched:
        """The same search as a list for machines; `next` is the cursor of the page after it. Errors: `invalid_input` for an unknown
        cursor."""
        start = _start(cursor)
        snapshot = self._catalog.snapshot()
        state, items, named = self._searched(snapshot, q)
        end = start + max(1, min(limit, PAGE_AT_MOST))
        return {
            "items": self._rows(snapshot, items, named, start, end - start), "total": len(items), "named": named, "state": state,
            "next": str(end) if end < len(items) else None, "revision": snapshot.revision,
            "as_of": {self._store.place.code: iso(self._store.clock.now())}, "unknown_since": {},
        }  # fmt: skip

    def _searched(self, snapshot: Snapshot, q: str) -> tuple[str, list[Item], int]:
        """(state, items, how many of them fit by their names), the best first; the states are those of `page`."""
        words = q.split()
        if len(q) > LONGEST:
            return "long", [], 0
        if not words:
            return "all", self._offered(snapshot), len(snapshot.items)
        if not folded.key(q):
            return "odd", [], 0
        fit, others = self._fitting(snapshot, words)
        if fit or others:
            return "found", fit + others, len(fit)
        near = self._finder(snapshot).near(words)[:PAGE]
        return ("similar" if near else "none"), near, len(near)

    def _rows(self, snapshot: Snapshot, items: list[Item], named: int, start: int, length: int) -> list[GuideRow]:
        """The lines of a page; the first `named` of all items fit by their names."""
        page = enumerate(items[start : start + length], start)
        return [_row(item, self._where(snapshot, item), n < named) for n, item in page]

    def found(self, q: str) -> ItemsFound:
        """{items, revision}: whole documents, the best first; everything by id when nothing was typed."""
        snapshot, words = self._catalog.snapshot(), (q or "")[:100].split()
        if not words:
            return {"items": self._catalog.documents(), "revision": snapshot.revision}
        return {"items": [item.to_document() for item in self._best(snapshot, words)], "revision": snapshot.revision}

    def rows(self, q: str) -> list[OfferedItem]:
        """What fits, the best first, for who takes applications: documents with `here` and `at`, where else it is filed."""
        snapshot, words = self._catalog.snapshot(), q[:100].split()
        found = self._best(snapshot, words) if words else self._offered(snapshot)
        return [{**item.to_document(), **self._where(snapshot, item)} for item in found]

    def meant(self, words: str) -> list[str]:
        """The ids of the items that words name outright, the best first; at most 20."""
        return [item.item_id for item in self._finder(self._catalog.snapshot()).meant(words[:100].split())[:20]]

    def item(self, item_id: str) -> GuideItem:
        """What is disclosed of an item in force; the steps of its process beside it. Errors: `not_found`."""
        item = self._catalog.snapshot().items.get(item_id)
        if item is None:
            raise TongbanError("not_found", what=item_id[:60])
        contact = contact_of(self._catalog, item.contact)
        where = self._where(self._catalog.snapshot(), item)
        return {**item.to_document(), "contact": contact, "process": process(item), **where}

    @property
    def _tier(self) -> str:
        return self._store.identity.tier

    def _offered(self, snapshot: Snapshot) -> list[Item]:
        """Everything, what may be filed at this node first."""
        tier = self._tier
        return sorted(snapshot.items.values(), key=lambda one: (not filed_at(one, tier), one.item_id))

    def _where(self, snapshot: Snapshot, item: Item) -> Where:
        """{here, at}: whether it is filed at this node, else {tier, place} where: the nearest above, or the lowest below. `place`: the
        name of the division, "" where there are many."""
        me = self._store.place
        if filed_at(item, me.tier):
            return {"here": True, "at": None}
        above = [tier for tier in TIERS[TIERS.index(me.tier) :] if filed_at(item, tier)]
        tier = next(iter(above or [tier for tier in TIERS if filed_at(item, tier)]), item.approval_level)
        names = {one.level: one.name for one in snapshot.divisions.ancestors(me.code)}
        return {"here": False, "at": {"tier": tier, "place": names.get(tier, "")}}

    # searching -----------------------------------------------------------------------------------------------------

    def _finder(self, snapshot: Snapshot) -> Finder:
        """The search in memory over a snapshot; made once for each."""
        if self._found is None or self._found[0] is not snapshot:
            self._found = (snapshot, Finder(snapshot.items.values(), sayings()))
        return self._found[1]

    def _best(self, snapshot: Snapshot, words: list[str]) -> list[Item]:
        """What fits; for one word that nothing fits, what comes near."""
        named, others = self._fitting(snapshot, words)
        return named + others or (self._finder(snapshot).near(words)[:PAGE] if len(words) == 1 else [])

    def _fitting(self, snapshot: Snapshot, words: list[str]) -> tuple[list[Item], list[Item]]:
        """What fits by what it is called, and what fits by what else is said of it."""
        named = self._finder(snapshot).named(words)
        first = {item.item_id for item in named}
        return named, [item for item in self._elsewhere(snapshot, words) if item.item_id not in first]

    def _elsewhere(self, snapshot: Snapshot, words: list[str]) -> list[Item]:
        query = sql.query_of(words)
        if not query:
            return []
        try:
            self._bring_up_to_date(snapshot)
            with self._store.reading() as view:
                found = sql.fitting(view.connection, query)
        except TongbanError:
            return substring(snapshot, words)
        return [snapshot.items[one] for one in found if one in snapshot.items]

    def _bring_up_to_date(self, snapshot: Snapshot) -> None:
        """Make the index of this snapshot unless it is. Errors: `StorageFailure`, also within a minute of the last one."""
        source = self._digest(snapshot)
        if self._made_from() == source:
            return
        with self._turn:
            if self._made_from() == source:
                return
            now = self._store.clock.now()
            if self._failed_at is not None and 0 <= now - self._failed_at < RETRY_MS:
                raise TongbanError("storage_failed", reason="guide")
            self._failed_at = now
            self._store.run(lambda tx: self._rebuild(tx, snapshot, source))
            self._failed_at = None

    def _rebuild(self, tx: Tx, snapshot: Snapshot, source: bytes) -> None:
        sql.rebuild(tx.connection, source, [(item.item_id, item.name, other_words(item)) for item in snapshot.items.values()])

    def _made_from(self) -> bytes:
        with self._store.reading() as view:
            return sql.made_from(view.connection)

    def _digest(self, snapshot: Snapshot) -> bytes:
        """A name for the items of a snapshot; made once for each."""
        if self._source is None or self._source[0] is not snapshot:
            digest = hashlib.sha256(FORM)
            for item_id in sorted(snapshot.items):
                digest.update(item_id.encode() + b"\0" + snapshot.hashes[item_id])
            self._source = (snapshot, digest.digest())
        return self._source[1]


def filed_at(item: Item, tier: str) -> bool:
    """Whether an application may be made at a node of this tier; in a village only what an agent may do."""
    return tier in item.accept_levels and (tier != "village" or item.agent_allowed)


def _start(cursor: str | None) -> int:
    if cursor and not (cursor.isascii() and cursor.isdigit() and len(cursor) < 10):
        raise TongbanError("invalid_input", {"cursor": "invalid"})
    return int(cursor or 0)


def _row(item: Item, where: Where, named: bool) -> GuideRow:
    return {
        "item_id": item.item_id, "name": item.name, "department": item.department, "promised_limit": item.promised_limit,
        "fee": item.fee, "named": named, **where,
    }  # fmt: skip


FORM = b"guide 1"  # changes when the indexed words of an item do


def other_words(item: Item) -> str:
    """What an item is found by besides its name."""
    materials = [one.name for one in item.materials]
    codes = [item.item_id, item.item_code_basic, item.item_code_real]
    known = [item.department, *item.co_departments, item.category, item.result, item.extra.get("real_name", ""), item.conditions]
    return "\n".join([*codes, *known, *materials])


def substring(snapshot: Snapshot, words: list[str]) -> list[Item]:
    """The search without an index: every word somewhere in the name or the other words."""
    wanted = [folded.key(word) for word in words]
    items = [item for _, item in sorted(snapshot.items.items())]
    return [item for item in items if all(word in folded.key(f"{item.name}\n{other_words(item)}") for word in wanted)]


def process(item: Item) -> list[ProcessStep]:
    """The way of an application of this item, for people: {step, tier, name, days, unit}; days None where none are set."""
    taking = [tier for tier in TIERS if filed_at(item, tier)]
    accepting = taking[0] if taking else item.lowest_level
    rows = [_step("apply_near" if len(taking) > 1 else "apply", accepting), _step("accept", hall_of(accepting))]
    if item.case_type == "immediate" and item.promised_limit in (0, None) and item.decides_at(hall_of(accepting)):
        return [*rows, _step("at_once", hall_of(accepting))]
    if not item.decides_at(hall_of(accepting)):
        rows.append(_step("first", hall_of(accepting)))
        rows.append(_step("refer", item.approval_level))
    special: list[ProcessStep] = [
        {
            "step": "special",
            "tier": item.approval_level,
            "name": one.name,
            "days": one.days,
            "unit": one.unit,
            "counts": one.counts,
        }
        for one in item.special_steps
    ]
    return [*rows, *special, _step("decide", item.approval_level), _step("deliver", accepting)]


def hall_of(tier: str) -> str:
    """The lowest tier with a window: a village's agent hands over to the township."""
    return "township" if tier == "village" else tier


def _step(step: str, tier: str) -> ProcessStep:
    return {"step": step, "tier": tier, "name": "", "days": None, "unit": "", "counts": True}
