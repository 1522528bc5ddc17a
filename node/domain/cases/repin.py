"""A case moved to another version of its item (`repin`): the places of its materials in the new list. Pure.

Materials are called by their places in the item's list. What the new list has under the same name, or what a clerk says is the same,
takes its place there; what the new list does not have keeps a name of its own, `v3.2`: place 2 of version 3. Answers of the form are
called by their names, which no version changes. What was written before is told by the list of its time (`Repin`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from node.domain.catalog.item import Item, Material
from node.domain.model import Case, Correction

LEFT = re.compile(r"v([0-9]{1,9})\.([0-9]{1,4})")


def by_name(old: Sequence[Material], new: Sequence[Material]) -> dict[str, str]:
    """Place in the old list -> place in the new one, of what has the same name in both."""
    places = {one.name: str(n) for n, one in enumerate(new)}
    return {str(n): places[one.name] for n, one in enumerate(old) if one.name in places}


def left_of(code: str) -> tuple[int, str] | None:
    """Version and place of what a new list did not have; None for any other material."""
    match = LEFT.fullmatch(code)
    return (int(match[1]), match[2]) if match is not None else None


def read_pairs(pairs: Sequence[str]) -> dict[str, str]:
    """`("2:3",)` -> {"2": "3"}; what is no pair is left out."""
    split = (one.partition(":") for one in pairs)
    return {old: new for old, _, new in split if old and new}


def placed(code: str, places: Mapping[str, str], version: int) -> str:
    """What a material is called after the move away from `version`."""
    return places.get(code) or (code if LEFT.fullmatch(code) else f"v{version}.{code}")


def moved(case: Case, places: Mapping[str, str]) -> dict[str, object]:
    """The materials of a case under their new names."""

    def new(code: str) -> str:
        return placed(code, places, case.item_version)

    correction: Correction = case.correction._replace(
        items=tuple(new(one) for one in case.correction.items), listed=tuple(new(one) for one in case.correction.listed)
    )
    return {
        "materials": tuple((new(one[0]), *one[1:]) for one in case.materials),
        "pieces": tuple(one._replace(material=new(one.material)) for one in case.pieces),
        "correction": correction,
    }


def now_called(case: Case, code: str, version: int) -> str:
    """What a material that was named when the case was at `version` of its chain is called now."""
    for one in case.repins:
        if one.version > version and one.places is not None:
            code = placed(code, read_pairs(one.places), one.item_version)
    return code


def same_list(old: Item, new: Item) -> bool:
    """Whether both versions ask for the same materials, so that nobody has to look again."""
    return [(one.name, one.form, one.required) for one in old.materials] == [
        (one.name, one.form, one.required) for one in new.materials
    ]
