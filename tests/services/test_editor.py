"""Editing the catalog: gathered, looked at, published once."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from node.domain.model import Actor, Role
from node.domain.words.errors import TongbanError
from node.services.catalog.editor import Editor
from node.services.upkeep.verification import verify
from tests.services.nodes import TOWNSHIP, HandClock, Small, exchange, greet, make_child, make_root, open_small
from tests.services.test_catalog_service import file, row

WANG, LI = Actor("s-1", Role.CATALOG_EDITOR, "王敏"), Actor("s-2", Role.CATALOG_EDITOR, "李强")
DAY = 86_400_000


@pytest.fixture
def city(tmp_path: Path) -> Small:
    small = make_root(tmp_path / "city", HandClock())
    small.catalog.import_csv(file(row("A1"), row("A2", name="医保登记", department="医保局")))
    return small


@pytest.fixture
def district(city: Small, tmp_path: Path) -> Small:
    small = make_child(city, tmp_path / "district")
    greet(small, city)
    exchange(small, city)
    return small


def editor(node: Small) -> Editor:
    return Editor(node.store, node.catalog)


def save(node: Small, item_id: str, actor: Actor = WANG, **changes: Any) -> Any:
    """Open the form, change it, save it."""
    form = editor(node).form(item_id, actor)
    return editor(node).save(item_id, {**form["document"], **changes}, form["n"], form["base"], actor)


def publish(node: Small, day: str = "2026-03-02", actor: Actor = WANG) -> Any:
    return editor(node).publish(editor(node).changes(actor)["token"], day, actor)


def fields(change: Any) -> dict[str, tuple[Any, Any]]:
    return {one["field"]: (one["old"], one["new"]) for one in change["differences"]}


# one change ----------------------------------------------------------------------------------------------------------


def test_a_change_is_kept_shown_and_published_as_one_revision(city: Small) -> None:
    assert save(city, "A1", promised_limit="8", name="残疾人证核发")["state"] == "saved"
    assert save(city, "A2", fee="10元")["state"] == "saved"
    shown = editor(city).changes(WANG)
    assert shown["default"] == "2026-03-03" and not shown["blocked"]
    assert fields(shown["items"][0]) == {"name": ("残疾人证办理", "残疾人证核发"), "promised_limit": (10, 8)}
    assert (shown["items"][0]["from_version"], shown["items"][0]["to_version"]) == (1, 2)
    done = editor(city).publish(shown["token"], "2026-03-03", WANG)
    assert (done["state"], done["revision"], done["count"]) == ("published", 2, 2)
    assert city.catalog.item("A1").version == 1  # type: ignore[union-attr]
    city.clock.advance(DAY)
    assert city.catalog.item("A1").promised_limit == 8  # type: ignore[union-attr]
    assert verify(city.store)["ok"]


def test_publishing_twice_is_one_revision(city: Small) -> None:
    save(city, "A1", fee="5元")
    token = editor(city).changes(WANG)["token"]
    first, second = editor(city).publish(token, "2026-03-02", WANG), editor(city).publish(token, "2026-03-02", WANG)
    assert first["revision"] == second["revision"] == city.catalog.revision() == 2
    assert (first["again"], second["again"]) == (False, True)
    assert editor(city).publish("0" * 32, "2026-03-02", WANG) == {"state": "empty"}


def test_the_same_content_is_no_change(city: Small) -> None:
    assert save(city, "A1")["state"] == "unchanged"
    save(city, "A1", fee="5元")
    assert save(city, "A1", fee="")["state"] == "unchanged"  # back as it was: nothing is pending
    assert editor(city).changes(WANG)["items"] == [] and publish(city) == {"state": "empty"}
    assert city.catalog.revision() == 1


def test_pending_changes_survive_a_restart(city: Small) -> None:
    save(city, "A1", fee="5元")
    city.store.close()
    again = open_small(city.folder, city.clock)
    assert fields(editor(again).changes(WANG)["items"][0]) == {"fee": ("", "5元")}


@pytest.mark.parametrize(
    ("changes", "path", "code"),
    [
        ({"name": " "}, "name", "missing"),
        ({"promised_limit": "十"}, "promised_limit", "invalid"),
        ({"promised_limit": "99999"}, "promised_limit", "out_of_range"),
        ({"accept_levels": []}, "accept_levels", "missing"),
        ({"category": "许可"}, "category", "not_a_choice"),
        ({"statutory_limit": "20", "statutory_unit": ""}, "statutory_unit", "missing"),
        ({"materials": [{"name": "身份证", "copies": "1"}, {"name": "身份证", "copies": "1"}]}, "materials.1.name", "duplicate"),
        ({"materials": [{"name": "", "copies": "1"}, {"name": "照片", "copies": "x"}]}, "materials.1.copies", "invalid"),
        (
            {"special_steps": [{"name": "公示", "kind": "public_notice", "days": "7"}]},
            "special_steps.0.stop_basis",
            "no_stop_basis",
        ),
        (
            {"special_steps": [{"name": "现场踏勘", "kind": "hearing", "days": "7", "counts": "1"}]},
            "special_steps.0.kind",
            "kind_by_name",
        ),
        ({"conditions": "x" * 5001}, "conditions", "too_long"),
        ({"name": "坏\x00字"}, "name", "bad_character"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field(city: Small, changes: dict[str, Any], path: str, code: str) -> None:
    with pytest.raises(TongbanError) as caught:
        save(city, "A1", **changes)
    assert caught.value.fields == {path: code}
    assert editor(city).changes(WANG)["items"] == []


def test_a_step_that_stops_the_clock_with_a_basis_is_taken(city: Small) -> None:
    step = {"name": "公示", "kind": "public_notice", "days": "7", "stop_basis": "条例第九条"}
    save(city, "A1", special_steps=[step])
    publish(city)
    kept = city.catalog.item("A1")
    assert kept is not None and not kept.special_steps[0].counts and kept.special_steps[0].stop_basis == "条例第九条"


def test_doubts_are_told_before_publishing(city: Small) -> None:
    rows = [{"name": name, "copies": "1", "required": "1"} for name in ("身份证", "照片")]
    save(city, "A1", promised_limit="30", materials=rows)
    codes = {doubt["code"] for doubt in editor(city).changes(WANG)["items"][0]["doubts"]}
    assert codes == {"promise_over_statute", "promise_longer", "more_materials"}


@pytest.mark.parametrize(
    ("day", "code"), [("", "missing"), ("2026-3-3", "invalid"), ("2026-02-27", "past"), ("2030-01-01", "out_of_range")]
)
def test_the_day_is_checked(city: Small, day: str, code: str) -> None:
    save(city, "A1", fee="5元")
    with pytest.raises(TongbanError) as caught:
        publish(city, day)
    assert caught.value.fields == {"effective": code} and city.catalog.revision() == 1


def test_on_friday_the_proposed_day_is_monday(city: Small) -> None:
    city.clock.time = int(dt.datetime(2026, 3, 6, 17, 0, tzinfo=dt.timezone(dt.timedelta(hours=8))).timestamp() * 1000)
    assert editor(city).changes(WANG)["default"] == "2026-03-09"


# two editors ---------------------------------------------------------------------------------------------------------


def test_two_editors_of_one_item_notice_each_other(city: Small) -> None:
    mine, theirs = editor(city).form("A1", WANG), editor(city).form("A1", LI)
    editor(city).save("A1", {**theirs["document"], "fee": "5元"}, theirs["n"], theirs["base"], LI)
    clash = editor(city).save("A1", {**mine["document"], "result": "证书"}, mine["n"], mine["base"], WANG)
    assert clash["state"] == "clash" and clash["by"] == "李强" and set(clash["differs"]) == {"fee", "result"}
    assert fields(editor(city).changes(WANG)["items"][0]) == {"fee": ("", "5元")}  # nothing of theirs is lost
    again = editor(city).save("A1", {**mine["document"], "fee": "5元", "result": "证书"}, clash["n"], clash["base"], WANG)
    assert again["state"] == "saved"
    assert editor(city).discard("A1", mine["n"], WANG)["state"] == "clash"


def test_a_change_after_the_page_was_shown_stops_the_publication(city: Small) -> None:
    save(city, "A1", fee="5元")
    token = editor(city).changes(WANG)["token"]
    save(city, "A2", LI, fee="6元")
    assert editor(city).publish(token, "2026-03-02", WANG) == {"state": "moved"} and city.catalog.revision() == 1


def test_an_import_under_ones_feet_is_told_and_taken_over(city: Small) -> None:
    save(city, "A1", fee="5元", name="甲")
    city.catalog.import_csv(file(row("A1", name="乙", promised_limit_workdays="9")))
    shown = editor(city).changes(WANG)
    assert shown["blocked"] and shown["items"][0]["moved"] and shown["items"][0]["clashes"] == ["name"]
    assert fields(shown["items"][0]) == {
        "name": ("乙", "甲"),
        "fee": ("", "5元"),
    }  # as it will be; the promise of the import stays
    assert editor(city).publish(shown["token"], "2026-03-02", WANG) == {"state": "blocked"}
    assert editor(city).take_over("A1", WANG)["clashes"] == ["name"]
    assert publish(city)["state"] == "published"
    item = city.catalog.item("A1")
    assert item is not None and (item.name, item.fee, item.promised_limit, item.version) == ("甲", "5元", 9, 3)


# new and withdrawn ---------------------------------------------------------------------------------------------------


def test_a_new_item(city: Small) -> None:
    form = editor(city).form("", WANG)
    document = {**form["document"], "item_id": "N1", "name": "新事项", "category": "公共服务", "case_type": "immediate"}
    with pytest.raises(TongbanError) as caught:
        editor(city).save("", {**document, "item_id": "A1"}, 0, "", WANG)
    assert caught.value.fields == {"item_id": "taken"}
    assert editor(city).save("", document, 0, "", WANG) == {"state": "saved", "item_id": "N1", "n": 1}
    assert editor(city).views.listing(WANG)["rows"][-1]["pending"] == "new"
    assert publish(city)["state"] == "published" and city.catalog.item("N1") is not None


def test_a_withdrawn_item_is_no_longer_offered_and_can_come_back(city: Small) -> None:
    with pytest.raises(TongbanError):
        editor(city).withdraw("A1", "", WANG)
    editor(city).withdraw("A1", "依据已废止", WANG)
    change = editor(city).changes(WANG)["items"][0]
    assert change["kind"] == "withdrawn" and change["doubts"][0]["code"] == "withdrawn"
    publish(city)
    assert city.catalog.item("A1") is None and city.catalog.snapshot().withdrawn["A1"].withdrawn == "依据已废止"
    assert city.catalog.item_version("A1", 1) is not None  # what was filed goes on
    city.catalog.import_csv(file(row("A1", name="改名")))
    assert city.catalog.item("A1") is None  # a file does not bring it back
    editor(city).withdraw("A1", "", WANG)
    assert publish(city)["state"] == "published" and city.catalog.item("A1") is not None


# layers --------------------------------------------------------------------------------------------------------------


def test_below_only_promise_and_contact_change(district: Small) -> None:
    with pytest.raises(TongbanError) as caught:
        save(district, "A1", promised_limit="12")
    assert caught.value.fields == {"promised_limit": "overlay_looser"}
    save(district, "A1", promised_limit="6", name="别的名字", contact={"phone": "027-1"})
    publish(district)
    item = district.catalog.item("A1")
    assert item is not None and (item.name, item.promised_limit, item.contact["phone"], item.version) == (
        "残疾人证办理",
        6,
        "027-1",
        2,
    )
    with pytest.raises(TongbanError):
        editor(district).withdraw("A1", "不办了", WANG)


def test_a_township_adds_nothing_and_a_stranger_sees_nothing(district: Small, tmp_path: Path) -> None:
    township = make_child(district, tmp_path / "township", TOWNSHIP, "township")
    with pytest.raises(TongbanError):
        editor(township).form("", WANG)
    for role in (Role.ADMIN, Role.OVERSEER, Role.CLERK):
        with pytest.raises(TongbanError):
            editor(district).changes(Actor("s", role))


def test_an_overlay_follows_a_change_from_above_on_its_day(city: Small, district: Small) -> None:
    save(district, "A1", promised_limit="6")
    publish(district)
    save(city, "A1", name="新名", fee="5元")
    publish(city, "2026-03-05")
    exchange(district, city)
    before = district.catalog.item("A1")
    assert before is not None and (before.name, before.promised_limit) == ("残疾人证办理", 6)
    district.clock.advance(3 * DAY)
    after = district.catalog.item("A1")
    assert after is not None and (after.name, after.fee, after.promised_limit) == ("新名", "5元", 6)


def test_a_district_adds_what_it_decides_itself(district: Small) -> None:
    form = editor(district).form("", WANG)
    document = {**form["document"], "item_id": "D1", "name": "区级事项", "category": "公共服务", "case_type": "commitment"}
    with pytest.raises(TongbanError) as caught:
        editor(district).save("", {**document, "approval_level": "city"}, 0, "", WANG)
    assert caught.value.fields == {"approval_level": "not_our_level"}
    editor(district).save("", document, 0, "", WANG)
    publish(district)
    assert editor(district).views.listing(WANG, show="own")["total"] == 1


def test_what_is_already_set_for_a_later_day_is_told(city: Small, district: Small) -> None:
    save(city, "A1", fee="5元")
    publish(city, "2026-03-09")
    save(city, "A1", result="证")
    assert [d["code"] for d in editor(city).changes(WANG)["items"][0]["doubts"]] == ["scheduled_base"]
    exchange(district, city)
    save(district, "A1", promised_limit="6")
    assert [d["code"] for d in editor(district).changes(WANG)["items"][0]["doubts"]] == ["starts_with_base"]
    publish(district, "2026-03-03")
    district.clock.advance(DAY)
    now = district.catalog.item("A1")
    assert now is not None and (now.fee, now.promised_limit) == ("", 10)
    district.clock.advance(6 * DAY)
    then = district.catalog.item("A1")
    assert then is not None and (then.fee, then.promised_limit) == ("5元", 6)


# files, lists, history -----------------------------------------------------------------------------------------------


def test_a_file_is_looked_at_before_it_is_taken(city: Small) -> None:
    key = editor(city).imports.put(
        "目录.csv", file(row("A1", name="改名"), row("A2", name="医保登记", department="医保局"), row("A3")), WANG
    )
    seen = editor(city).imports.preview(key, WANG)
    assert [(one["item_id"], one["kind"]) for one in seen["items"]] == [("A1", "changed"), ("A3", "new")] and seen[
        "unchanged"
    ] == 1
    save(city, "A1", LI, fee="9元")
    assert editor(city).imports.take(key, False, WANG) == {"state": "clash", "count": 2}
    assert editor(city).imports.take(key, True, WANG) == {"state": "taken", "count": 2}
    assert publish(city)["count"] == 2
    assert editor(city).imports.preview(key, WANG)["count"] == 0


def test_a_file_with_a_fault_is_not_taken(city: Small) -> None:
    key = editor(city).imports.put("x.csv", file(row("A1", approval_level="county")), WANG)
    assert [note["line"] for note in editor(city).imports.preview(key, WANG)["errors"]] == [2]
    with pytest.raises(TongbanError):
        editor(city).imports.take(key, True, WANG)
    assert editor(city).changes(WANG)["items"] == []


def test_the_list_is_searched_filtered_and_paged(city: Small) -> None:
    city.catalog.import_csv(file(*(row(f"B{n:03d}") for n in range(120))))
    views = editor(city).views
    assert views.listing(WANG, page=3)["pages"] == 3 and len(views.listing(WANG, page=3)["rows"]) == 22
    assert [r["item_id"] for r in views.listing(WANG, q="医保")["rows"]] == ["A2"]
    save(city, "A2", fee="5元")
    assert [r["item_id"] for r in views.listing(WANG, show="pending")["rows"]] == ["A2"]
    publish(city, "2026-03-09")
    late = views.listing(WANG, show="scheduled")["rows"]
    assert [(r["item_id"], r["later"]) for r in late] == [("A2", {"version": 2, "from": "2026-03-09"})]


def test_versions_and_history_tell_what_changed(city: Small, district: Small) -> None:
    save(city, "A1", fee="5元")
    publish(city)
    found = editor(city).views.item("A1", WANG)
    assert [(v["version"], v["state"]) for v in found["versions"]] == [(2, "in_force"), (1, "past")]
    assert fields(found["versions"][0]) == {"fee": ("", "5元")}
    rows = editor(city).views.history(WANG)["rows"]
    assert [(r["revision"], r["items"]) for r in rows] == [(2, 1), (1, 2)]
    exchange(district, city)
    brought = editor(district).views.publication(rows[0]["layer"], 2, LI)["items"]
    assert [(i["item_id"], i["from_version"], i["to_version"]) for i in brought] == [("A1", 1, 2)]
