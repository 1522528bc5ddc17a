"""Generated applications at four real nodes: each flaw gets its field and code, the sound ones are filed once, markup is text."""

from __future__ import annotations

from collections import Counter

import pytest

from node.domain.model import Actor, Role
from node.domain.words.errors import TongbanError
from node.services.filing.intake import RejectedApplication
from tests.data import gen_applications as generator
from tests.domain.applications import ITEMS_FILE, SMALL_ROWS
from tests.domain.test_application import EXPECTED
from tests.support.network import AGENT, CLERK, FOUR, Town, four_tiers
from tests.support.there import there

OVERSEER = Actor("s-overseer", Role.OVERSEER)

NAMES = {code: name for name, code in FOUR.items()}


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Town:
    return four_tiers(tmp_path_factory.mktemp("applications"))


def file(town: Town, document: dict, name: str) -> str:
    return town[name].center.intake.file(document, AGENT if name == "village" else CLERK).case_no


def test_every_flaw_is_named_and_every_sound_application_becomes_one_case(town: Town) -> None:
    seen: Counter[str] = Counter()
    filed: dict[str, tuple[str, dict, str]] = {}
    for document, flaw in generator.generate(SMALL_ROWS, generator.read_csv(ITEMS_FILE), 700, 11, 0.3):
        name = NAMES[document["entry_node"]]
        seen[flaw] += 1
        if flaw in EXPECTED:
            with pytest.raises(RejectedApplication) as caught:
                file(town, document, name)
            field, code = EXPECTED[flaw]
            found = list(caught.value.fields.items())
            assert len(found) == 1 and found[0][0].startswith(field) and found[0][1] == code, (flaw, found)
        else:
            filed[document["application_no"]] = (file(town, document, name), document, name)
    assert set(seen) >= {*EXPECTED, "", "name_with_script_tag"} - {"agent_not_allowed"}
    assert len({no for no, _, _ in filed.values()}) == len(filed) == seen[""] + seen["name_with_script_tag"]
    for no, document, name in filed.values():
        assert file(town, document, name) == no
    town.heal()
    assert all(town[name].center.upkeep.verify()["ok"] for name in FOUR)
    assert town["city"].center.oversight.stats(OVERSEER, "cases", "tier", None, None)["rows"]


def test_markup_in_a_name_is_kept_as_it_is(town: Town) -> None:
    name = "<script>alert(1)</script>"
    no = town.file("township", actor=CLERK, applicant={"name": name, "id_number": "420106198702079963", "phone": "15412345678"})
    assert there(town["township"].center.cases.case(no, CLERK)["application"])["applicant"]["name"] == name


def test_an_agent_may_not_file_what_agents_may_not(town: Town) -> None:
    center = town["village"].center
    item = next(
        (one["item_id"] for one in center.catalog.documents() if not one["agent_allowed"] and "village" in one["accept_levels"]),
        None,
    )
    if item is None:
        pytest.skip("no item of the catalog is taken at a village and closed to agents")
    with pytest.raises(TongbanError) as caught:
        town.file("village", item, channel="village_agent")
    assert "agent_not_allowed" in str(caught.value.fields)
