"""Rows of the transition table on real nodes, where storage, links and services have their part in them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from node.domain.errors import TongbanError
from node.domain.model import Actor, Role
from tests.network.machine import fresh
from tests.support.network import AGENT, CLERK, Town


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    town = fresh("chain", tmp_path / "town")
    town.heal()
    yield town
    town.close()


@pytest.mark.parametrize(("name", "action", "actor"), [("township", "submit", CLERK), ("village", "lodge", AGENT)])
def test_a_draft_is_handed_in_when_it_is_complete_and_not_before(town: Town, name: str, action: str, actor: Actor) -> None:
    """Rows 2, 4, 5: `draft` only saves; what filing asks for is asked for all the same when the draft is handed in."""
    center, whole = town[name].center, town.application(name)
    bare = {key: whole[key] for key in ("item_id", "entry_node", "channel")} | {"application_no": "T-bare"}
    draft = center.file_case(bare, actor, draft=True).case_no
    assert action not in town.offered(name, draft, actor)
    with pytest.raises(TongbanError, match=r"^guard_failed") as caught:
        town.act(name, draft, action, actor)
    assert "applicant" in caught.value.sentence("zh")
    ready = center.file_case(whole, actor, draft=True).case_no
    assert action in town.offered(name, ready, actor)
    town.act(name, ready, action, actor)
    assert center.case(draft, actor)["status"] == "draft"
    assert center.case(ready, actor)["status"] == ("submitted" if action == "submit" else "with_agent")


def test_a_draft_of_an_item_that_is_no_longer_offered_is_not_handed_in(town: Town) -> None:
    """Row 2, R03: what is not published is not filed; what was filed before goes on."""
    draft = town["township"].center.file_case(town.application("township"), CLERK, draft=True).case_no
    filed = town.file("township")
    editor, person = town["city"].center.editor, Actor("s-editor", Role.CATALOG_EDITOR, "王敏")
    editor.withdraw("ZW007", "依据已废止", person)
    assert editor.publish(editor.changes(person)["token"], "2026-03-02", person)["state"] == "published"
    town.heal()
    with pytest.raises(TongbanError, match=r"^guard_failed"):
        town.act("township", draft, "submit", CLERK)
    assert town.do("township", filed, "accept", CLERK)["status"] == "accepted"
