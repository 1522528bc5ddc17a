"""A correction (rows 12-14): which materials a notice ticked, and what came for each of them since. Pure.

Every file and every statement "the originals are here on paper" is one `Piece` of its material, with the number of the notice
it follows; so what was there before the notice stays beside what came after it, at every node that folds the case. A supply
counts when each ticked material has a piece of the last notice, or one that is on its way to whoever holds the case.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from node.domain.catalog.item import Item
from node.domain.model import Case, Piece
from node.domain.words.errors import TongbanError

MAX_COPIES = 99
FILE, PAPER, MISSING = "file", "paper", "missing"


@dataclass(frozen=True, slots=True)
class Answered:
    """One ticked material: what stood before the notice and what came since (None: nothing)."""

    material: str
    before: Piece | None
    since: Piece | None


def answers(case: Case) -> tuple[Answered, ...]:
    """What became of each material that the last notice ticked, in its order."""
    return tuple(
        Answered(one, _last(case, one, before=case.correction.notices), _last(case, one, since=case.correction.notices))
        for one in case.correction.items
    )


def _last(case: Case, material: str, *, before: int = 0, since: int = 0) -> Piece | None:
    fit = [one for one in case.pieces if one.material == material and (one.notice >= since if since else one.notice < before)]
    return fit[-1] if fit else None


def piece_since(case: Case, material: str) -> Piece | None:
    """What came for a material since the last notice, None before any notice."""
    return _last(case, material, since=case.correction.notices) if case.correction.notices else None


def lacking(case: Case, sent: Iterable[str] = (), papers: Iterable[str] = ()) -> tuple[str, ...]:
    """The ticked materials for which nothing came, is on its way (`sent`) or is declared to be here on paper."""
    there = {*sent, *papers}
    return tuple(one.material for one in answers(case) if one.since is None and one.material not in there)


def is_answered(case: Case, sent: Sequence[str], papers: Sequence[str], note: str) -> bool:
    """Whether a supply counts. A notice that ticked nothing is answered by any file, paper, or words of what was put right."""
    if case.correction.items:
        return not lacking(case, sent, papers)
    return bool(sent or papers or note.strip() or any(one.notice == case.correction.notices for one in case.pieces))


def held(case: Case, material: str) -> str:
    """How a material is held: as a file (declared ones count as before), as paper, or not at all."""
    last = next((one for one in reversed(case.pieces) if one.material == material), None)
    if last is not None:
        return PAPER if last.copies else FILE
    return FILE if any(index == material and (blob or size) for index, blob, size in case.materials) else MISSING


def copies(case: Case, material: str) -> int:
    """How many originals on paper are held of it, beside a file too; 0 for none."""
    return next((one.copies for one in reversed(case.pieces) if one.material == material and one.copies), 0)


def required_missing(case: Case, item: Item) -> tuple[tuple[str, str], ...]:
    """(index, name) of each required material that is held neither as a file nor on paper."""
    needed = ((str(number), m.name) for number, m in enumerate(item.materials) if m.required)
    return tuple((index, name) for index, name in needed if held(case, index) == MISSING)


def may_follow(case: Case, item: Item) -> bool:
    """Whether something is missing, and all of it may be brought later (容缺)."""
    missing = required_missing(case, item)
    return bool(missing) and all(item.materials[int(index)].may_be_later for index, _ in missing)


def gap_lacking(case: Case) -> tuple[str, ...]:
    """What was promised for later (容缺) and did not come yet, as a file or on paper."""
    return tuple(one for one in case.gap.items if held(case, one) == MISSING)


def on_paper(listed: Iterable[str], at: int, notice: int = 0) -> tuple[Piece, ...]:
    """The pieces that the fact `papers` (`index:count`) tells of."""
    pairs = (one.partition(":") for one in listed)
    return tuple(Piece(index, b"", 0, at, notice, _count(count)) for index, _, count in pairs if index)


def _count(text: str) -> int:
    """Originals on paper; one when it is not said."""
    return int(text) if text.isascii() and text.isdigit() and 0 < len(text) < 4 else 1


def paper_codes(value: object, known: Collection[str]) -> tuple[tuple[str, int], ...]:
    """`0:2,3` -> (("0", 2), ("3", 1)): materials that came on paper, with the count of originals.

    Raises `invalid_input` for a material that is none of the known ones (none: any), and for a count out of 1..99."""
    found: dict[str, int] = {}
    for one in value if isinstance(value, (tuple, list)) else split_codes(value):
        material, _, count = str(one).partition(":")
        if count and not (count.isascii() and count.isdigit() and len(count) <= 2 and int(count)):
            raise TongbanError("invalid_input", {"papers": "out_of_range"})
        found[material] = int(count or 1)
    if known and not set(found) <= set(known):
        raise TongbanError("invalid_input", {"papers": "unknown_material"})
    return tuple(found.items())


def split_codes(value: object) -> tuple[str, ...]:
    """The material numbers written in a text field: `0,2`, also with Chinese commas or spaces."""
    text = value if isinstance(value, str) else ""
    for separator in ",、;；，":
        text = text.replace(separator, " ")
    return tuple(dict.fromkeys(text.split()))


def problems(content: str, items: Sequence[str]) -> dict[str, str]:
    """The notice's words for each ticked material: line by line where there are as many lines, else all of them for each."""
    lines = [line.strip() for line in content.splitlines() if line.strip()]
    if len(lines) == len(items):
        return dict(zip(items, lines, strict=True))
    return dict.fromkeys(items, "\n".join(lines))
