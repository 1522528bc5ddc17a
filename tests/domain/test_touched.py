"""What of a form is written back when a colleague changed the same thing meanwhile."""

from __future__ import annotations

import pytest

from node.domain.touched import Clash, merge, seen_of

SHOWN = {"name": "张三", "phone": "1", "note": "一\n二", "scope": "submit,correct"}


@pytest.mark.parametrize(
    ("given", "stored", "values", "clashes"),
    [
        ({"phone": "1"}, {"phone": "2"}, {}, ()),  # untouched: the colleague's stays
        ({"phone": "3"}, {"phone": "1"}, {"phone": "3"}, ()),  # touched here only
        ({"phone": "3"}, {"phone": "2"}, {}, (Clash("phone", "3", "2"),)),  # both
        ({"phone": "2"}, {"phone": "2"}, {"phone": "2"}, ()),  # both, and they agree
        ({"phone": ""}, {"phone": "2"}, {}, (Clash("phone", "", "2"),)),  # emptied here is touched too
        ({"note": "一\r\n二"}, {"note": "三"}, {}, ()),  # as a browser sends it back
        ({"scope": ",submit,correct"}, {"scope": "submit"}, {}, ()),
        ({"phone": "3", "take.phone": "theirs"}, {"phone": "2"}, {}, ()),
        ({"other": "x"}, {"other": "y"}, {"other": "x"}, ()),  # of what was never shown, what is given counts
    ],
)
def test_merge(given: dict[str, str], stored: dict[str, str], values: dict[str, str], clashes: tuple[Clash, ...]) -> None:
    found = merge(seen_of(SHOWN), given, {**SHOWN, **stored})
    assert (found.values, found.clashes) == (values, clashes)


def test_the_mark_of_a_page_that_goes_on_showing_the_rest() -> None:
    """A script saves one field; the colleague's other field is not on the page, so the page's mark of it stays."""
    first = merge(seen_of(SHOWN), {"phone": "3"}, {**SHOWN, "name": "李四"})
    assert first.values == {"phone": "3"}
    later = merge(first.seen, {"phone": "4", "name": "张三"}, {**SHOWN, "name": "李四", "phone": "3"})
    assert (later.values, later.clashes) == ({"phone": "4"}, ())
    assert seen_of({"phone": "3"}) in first.seen


@pytest.mark.parametrize("seen", ["", ":", "phone", "phone:", ",,,:::", "a" * 100_000, "phone:zz"])
def test_a_mark_that_is_no_mark_breaks_nothing(seen: str) -> None:
    merge(seen, {"phone": "3"}, {"phone": "2"})
