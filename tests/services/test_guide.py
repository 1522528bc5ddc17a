"""The search of the guide on a real store: words of any length, names first, hostile words, a changed catalog, a broken index."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from node.domain.model import Actor, Role
from node.domain.words.errors import TongbanError
from node.services.cases.context import Rules
from node.services.public.guide import RETRY_MS, GuideService, process
from node.store import guide as sql
from node.store.catalog import Snapshot
from node.store.store import Tx
from tests.services.nodes import HandClock, Small, make_root
from tests.services.test_catalog_service import file, row

CONFIGS = Path(__file__).resolve().parents[2] / "configs"
EDITOR = Actor("s-editor", Role.CATALOG_EDITOR)


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def city(tmp_path: Path, clock: HandClock) -> Small:
    made = make_root(tmp_path / "city", clock)
    made.catalog.import_csv((CONFIGS / "catalog" / "items-detailed.csv").read_bytes(), EDITOR)
    return made


@pytest.fixture
def guide(city: Small) -> GuideService:
    return GuideService(city.store, Rules(city.store, city.catalog))


def names(guide: GuideService, q: str) -> list[str]:
    return [item["name"] for item in guide.found(q)["items"]]


@pytest.mark.parametrize(
    "q", ["照", "护照", "身份证", "户口登记", "老年人优待", "ZW008", "zw00", "511A0116400001", "护照签发", "签 护照"]
)
def test_words_of_every_length_are_found(guide: GuideService, q: str) -> None:
    assert names(guide, q)


def test_every_item_is_found_by_its_name_and_by_any_part_of_it(city: Small, guide: GuideService) -> None:
    for item_id, item in city.catalog.items().items():
        found = [one["item_id"] for one in guide.found(item.name)["items"]]
        assert item_id in found, item.name
        for length in (1, 2, 3, 4):
            part = item.name[1 : 1 + length]
            if sql.spaced(part):
                assert item_id in [one["item_id"] for one in guide.found(part)["items"]], part


def test_what_was_found_as_a_substring_of_names_is_still_found(city: Small, guide: GuideService) -> None:
    for word in ("居住证", "登记", "医疗", "证", "补贴"):
        wanted = {key for key, item in city.catalog.items().items() if word in item.name}
        assert wanted <= {one["item_id"] for one in guide.found(word)["items"]}


def test_names_stand_before_what_fits_elsewhere(guide: GuideService) -> None:
    found = names(guide, "身份证")
    fits = ["身份证" in name for name in found]
    assert fits[0] and not fits[-1] and fits == sorted(fits, reverse=True)


def test_all_words_must_fit(guide: GuideService) -> None:
    both = names(guide, "生育 登记")
    assert both and set(both) <= set(names(guide, "生育")) & set(names(guide, "登记"))
    assert names(guide, "护照 消防验收") == []


@pytest.mark.parametrize(
    "q",
    ['"', "'", "*", "护照*", '"护照', "护照 OR", "NOT 护照", "AND", "name:护照", "护照)", "(", "^护照", "-护照", "NEAR(护 照)", "\x00护照", "%", "_",
     "护照; DROP TABLE guide", "𠮷", "\U0010ffff", "é", "護照\ud800", "+", "{name} : 护"],
)  # fmt: skip
def test_no_word_breaks_the_search(guide: GuideService, q: str) -> None:
    assert guide.page(q)["state"] in ("found", "similar", "none", "odd")
    guide.found(q)
    assert names(guide, "护照")


def test_what_the_page_says(guide: GuideService) -> None:
    everything = guide.page("")
    assert everything["state"] == "all" and len(everything["rows"]) == 20 and everything["pages"] == -(-everything["total"] // 20)
    seen = [row["item_id"] for n in range(1, everything["pages"] + 1) for row in guide.page("  ", n)["rows"]]
    assert len(seen) == len(set(seen)) == everything["total"]
    assert guide.page("", 10**9)["page"] == everything["pages"] and guide.page("", -1)["page"] == 1
    assert guide.page("护" * 61)["state"] == "long"
    assert guide.page("?!%")["state"] == "odd"
    assert guide.page("qqqq")["state"] == "none"
    near = guide.page("怎么办护照")
    assert near["state"] == "found" and "护照" in near["rows"][0]["name"]
    assert guide.page("社呆卡")["state"] == "similar" and "社会保障卡" in guide.page("社呆卡")["rows"][0]["name"]
    assert guide.page("护照")["state"] == "found"


def test_a_changed_catalog_is_seen(city: Small, guide: GuideService, clock: HandClock) -> None:
    assert names(guide, "龙舟") == []
    city.catalog.import_csv(file(row("B1", name="龙舟竞渡活动备案")), EDITOR)
    assert names(guide, "龙舟") == ["龙舟竞渡活动备案"]
    city.catalog.import_csv(file(row("B1", name="龙灯活动备案")), EDITOR)
    assert names(guide, "龙舟") == [] and names(guide, "龙灯") == ["龙灯活动备案"]
    assert GuideService(city.store, Rules(city.store, city.catalog)).found("龙灯")["items"], "the index is used by the next start"


def test_an_item_that_starts_later_is_found_from_that_day(city: Small, guide: GuideService, clock: HandClock) -> None:
    city.catalog.import_csv(file(row("B2", name="采莲船演出登记", effective_from="2026-03-04")), EDITOR)
    assert names(guide, "采莲船") == []
    clock.advance(3 * 86_400_000)
    assert names(guide, "采莲船") == ["采莲船演出登记"]


def test_the_index_is_made_once(city: Small, guide: GuideService, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[int] = []
    real = guide._rebuild

    def counted(tx: Tx, snapshot: Snapshot, source: bytes) -> None:
        made.append(1)
        real(tx, snapshot, source)

    monkeypatch.setattr(guide, "_rebuild", counted)
    for q in ("护照", "登记", "护照"):
        guide.found(q)
    GuideService(city.store, Rules(city.store, city.catalog)).found("护照")
    assert made == [1]


def test_a_disk_that_takes_nothing_leaves_the_plain_search(city: Small, guide: GuideService, clock: HandClock) -> None:
    city.store.run(lambda tx: tx.connection.execute("PRAGMA query_only=1"))
    try:
        assert "普通护照签发" in names(guide, "护照") and guide.page("护照 签发")["state"] == "found"
        assert names(guide, "没有这样的词") == [] and guide.page("怎么办护照")["state"] == "found"
        assert "户口迁移审批" in names(guide, "准予迁入证明"), "what stands in a list of materials"
    finally:
        city.store.writer.tx.connection.execute("PRAGMA query_only=0")
    guide.page("护照")
    assert guide._made_from() == b"", "not tried again within a minute"
    clock.advance(RETRY_MS)
    guide.page("护照")
    assert guide._made_from() != b""


def test_a_full_disk_leaves_the_plain_search(city: Small, guide: GuideService, clock: HandClock) -> None:
    connection = city.store.writer.tx.connection
    pages = connection.execute("PRAGMA page_count").fetchone()[0]
    connection.execute(f"PRAGMA max_page_count={pages}")
    assert "普通护照签发" in names(guide, "护照") and guide._made_from() == b""
    connection.execute(f"PRAGMA max_page_count={pages + 10_000}")
    clock.advance(RETRY_MS)
    assert "普通护照签发" in names(guide, "护照") and guide._made_from() != b""


def test_without_fts5_the_plain_search_answers(city: Small, guide: GuideService) -> None:
    city.store.run(lambda tx: tx.connection.execute("DROP TABLE guide"))
    assert "普通护照签发" in names(guide, "护照")


def test_the_table_is_left_out_where_sqlite_has_no_fts5() -> None:
    class Without(sqlite3.Connection):
        def execute(self, *_: object) -> sqlite3.Cursor:
            raise sqlite3.OperationalError("no such module: fts5")

    sql.create(sqlite3.connect(":memory:", factory=Without))


def test_an_item_is_disclosed_with_its_process(guide: GuideService) -> None:
    found = guide.item("ZW063")
    assert [step["step"] for step in found["process"]] == ["apply", "accept", "special", "decide", "deliver"]
    assert found["process"][2]["days"] == 7 and found["materials"][0]["name"] == "申请表"
    with pytest.raises(TongbanError) as refused:
        guide.item("ZW999")
    assert refused.value.code == "not_found"


def test_every_process_begins_and_ends(city: Small) -> None:
    for item in city.catalog.items().values():
        steps = [one["step"] for one in process(item)]
        assert steps[0] in ("apply", "apply_near") and steps[1] == "accept" and steps[-1] in ("deliver", "at_once")
        assert ("refer" in steps) == ("first" in steps)
