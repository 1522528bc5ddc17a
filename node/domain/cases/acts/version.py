"""Moving a case that is not accepted yet to the version of its item in force (DOMAIN 0.11).

The version is pinned at acceptance. Until then the case says what of its item changed. Where the list of materials is the same, the
acceptance pins the version in force by itself; where it is not, a clerk moves the case first and says which material is which.
"""

from __future__ import annotations

from node.domain.cases.acts.act import CODES, HASH, NUMBER, Act, Kind, Room
from node.domain.cases.commands import Command, Context
from node.domain.cases.corrections import split_codes
from node.domain.cases.events import Built
from node.domain.cases.fields import NOTE, FieldSpec, text
from node.domain.cases.ledger import Changes, codes, number, octets
from node.domain.cases.repin import by_name, moved, read_pairs, same_list
from node.domain.catalog.diff import same_content
from node.domain.catalog.item import Item
from node.domain.model import Actor, Case, Event, FactValue, NewEvent, Repin


def newer(ctx: Context) -> Item | None:
    """The version in force where it says something else than the case's; None where it does not, is withdrawn or not known here."""
    now = ctx.in_force
    if now is None or now.withdrawn or not ctx.in_force_hash or ctx.item is None or same_content(ctx.item, now):
        return None
    return now


def _item_is_current(case: Case, cmd: Command, ctx: Context) -> str:
    now = newer(ctx)
    listed = now is None or same_list(ctx.known_item, now)
    return "" if listed else "登记后事项的材料有更新，请先核对差别，改按现行规定办理"


def _newer_in_force(case: Case, cmd: Command, ctx: Context) -> str:
    now = newer(ctx)
    if now is None:
        return "事项登记后没有更新"
    return "" if cmd.fields.get("item_version") == now.version else f"只能改按现行规定办理，现行的是第 {now.version} 版"


def _places_fit(case: Case, cmd: Command, ctx: Context) -> str:
    now = newer(ctx)
    if now is None:
        return "事项登记后没有更新"
    given = _given(cmd)
    taken = [*(new for old, new in by_name(ctx.known_item.materials, now.materials).items() if old not in given), *given.values()]
    known = {str(n) for n in range(len(now.materials))}
    good = set(given.values()) <= known and set(given) <= _codes(case, ctx.known_item) and len(taken) == len(set(taken))
    return "" if good else "材料对应关系不正确：原材料和新材料应当一一对应"


def _nothing_asked(case: Case, cmd: Command, ctx: Context) -> str:
    return "有材料正在送来，收到后再改按现行规定办理" if ctx.asked_of_it() else ""


def _given(cmd: Command) -> dict[str, str]:
    return read_pairs(split_codes(cmd.fields.get("mapping")))


def _codes(case: Case, item: Item) -> set[str]:
    return (
        {str(n) for n in range(len(item.materials))} | {one[0] for one in case.materials} | {one.material for one in case.pieces}
    )


def _fields(case: Case, ctx: Context, actor: Actor) -> tuple[FieldSpec, ...]:
    now = newer(ctx)
    return (
        FieldSpec("item_version", "int", True, (), now.version if now is not None else 0),
        text("reason", "按现行办事指南办理", required=True),
        text("mapping", ""),
        NOTE,
    )


def _repin(built: Built) -> NewEvent:
    ctx = built.ctx
    now = newer(ctx)
    assert now is not None  # guard newer_in_force
    places = by_name(ctx.known_item.materials, now.materials) | _given(built.command)
    pairs = tuple(f"{old}:{new}" for old, new in places.items())
    facts: dict[str, FactValue] = {"item_version": now.version, "item_hash": ctx.in_force_hash}
    return built.event(facts | {"places": pairs} if pairs else facts, built.texts("reason"))


def _repinned(case: Case, event: Event) -> Changes:
    pairs = codes(event.facts, "places")
    return {**moved(case, read_pairs(pairs)), **pinned(case, event, pairs)}


def pinned(case: Case, event: Event, places: tuple[str, ...] | None = None) -> Changes:
    """The version that an act pins; nothing where it names none. `places`: of the materials, None where they stay."""
    digest = octets(event.facts, "item_hash")
    if not digest:
        return {}
    before = Repin(event.version, case.item_version, case.item_hash, places)
    return {"item_version": number(event.facts, "item_version"), "item_hash": digest, "repins": (*case.repins, before)}


ROOM = Room(
    acts=(Act("repin", _repin, _fields),),
    kinds=(Kind("item_repinned", {"item_version": NUMBER, "item_hash": HASH, "places": CODES}, _repinned, still=True),),
    guards={
        "item_is_current": _item_is_current,
        "newer_in_force": _newer_in_force,
        "places_fit": _places_fit,
        "nothing_asked": _nothing_asked,
    },
)
