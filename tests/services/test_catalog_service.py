"""Publishing the catalog layer by layer, and taking it at the nodes below."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
from pathlib import Path
from typing import Any

import pytest

from node.domain.model import Actor, Facts, Role
from node.domain.words.errors import TongbanError
from node.services.upkeep.verification import verify
from node.store import catalog_tables as tables
from node.store.journal import Draft
from node.store.store import Tx
from tests.services.nodes import TOWNSHIP, HandClock, Small, exchange, fetch, greet, make_child, make_root, open_small, send

CONFIGS = Path(__file__).resolve().parents[2] / "configs"
EDITOR = Actor("s-editor", Role.CATALOG_EDITOR)
DAY = 86_400_000


def row(item_id: str = "A1", **changes: str) -> dict[str, str]:
    return {
        "item_id": item_id, "name": "残疾人证办理", "category": "公共服务", "approval_level": "district",
        "accept_levels": "district;township",
        "case_type": "commitment", "statutory_limit": "20", "statutory_unit": "workday", "promised_limit_workdays": "10",
        "materials": json.dumps([{"name": "身份证"}]), "special_steps": "[]", "agent_allowed": "yes", **changes,
    }  # fmt: skip


def file(*rows: dict[str, str]) -> bytes:
    text = io.StringIO()
    writer = csv.DictWriter(text, list(dict.fromkeys(key for one in rows for key in one)))
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


@pytest.fixture
def city(tmp_path: Path) -> Small:
    return make_root(tmp_path / "city", HandClock())


@pytest.fixture
def district(city: Small, tmp_path: Path) -> Small:
    return make_child(city, tmp_path / "district")


@pytest.fixture
def township(district: Small, tmp_path: Path) -> Small:
    return make_child(district, tmp_path / "township", TOWNSHIP, "township")


# importing -----------------------------------------------------------------------------------------------------------


def test_the_real_catalog_is_imported_once(city: Small) -> None:
    data = (CONFIGS / "catalog" / "items-detailed.csv").read_bytes()
    first = city.catalog.import_csv(data, EDITOR)
    assert (first["items"], first["changed"], first["unchanged"], first["revision"]) == (153, 153, 0, 1)
    assert len({note["line"] for note in first["warnings"] if note["code"] == "stop_without_basis"}) == 9  # LIFECYCLE, "Import"
    again = city.catalog.import_csv(data, EDITOR)
    assert (again["changed"], again["unchanged"], again["revision"]) == (0, 153, 1)
    assert len(city.catalog.items()) == len(city.catalog.documents()) == 153 and city.catalog.revision() == 1
    assert verify(city.store)["ok"]


def test_bad_rows_are_reported_by_line_and_nothing_is_imported(city: Small) -> None:
    with pytest.raises(TongbanError) as caught:
        city.catalog.import_csv(file(row(), row("A2", approval_level="county"), row("A1")), EDITOR)
    assert caught.value.code == "import_failed" and set(caught.value.fields) == {"line 3", "line 4"}
    lines: Any = caught.value.details["lines"]
    assert [(note["line"], note["column"]) for note in lines] == [(3, "approval_level"), (4, "item_id")]
    assert not city.catalog.items() and city.catalog.revision() == 0


def test_who_may_import(city: Small, district: Small) -> None:
    for role in (Role.CLERK, Role.AGENT, Role.OVERSEER, Role.INTEGRATION):
        with pytest.raises(TongbanError, match=r"^forbidden"):
            city.catalog.import_csv(file(row()), Actor("s", role))
    for data, load in (("calendar/days-2024-2026.csv", "import_calendar"), ("divisions/wuhan-4201.csv", "import_divisions")):
        with pytest.raises(TongbanError, match=r"^wrong_tier"):
            getattr(district.catalog, load)((CONFIGS / data).read_bytes(), EDITOR)


def test_a_township_that_has_not_received_the_catalog_adds_nothing_either(township: Small) -> None:
    assert not township.catalog.items()
    with pytest.raises(TongbanError, match=r"^import_failed"):
        township.catalog.import_csv(file(row("T1", approval_level="township")), EDITOR)


def test_missing_rows_stay_and_old_versions_are_kept(city: Small) -> None:
    city.catalog.import_csv(file(row("A1"), row("A2")), EDITOR)
    old_hash = city.catalog.item_hash("A1")
    assert city.catalog.import_csv(file(row("A1", promised_limit_workdays="5")), EDITOR)["revision"] == 2
    assert set(city.catalog.items()) == {"A1", "A2"}
    now = city.catalog.item("A1")
    assert now is not None and (now.version, now.promised_limit) == (2, 5)
    pinned = city.catalog.item_version("A1", 1, old_hash)
    assert pinned is not None and pinned.promised_limit == 10
    assert city.catalog.item_version("A1", 1) == pinned
    assert city.catalog.item_version("A1", 3) is None and city.catalog.item_version("A1", 1, bytes(32)) is None
    assert city.store.run(lambda tx: city.catalog.item_version("A1", 1, old_hash, tx)) == pinned


def test_a_version_with_a_later_start_waits_for_its_day(city: Small, district: Small) -> None:
    city.catalog.import_csv(file(row("A1")), EDITOR)
    start = dt.date(2026, 3, 12).isoformat()
    later = row("A1", promised_limit_workdays="5", effective_from=start)
    city.catalog.import_csv(file(later, row("B1", effective_from=start)), EDITOR)
    exchange(district, city)
    for node in (city, district):
        item = node.catalog.item("A1")
        assert item is not None and item.version == 1 and node.catalog.item("B1") is None
    city.clock.advance(10 * DAY)
    for node in (city, district):
        item = node.catalog.item("A1")
        assert item is not None and item.version == 2 and node.catalog.item("B1") is not None


def test_calendar_and_divisions_replace_what_they_name(city: Small) -> None:
    data = (CONFIGS / "calendar" / "days-2024-2026.csv").read_bytes()
    assert city.catalog.calendar().revision == 0 and len(city.catalog.divisions()) == 0
    assert city.catalog.import_calendar(data, EDITOR)["changed"] and not city.catalog.import_calendar(data, EDITOR)["changed"]
    answer = city.catalog.import_calendar(b"date,kind,name\n2027-01-01,off,x\n", EDITOR)
    calendar = city.catalog.calendar()
    assert answer["revision"] == calendar.revision == 2 and (calendar.first_year, calendar.last_year) == (2024, 2027)
    assert not calendar.is_workday(dt.date(2026, 10, 1))
    assert city.catalog.import_divisions((CONFIGS / "divisions" / "wuhan-4201.csv").read_bytes(), EDITOR)["divisions"] == 3702
    division = city.catalog.divisions().get("420102000000")
    assert division is not None and division.name == "江岸区"
    assert city.catalog.snapshot().cites()[:3] == (0, 2, 0)


# travelling down -----------------------------------------------------------------------------------------------------


def test_a_revision_is_switched_to_when_all_of_it_is_here(city: Small, district: Small) -> None:
    city.catalog.import_csv(file(row("A1"), row("A2")), EDITOR)
    greet(district, city)
    send(city, district)
    assert not district.catalog.items()  # the entry alone changes nothing
    assert fetch(district, city) == 1 and not district.catalog.items()  # the manifest
    assert fetch(district, city, limit=1) == 1 and not district.catalog.items()  # half of it
    assert fetch(district, city) == 1 and set(district.catalog.items()) == {"A1", "A2"}
    assert fetch(district, city) == 0
    assert verify(district.store)["ok"]


def test_half_a_manifest_survives_a_restart_and_a_newer_revision(city: Small, district: Small) -> None:
    city.catalog.import_csv(file(row("A1"), row("A2")), EDITOR)
    greet(district, city)
    send(city, district)
    fetch(district, city)
    fetch(district, city, limit=1)
    district.store.close()
    again = open_small(district.folder, district.clock)
    city.catalog.import_csv(file(row("A3")), EDITOR)
    exchange(again, city)
    assert set(again.catalog.items()) == {"A1", "A2", "A3"} and again.catalog.revision() == 2
    with again.store.reading() as view:
        assert not tables.pending(view.connection)


def test_a_late_newcomer_gets_the_present_state_through_every_tier(city: Small, district: Small, tmp_path: Path) -> None:
    city.catalog.import_csv(file(row("A1")), EDITOR)
    city.catalog.import_calendar((CONFIGS / "calendar" / "days-2024-2026.csv").read_bytes(), EDITOR)
    exchange(district, city)
    township = make_child(district, tmp_path / "township", TOWNSHIP, "township")
    exchange(township, district)
    assert set(township.catalog.items()) == {"A1"} and township.catalog.calendar().last_year == 2026


def test_an_overlay_holds_for_its_own_subtree_only(city: Small, district: Small, township: Small) -> None:
    city.catalog.import_csv(file(row("A1"), row("A2")), EDITOR)
    exchange(district, city)
    district.catalog.import_csv(file(row("A1", promised_limit_workdays="3", contact_phone="027-1"), row("D1")), EDITOR)
    exchange(township, district)
    exchange(district, city)
    for node, promise in ((city, 10), (district, 3), (township, 3)):
        item = node.catalog.item("A1")
        assert item is not None and item.promised_limit == promise
    assert set(township.catalog.items()) == {"A1", "A2", "D1"} and set(city.catalog.items()) == {"A1", "A2"}
    with pytest.raises(TongbanError, match=r"^import_failed"):
        district.catalog.import_csv(file(row("A1", promised_limit_workdays="15")), EDITOR)
    with pytest.raises(TongbanError, match=r"^import_failed"):
        district.catalog.import_csv(file(row("A2", name="别的名称")), EDITOR)


def test_an_overlay_moves_with_what_it_overlays(city: Small, district: Small, township: Small) -> None:
    city.catalog.import_csv(file(row("A1")), EDITOR)
    exchange(district, city)
    district.catalog.import_csv(file(row("A1", promised_limit_workdays="3", contact_phone="027-1")), EDITOR)
    city.catalog.import_csv(file(row("A1", name="残疾人证核发")), EDITOR)
    exchange(district, city)
    exchange(township, district)
    for node in (district, township):
        item = node.catalog.item("A1")
        assert item is not None and (item.name, item.promised_limit, item.contact) == ("残疾人证核发", 3, {"phone": "027-1"})
    assert verify(district.store)["ok"]


def test_an_item_of_a_lower_layer_is_pinned_by_a_case(city: Small, district: Small) -> None:
    district.catalog.import_csv(file(row("D1")), EDITOR)
    digest = district.catalog.item_hash("D1")
    exchange(district, city)
    assert city.catalog.item_version("D1", 1, digest) is None

    def want(tx: Tx) -> bool:
        return city.catalog.pin(tx, digest, tx.author_row(district.id))

    assert city.store.run(want) is False
    exchange(district, city)
    pinned = city.catalog.item_version("D1", 1, digest)
    assert pinned is not None and pinned.item_id == "D1"
    assert city.catalog.item("D1") is None and city.store.run(want) is True


BROKEN = [b"no json", b"{}", b'{"items":[{"item_id":"A1","version":1,"hash":"zz"}]}', b'{"items":[]}']


@pytest.mark.parametrize("manifest", BROKEN)
def test_a_manifest_that_cannot_be_read_changes_nothing(city: Small, district: Small, manifest: bytes) -> None:
    city.catalog.import_csv(file(row("A1")), EDITOR)
    exchange(district, city)

    def publish(tx: Tx) -> None:
        digest = tx.objects.put(manifest)
        tx.objects.refer(digest, "", city.id)
        tx.journal.append(Draft("published", "catalog", {"layer": city.id, "kind": "catalog", "revision": 9, "manifest": digest}))

    city.store.run(publish)
    exchange(district, city)
    assert set(district.catalog.items()) == {"A1"}
    city.catalog.import_csv(file(row("A2")), EDITOR)  # and later honest revisions still arrive
    exchange(district, city)


def test_only_layers_above_are_taken(city: Small, district: Small) -> None:
    """A layer is its author's; what a child publishes does not change its parent."""
    facts: Facts = {"layer": city.id, "kind": "catalog", "revision": 5, "manifest": bytes(32)}
    district.store.run(lambda tx: tx.journal.append(Draft("published", "catalog", facts)) and None)
    exchange(district, city)
    with city.store.reading() as view:
        assert not tables.pending(view.connection) and not tables.active(view.connection)


