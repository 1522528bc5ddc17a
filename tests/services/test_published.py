"""Published documents: what an older version does with a newer one, and the rule documents."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from node.domain.calendar import WorkCalendar
from node.domain.catalog.kind import Document
from node.domain.catalog.limits import BOUNDS, LAW, Limits, parse, read
from node.domain.model import SYSTEM, Actor, Role
from node.domain.papers.templates import read_template
from node.domain.published import AUTHORITY, CALENDAR, EVERY_REVISION, KINDS, LIMITS, NOTICES, PAPERS
from node.domain.words.errors import TongbanError
from node.services.catalog import publishing
from node.services.catalog.paper_library import built_in, in_force
from node.services.catalog.shipped import LIMITS as SHIPPED
from node.store import catalog_tables as tables
from node.store import enrolments
from node.store.store import Tx
from tests.services.nodes import DISTRICT, TOWNSHIP, HandClock, Small, exchange, make_child, make_root

EDITOR = Actor("s-editor", Role.CATALOG_EDITOR)
STRICT = b'kind = "limits"\nnotice_days = 3\n'


@pytest.fixture
def city(tmp_path: Path) -> Small:
    return make_root(tmp_path / "city", HandClock())


@pytest.fixture
def district(city: Small, tmp_path: Path) -> Small:
    return make_child(city, tmp_path / "district", DISTRICT)


def publish(node: Small, kind: str, document: Document) -> None:
    """As a later version would: without asking whether this one knows every part."""
    node.store.run(lambda tx: publishing.publish_document(tx, kind, document, SYSTEM))
    node.store.catalog.invalidate()


def held(node: Small, kind: str) -> list[tuple[int, str]]:
    with node.store.reading() as view:
        layer = view.trust.path(node.id)[-1]
        found = tables.documents_of(view.connection, layer, kind) or tables.documents_of(view.connection, node.id, kind)
        return [(row.revision, document) for row, document in found]


# a later version's document --------------------------------------------------------------------------------------------

RECEIPT: Document = {"title": "收件凭证（新）", "blocks": [{"kind": "text", "text": "已收到{applicant}的申请。"}]}
LATER: dict[str, Document] = {
    "papers": {
        "papers": {
            "receipt": RECEIPT,
            "hologram": {"title": "全息凭证", "blocks": []},  # a paper of later
            "correction": {"title": "补正", "blocks": [{"kind": "barcode", "text": "x"}]},  # a block of later
            "acceptance": {"title": "受理", "blocks": [{"kind": "text", "text": "{mood}"}]},  # a field of later
        },
        "common": {"phone": "027-12345", "watermark": "{mood}", "valid": "{mood}"},
    },
    "calendar": {"years": [2026], "days": [["2026-03-09", "off"], ["2026-03-10", "half"]], "shifts": {"night": 1}},
    "divisions": {
        "rows": [["420100000000", "武汉市", "city", "", ""], ["420102000001", "网格", "grid", "420102002000", ""]],
        "shapes": [],
    },
    "authority": {
        "rows": [
            {"node_code": "420102000000", "way": "own", "organ": "江岸区公安局", "organ_code": "岸公", "mood": "happy"},
            {
                "node_code": "420102000000",
                "item_id": "A1",
                "way": "by_robot",
                "organ": "机器",
                "organ_code": "机",
            },  # a way of later
        ],
        "moods": [],
    },
    "notices": {"texts": {"ready": "可以来取了", "accepted": "{mood}", "hugged": "x"}, "moods": []},
    "rules": {"parts": {"limits": {"notice_days": 3, "smile_days": 1}, "moods": {"happy": True}}},
}


@pytest.mark.parametrize("kind", sorted({one.travels_as for one in KINDS}))
def test_an_old_node_keeps_what_it_knows_and_passes_the_whole_on(city: Small, district: Small, tmp_path: Path, kind: str) -> None:
    township = make_child(district, tmp_path / "township", TOWNSHIP, "township")
    publish(city, kind, LATER[kind])
    exchange(district, city)
    exchange(township, district)
    for node in (city, district, township):
        snapshot = node.catalog.snapshot()
        with node.store.reading() as view:
            (row,) = [row for row in tables.active(view.connection) if row.kind == kind]
            passed_on = view.objects.get(row.manifest)
            assert view.connection.execute("SELECT count(*) FROM findings").fetchone() == (0,)
        assert passed_on is not None and json.loads(passed_on) == {**LATER[kind], "revision": 1}
        assert not tables_wait(node)
        if kind == "papers":
            given, whole = snapshot.of(PAPERS), in_force(snapshot.of(PAPERS))
            assert set(given.papers) == {"receipt"} and set(given.common) == {"phone"}
            assert (
                whole.papers["receipt"] == read_template("receipt", RECEIPT)
                and whole.papers["correction"] == built_in().papers["correction"]
            )
            assert (whole.common["phone"], whole.common["valid"]) == ("027-12345", built_in().common["valid"])
        elif kind == "calendar":
            assert {day.day: word for day, word in snapshot.of(CALENDAR).days.items()} == {9: "off"}
        elif kind == "authority":
            assert [one.organ for one in snapshot.of(AUTHORITY).rows] == ["江岸区公安局"]
        elif kind == "notices":
            assert dict(snapshot.of(NOTICES).given) == {"ready": "可以来取了"}
        elif kind == "divisions":
            assert len(snapshot.divisions) == 1
        else:
            assert snapshot.of(LIMITS) == Limits(notice_days=3) and snapshot.cites().rules == 1
            known = {rule["name"]: rule["known"] for rule in node.catalog.rules()}
            assert known == {"limits": True, "moods": False, "supervision": True}


def tables_wait(node: Small) -> bool:
    with node.store.reading() as view:
        return bool(tables.pending(view.connection))


def test_a_new_file_of_one_rule_document_keeps_the_parts_of_later_versions(city: Small) -> None:
    publish(city, "rules", LATER["rules"])
    assert city.catalog.import_rules(b'kind = "limits"\nnotice_days = 4', EDITOR) == {"rules": 1, "changed": True, "revision": 2}
    assert {rule["name"] for rule in city.catalog.rules()} == {"limits", "moods", "supervision"}
    assert city.catalog.snapshot().of(LIMITS).notice_days == 4


@pytest.mark.parametrize("document", ["[]", "3", '{"salt": "x", "parts": {}}'])
def test_what_is_no_document_is_a_finding_and_changes_nothing(city: Small, district: Small, document: str) -> None:
    city.store.run(lambda tx: publishing._publish(tx, "rules", 1, document.encode(), SYSTEM))
    exchange(district, city)
    assert district.catalog.snapshot().cites().rules == 0 and tables_wait(district)
    city.catalog.import_rules(STRICT, EDITOR)
    exchange(district, city)
    assert district.catalog.snapshot().of(LIMITS).notice_days == 3


# rule documents --------------------------------------------------------------------------------------------------------


def test_what_ships_are_the_numbers_of_the_law() -> None:
    assert parse(read(SHIPPED.read_bytes())) == LAW == parse({})
    assert set(read(SHIPPED.read_bytes())) == set(BOUNDS)


@pytest.mark.parametrize(
    ("text", "faults"),
    [
        ('kind = "limits"\nnotice_days = 6', {"line 2": "beyond_law"}),
        ('kind = "limits"\n\nservice_days = 11\ndefault_one = 21', {"line 3": "beyond_law", "line 4": "beyond_law"}),
        ('default_joint = 46\nkind = "limits"', {"line 1": "beyond_law"}),
        ('kind = "limits"\nnotice_days = 0', {"line 2": "out_of_range"}),
        ('kind = "limits"\nnotice_days = -3', {"line 2": "out_of_range"}),
        ('kind = "limits"\nagent_days = 60', {"line 2": "out_of_range"}),
        ('kind = "limits"\nnotice_days = "5"', {"line 2": "not_a_number"}),
        ('kind = "limits"\nnotice_days = true', {"line 2": "not_a_number"}),
        ('kind = "limits"\nnotice_days = 4.5', {"line 2": "not_a_number"}),
        ('kind = "limits"\nlower_share = nan', {"line 2": "out_of_range"}),
        ('kind = "limits"\nnotice_day = 5', {"line 2": "unknown_key"}),
        ('kind = "limits"\n[more]\nx = 1', {"line 2": "unknown_key"}),
        ('kind = "moods"', {"line 1": "not_a_choice"}),
        ("notice_days = 5", {"line 1": "missing"}),
        ('kind = "limits"\nnotice_days = ', {"line 2": "bad_toml"}),
        ("\n\udcff", {"line 2": "encoding"}),
    ],
)
def test_a_file_that_loosens_the_law_or_says_nothing_is_refused_with_line_and_reason(
    city: Small, text: str, faults: dict[str, str]
) -> None:
    with pytest.raises(TongbanError) as caught:
        city.catalog.import_rules(text.encode("utf-8", "surrogateescape"), EDITOR)
    assert (caught.value.code, dict(caught.value.fields)) == ("import_failed", faults)
    lines: Any = caught.value.details["lines"]
    assert all(line["message"] and line["message_en"] for line in lines)
    assert city.catalog.snapshot().cites().rules == 0


def test_what_is_received_never_loosens_the_law(city: Small) -> None:
    publish(city, "rules", {"parts": {"limits": {"notice_days": 30, "service_days": "never", "default_one": 15}}})
    assert city.catalog.snapshot().of(LIMITS) == Limits(default_one=15)


def test_only_the_root_publishes_rules_and_only_who_may(city: Small, district: Small) -> None:
    with pytest.raises(TongbanError, match=r"^wrong_tier"):
        district.catalog.import_rules(STRICT, EDITOR)
    with pytest.raises(TongbanError, match=r"^forbidden"):
        city.catalog.import_rules(STRICT, Actor("s", Role.CLERK))


def test_the_same_file_again_is_no_revision(city: Small) -> None:
    assert city.catalog.import_rules(STRICT, EDITOR)["changed"] and not city.catalog.import_rules(STRICT, EDITOR)["changed"]
    assert {rule["name"]: rule["revision"] for rule in city.catalog.rules()} == {"limits": 1, "supervision": 1}


# all revisions ---------------------------------------------------------------------------------------------------------


def test_every_revision_of_the_rules_is_kept_and_given_to_who_joins_late(city: Small, tmp_path: Path) -> None:
    for days in (5, 4, 3):
        city.catalog.import_rules(f'kind = "limits"\nnotice_days = {days}'.encode(), EDITOR)
    late = make_child(city, tmp_path / "late", DISTRICT)
    exchange(late, city)
    known = {revision: limits.notice_days for revision, limits in late.catalog.snapshot().limits.items()}
    assert known == {0: 5, 1: 5, 2: 4, 3: 3} and late.catalog.snapshot().cites().rules == 3
    later = make_child(late, tmp_path / "later", TOWNSHIP, "township")
    exchange(later, late)
    assert set(later.catalog.snapshot().limits) == {0, 1, 2, 3} and not tables_wait(later)


def test_revisions_that_arrive_in_any_order_are_all_kept_and_the_latest_is_in_force(city: Small, district: Small) -> None:
    for days in (5, 4, 3):
        city.catalog.import_rules(f'kind = "limits"\nnotice_days = {days}'.encode(), EDITOR)
    with city.store.reading() as view:
        arrivals = enrolments.starting_arrivals(view.connection, ())

    def backwards(tx: Tx) -> None:
        row = tx.author_row(district.id)
        tx.connection.execute("DELETE FROM down WHERE peer=?", (row,))
        tx.links.route(row, arrivals[::-1])

    city.store.run(backwards)
    exchange(district, city)
    assert set(district.catalog.snapshot().limits) == {0, 1, 2, 3}
    assert district.catalog.snapshot().cites().rules == 3 and district.catalog.snapshot().of(LIMITS).notice_days == 3


def test_every_revision_of_calendar_rules_and_powers_is_kept() -> None:
    assert frozenset({"rules", "calendar", "authority"}) == EVERY_REVISION
    assert isinstance(CALENDAR.empty, WorkCalendar)


def test_nodes_of_one_process_share_what_a_document_says(city: Small, district: Small) -> None:
    """The divisions of a city are two MB, and a whole city may run as one process."""
    publish(city, "calendar", {"years": [2026], "days": [["2026-03-09", "off"]]})
    exchange(city, district)
    one, other = (node.catalog.snapshot().documents[CALENDAR.name] for node in (city, district))
    assert one.revision == other.revision == 1 and one.document is other.document
