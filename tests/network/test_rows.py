"""Rows of the transition table on real nodes, where storage, links and services have their part in them."""

from __future__ import annotations

import csv
import io

import pytest

from node.domain.model import Actor, Role
from node.domain.words.errors import TongbanError
from node.services.filing.intake import RejectedApplication
from tests.support.network import AGENT, APPROVER, CLERK, CONFIGS, DAY, DIRECTOR, EXAMINER, Town


@pytest.mark.parametrize(("name", "action", "actor"), [("township", "submit", CLERK), ("village", "lodge", AGENT)])
def test_a_draft_is_handed_in_when_it_is_complete_and_not_before(town: Town, name: str, action: str, actor: Actor) -> None:
    """Rows 2, 4, 5: `draft` only saves; what filing asks for is asked for all the same when the draft is handed in."""
    center, whole = town[name].center, town.application(name)
    bare = {key: whole[key] for key in ("item_id", "entry_node", "channel")} | {"application_no": "T-bare"}
    draft = center.intake.file(bare, actor, draft=True).case_no
    assert action not in town.offered(name, draft, actor)
    with pytest.raises(TongbanError, match=r"^guard_failed") as caught:
        town.act(name, draft, action, actor)
    assert "applicant" in caught.value.sentence("zh")
    ready = center.intake.file(whole, actor, draft=True).case_no
    assert action in town.offered(name, ready, actor)
    town.act(name, ready, action, actor)
    assert center.cases.case(draft, actor)["status"] == "draft"
    assert center.cases.case(ready, actor)["status"] == ("submitted" if action == "submit" else "with_agent")


def test_the_mandate_of_a_draft_binds_the_agent_after_it_is_lodged(town: Town) -> None:
    """Rows 2, 4, 36: what the applicant signed counts whether the application was saved first or not."""
    mandate = {"scope": ["submit"], "until": "2026-06-30", "signed": "handprint", "agent_name": "周敏"}
    filed = [
        town["village"].center.intake.file(town.application("village", mandate=mandate), AGENT, draft=draft).case_no
        for draft in (True, False)
    ]
    town.act("village", filed[0], "lodge", AGENT)
    for case_no in filed:
        assert "withdraw" not in town.offered("village", case_no, AGENT)
        with pytest.raises(TongbanError, match=r"^guard_failed"):
            town.act("village", case_no, "withdraw", AGENT, reason="不办了")


def test_a_draft_of_an_item_that_is_no_longer_offered_is_not_handed_in(town: Town) -> None:
    """Row 2, R03: what is not published is neither filed nor accepted; what was accepted before goes on."""
    draft = town["township"].center.intake.file(town.application("township"), CLERK, draft=True).case_no
    filed, running = town.file("township"), town.file("township")
    town.do("township", running, "accept", CLERK)
    editor, person = town["city"].center.editor, Actor("s-editor", Role.CATALOG_EDITOR, "王敏")
    editor.withdraw("ZW007", "依据已废止", person)
    assert editor.publish(editor.changes(person)["token"], "2026-03-02", person)["state"] == "published"
    town.heal()
    with pytest.raises(TongbanError, match=r"^guard_failed"):
        town.act("township", draft, "submit", CLERK)
    shown = town["township"].center.cases.case(filed, CLERK)
    assert "accept" not in town.offered("township", filed, CLERK)
    assert shown["item_update"] is not None and shown["item_update"]["withdrawn"] == "依据已废止"
    assert town.do("township", filed, "not_required", CLERK)["status"] == "not_required"
    assert town["township"].center.cases.case(running, CLERK)["item_update"] is None
    assert town.do("township", running, "complete_step")["status"] == "accepted"


def stored_due(town: Town, name: str, case_no: str) -> str | None:
    with town[name].center.store.reading() as view:
        row = view.connection.execute("SELECT due FROM cases WHERE case_no=?", (case_no,)).fetchone()
    return row[0] if row else None


def test_a_case_under_a_promise_tightened_below_is_due_on_the_same_day_at_every_tier(town: Town) -> None:
    """The item version belongs to the township's layer; who supervises above must see the same date, before and after a referral."""
    listed = csv.DictReader(io.StringIO((CONFIGS / "catalog" / "items-detailed.csv").read_text("utf-8-sig")))
    row = next(row for row in listed if row["item_id"] == "ZW002") | {"promised_limit_workdays": "7"}
    text = io.StringIO()
    writer = csv.DictWriter(text, list(row))
    writer.writeheader()
    writer.writerow(row)
    town["township"].center.catalog.import_csv(text.getvalue().encode(), Actor("s-editor", Role.CATALOG_EDITOR))
    town.heal()
    case_no = town.file("township", "ZW002", CLERK)
    town.do("township", case_no, "accept", CLERK)
    town.heal()
    tiers = ("city", "district", "township")
    assert {stored_due(town, name, case_no) for name in tiers} == {"2026-03-11"}
    assert {town[name].center.cases.case(case_no, DIRECTOR)["due"] for name in tiers} == {"2026-03-11"}
    town.do("township", case_no, "complete_step", EXAMINER)
    town.do("township", case_no, "refer", APPROVER)
    town.heal()
    assert {stored_due(town, name, case_no) for name in tiers} == {"2026-03-11"}
    assert all(node.center.upkeep.verify()["ok"] for node in town.nodes.values())


def test_what_is_filed_in_place_of_a_voided_case_inherits_its_receipt_date(town: Town) -> None:
    """Row 47: a mis-entry costs the applicant no day."""
    center = town["township"].center
    first = town.file("township", "ZW002", CLERK)
    with pytest.raises(RejectedApplication) as caught:
        town.file("township", "ZW002", CLERK, replaces=first)
    assert caught.value.fields == {"replaces": "not_voided"}
    town.world.advance(3 * DAY)
    town.do("township", first, "void", APPROVER)
    second = town.file("township", "ZW002", CLERK, replaces=first)
    saved = center.intake.file(town.application("township", "ZW002", replaces=first), CLERK, draft=True).case_no
    town.act("township", saved, "submit", CLERK)
    town.heal()
    for case_no in (second, saved):
        for name in ("township", "city"):
            (deadline,) = town[name].center.cases.case(case_no, CLERK)["deadlines"]
            assert (deadline["clock"], deadline["since"], deadline["due"]) == ("R", "2026-03-02", "2026-03-09")
    town.world.advance(5 * DAY)
    town.heal()
    center.tick()
    assert {town["township"].status(case_no) for case_no in (second, saved)} == {"accepted"}  # deemed: from the first receipt