# speed ---------------------------------------------------------------------------------------------------------------


def test_looking_up_an_item_reads_nothing(city: Small) -> None:
    city.catalog.import_csv(file(row("A1")), EDITOR)
    first = city.catalog.snapshot()
    assert city.catalog.snapshot() is first and city.catalog.item("A1") is first.items["A1"]
    city.store.run(lambda tx: tx.journal.append(Draft("tested", "staff", {})) and None)
    assert city.catalog.snapshot() is first
    city.catalog.import_csv(file(row("A2")), EDITOR)
    assert city.catalog.snapshot() is not first


def test_an_overlay_made_while_a_new_version_above_waits_moves_with_it(city: Small, district: Small) -> None:
    """Tighter for ever: also when the city had announced something tighter still before the district wrote its own."""
    city.catalog.import_csv(file(row("A1")), EDITOR)
    later = row("A1", promised_limit_workdays="3", fee="不收费", effective_from="2026-04-01")
    city.catalog.import_csv(file(later), EDITOR)
    exchange(district, city)
    district.catalog.import_csv(file(row("A1", promised_limit_workdays="5", contact_phone="027-1")), EDITOR)
    now = district.catalog.item("A1")
    assert now is not None and (now.promised_limit, now.fee, now.contact) == (5, "", {"phone": "027-1"})
    again = district.catalog.import_csv(file(row("A1", promised_limit_workdays="5", contact_phone="027-1")), EDITOR)
    assert (again["changed"], again["unchanged"]) == (0, 1)
    district.clock.advance(40 * DAY)
    then = district.catalog.item("A1")
    assert then is not None and (then.promised_limit, then.fee, then.contact) == (3, "不收费", {"phone": "027-1"})
