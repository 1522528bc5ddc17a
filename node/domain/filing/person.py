"""What is said at the number of a person before anything is filed; warnings, never a refusal."""

from __future__ import annotations

import datetime as dt

from node.domain.catalog.item import Item
from node.domain.filing import ids
from node.domain.words.errors import FieldError

NUMBER = "applicant.id_number"


def age_warnings(number: str, kind: str, item: Item, today: dt.date) -> list[FieldError]:
    """An age that the item's conditions do not fit; nothing for kinds of numbers without a day of birth."""
    birthday = ids.born(number, kind)
    if birthday is None:
        return []
    years, (least, most) = ids.age(birthday, today), item.ages
    if years < least:
        return [FieldError(NUMBER, "too_young", {"age": years, "least": least})]
    if most is not None and years > most:
        return [FieldError(NUMBER, "too_old", {"age": years, "most": most})]
    return []
