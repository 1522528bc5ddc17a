"""决策分析: every figure against a slow and obvious count over what the cases themselves tell, and its list is exactly its cases."""

from __future__ import annotations

import csv
import datetime as dt
import itertools
import json
import os
import random
import statistics
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from node.domain.model import Actor, Role
from node.domain.supervision.analysis import DIMENSIONS, MEASURES, NOW, before, year_ago
from node.domain.supervision.analysis_documents import AnalysedCell, Analysis
from node.domain.words.errors import TongbanError
from node.services.supervision import analysis
from node.services.supervision.exporting import Exported
from node.store.fact_counts import KEYS, recount
from tests.services.test_charged import OVERSEER, PERSON, listed, rows_of
from tests.support.network import DAY, FOUR, Town, four_tiers

EXAMPLES = int(os.environ.get("TONGBAN_EXAMPLES", "0"))
CASES = max(26, EXAMPLES)
FORWARD = (
    "accept", "suspend", "resume", "offer_statement", "record_statement", "complete_step", "approve", "refuse",
    "receive", "decide_at_once", "hand_over", "conclude", "deliver",
)  # fmt: skip


@dataclass(frozen=True)
class Known:
    """A case as its acts tell it."""

    number: str
    item: str
    kind: str
    department: str
    origin: str
    filed: dt.date
    decider: str
    decided: dt.date | None
    decision: str
    days: int
    paused: int
    late: str  # on_time, late, unlimited; "" while undecided
    late_by: str  # who answers for a late decision: of the node of a code, or "unknown" for nobody


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """Cases of several items over some months, decided soon, late, after a stop, or not yet."""
    made, chance = four_tiers(tmp_path_factory.mktemp("analysis")), random.Random(7)
    kept: list[str] = []
    for n in range(CASES):
        name = chance.choice(("township", "township", "village", "district", "city"))
        items = [
            one for one, item in made[name].center.catalog.items().items() if made[name].center.place.tier in item.accept_levels
        ]
        kept.append(made.file(name, chance.choice([one for one in ("ZW007", "ZW001", *items[:6]) if one in items])))
        for case in chance.sample(kept, min(4, len(kept))):
            step(made, case, chance)
        made.world.advance(chance.choice((0, 1, 3, 9)) * DAY)
        if n % 3 == 0:
            made.heal()
    made.heal()
    yield made
    made.close()


def step(town: Town, case: str, chance: random.Random) -> None:
    for name in FOUR:
        for _ in range(chance.choice((1, 4))):
            try:
                offered = [one for one in town.offered(name, case) if one in FORWARD]
                if offered:
                    town.do(name, case, "refuse" if "refuse" in offered else chance.choice(offered))
            except TongbanError:
                break
    town.heal()


def known(town: Town, name: str) -> list[Known]:
    """What the acts of every case say, one by one."""
    center, found = town[name].center, []
    calendar, catalog = center.catalog.calendar(), center.catalog.items()
    late = {
        row["case_no"]: (measure, row["holder"]["node"] or "unknown") for measure in ("on_time", "late", "unlimited")
        for row in rows_of(town, name, f"/api/v1/oversight/cases?measure={measure}")
    }  # fmt: skip
    for row in rows_of(town, name, "/api/v1/oversight/cases?measure=filed"):
        told = center.oversight.case(row["case_no"], OVERSEER)
        item, acts = catalog[row["item_id"]], sorted(told["acts"], key=lambda one: one["version"])
        decided, (timely, by) = told["decided_at"], late.get(row["case_no"], ("", ""))
        if timely == "late":  # as the page of the case says it
            assert (told["case"]["was_late"][0]["holder"] or "unknown") == by
        days = paused = 0
        stops: list[tuple[str, str]] = []
        for act in acts:
            if act["action"] == "suspended":
                stops.append((str(act["at"])[:10], "9999"))
            if act["action"] == "resumed":
                stops[-1] = (stops[-1][0], str(act["at"])[:10])
        if decided:
            day, end = dt.date.fromisoformat(str(told["accepted_at"])[:10]), dt.date.fromisoformat(decided[:10])
            while day < end:
                day += dt.timedelta(days=1)
                if calendar.is_workday(day):
                    stood = any(first <= day.isoformat() <= last for first, last in stops)
                    days, paused = days + (not stood), paused + stood
        last = [act for act in acts if act["action"] in ("approved", "refused", "decided_at_once")]
        found.append(Known(
            row["case_no"], row["item_id"], item.case_type, item.department or "none", str(row["origin"]),
            dt.date.fromisoformat(str(told["filed_at"])[:10]), str(last[-1]["node"]) if decided else "",
            dt.date.fromisoformat(decided[:10]) if decided else None,
            ("refused" if last[-1]["action"] == "refused" else "approved") if decided else "", days, paused, timely,
            by if timely == "late" else "",
        ))  # fmt: skip
    return found


TIER = {code: tier for tier, code in FOUR.items()}
ORDER = list(FOUR)


def key(one: Known, dimension: str, place: str, day: dt.date, here: str) -> str:
    """Of a case in a dimension; `here` is the unit that is looked at."""
    if dimension in ("unit", "node", "tier") and place == "unknown":
        return place
    if dimension in ("unit", "node", "tier"):
        if dimension == "tier":
            return TIER[place]
        below = ORDER.index(TIER[place]) > ORDER.index(here)
        return FOUR[ORDER[ORDER.index(here) + 1]] if dimension == "unit" and below else place
    return {
        "item": one.item, "department": one.department, "kind": one.kind, "decision": one.decision, "month": f"{day:%Y-%m}",
        "quarter": f"{day.year}-Q{(day.month + 2) // 3}", "year": f"{day.year}", "": "",
    }[dimension]  # fmt: skip


def counted(
    cases: list[Known], measure: str, by: str, across: str, first: str, last: str, here: str
) -> dict[tuple[str, str], list[Known]]:
    """(row, column) -> the cases of what was filed or decided."""
    found = defaultdict(list)
    for one in cases:
        day = one.filed if measure == "filed" else one.decided
        fits = measure in ("filed", "decided", "workdays") or one.late == measure
        if day is not None and fits and (first or "0") <= day.isoformat() <= (last or "9"):
            place = one.origin if measure == "filed" else one.late_by if measure == "late" else one.decider
            found[key(one, by, place, day, here), key(one, across, place, day, here)].append(one)
    return found


def check_cell(town: Town, name: str, cell: AnalysedCell, measure: str, cases: list[Known]) -> None:
    assert cell["n"] == len(cases)
    assert (
        {row["case_no"] for row in rows_of(town, name, cell["list"])} == {one.number for one in cases}
        if cell["list"]
        else not cases
    )
    if measure != "workdays":
        assert cell["value"] == len(cases)
        return
    days = sorted(one.days for one in cases)
    assert cell["value"] == (round(sum(days) / len(days), 1) if days else None)
    assert cell["median"] == (statistics.median(days) if days else None)
    assert cell["p90"] == next((day for n, day in enumerate(days, 1) if n / len(days) >= 0.9), None)
    assert (cell["paused"], cell["stopped"]) == (sum(one.paused for one in cases), sum(one.paused > 0 for one in cases))
    assert cell["few"] is (len(cases) < 10)


def asked(town: Town, name: str, **given: str) -> Analysis:
    return town[name].center.analysis.of({one.rstrip("_"): text for one, text in given.items()}, OVERSEER)


def test_the_history_has_what_is_to_be_told_apart(town: Town) -> None:
    cases = known(town, "city")
    assert {one.late for one in cases} >= {"", "on_time", "late"} and {one.decision for one in cases} == {
        "",
        "approved",
        "refused",
    }
    assert any(one.paused for one in cases) and len({one.decided and one.decided.month for one in cases}) > 2
    assert len({one.kind for one in cases}) > 1 and len({one.decider for one in cases if one.decided}) > 1


@pytest.mark.parametrize("name", ["city", "district", "township"])
def test_every_figure_of_two_dimensions_is_the_slow_count_and_exactly_its_list(town: Town, name: str) -> None:
    chance, cases = random.Random(name), known(town, name)
    pairs = list(itertools.permutations(DIMENSIONS, 2))
    for measure in ("filed", "decided", "workdays", "on_time", "late", "unlimited"):
        fit = [pair for pair in pairs if measure != "filed" or "decision" not in pair]
        for by, across in chance.sample(fit, 5 + EXAMPLES):
            first, last = chance.choice((("", ""), ("2026-03-10", "2026-06-20"), ("2026-04-01", "")))
            wanted = counted(cases, measure, by, across, first, last, name)
            answer = asked(town, name, measure=measure, by=by, across=across, from_=first, to=last)
            shown = {(row["key"], column): cell for row in answer["rows"] for column, cell in row["cells"].items()}
            assert shown.keys() == wanted.keys(), (measure, by, across)
            for keys, cell in shown.items():
                check_cell(town, name, cell, measure, wanted[keys])
            for row in answer["rows"]:
                check_cell(
                    town,
                    name,
                    row["all"],
                    measure,
                    [one for keys, ones in wanted.items() if keys[0] == row["key"] for one in ones],
                )
            for column, cell in answer["total"]["cells"].items():
                check_cell(town, name, cell, measure, [one for keys, ones in wanted.items() if keys[1] == column for one in ones])
            everything = [one for ones in wanted.values() for one in ones]
            check_cell(town, name, answer["total"]["all"], measure, everything)
            assert answer["of"] == len(everything)


@pytest.mark.parametrize("by", ["unit", "item", "kind"])
def test_what_was_before_and_a_year_ago_is_the_same_count_of_other_days(town: Town, by: str) -> None:
    cases = known(town, "city")
    for first, last in (
        ("2026-05-01", "2026-05-31"),
        ("2026-04-01", "2026-06-30"),
        ("2026-04-07", "2026-04-20"),
        ("2027-03-01", "2027-06-30"),
    ):
        answer = asked(town, "city", measure="workdays", by=by, from_=first, to=last)
        for which in ("before", "year_ago"):
            days = answer["compared"]["before" if which == "before" else "year_ago"]
            if days is None:  # nothing can be known of days before the first filing
                moved = (before if which == "before" else year_ago)(dt.date.fromisoformat(first), dt.date.fromisoformat(last))
                assert moved[1] < min(one.filed for one in cases).replace(day=1)
                assert {row["before" if which == "before" else "year_ago"] is None for row in answer["rows"]} <= {True}
                continue
            wanted = counted(cases, "workdays", by, "", *days, "city")
            for row in answer["rows"]:
                cell = row["before" if which == "before" else "year_ago"]
                assert cell is not None
                check_cell(town, "city", cell, "workdays", wanted.get((row["key"], ""), []))


def test_a_month_is_compared_when_it_is_whole_and_over(town: Town) -> None:
    cases = known(town, "city")
    answer = asked(town, "city", measure="decided", by="month", from_="2026-03-15")
    wanted = counted(cases, "decided", "month", "", "", "", "city")
    today = str(answer["known_until"])[:7]
    for row in answer["rows"]:
        year, month = map(int, row["key"].split("-"))
        then = f"{year - (month == 1)}-{(month - 2) % 12 + 1:02}"
        if row["key"] in ("2026-03", today):
            assert row["before"] is None and row["year_ago"] is None
            continue
        assert row["year_ago"] is None or year > 2026
        assert row["before"] is not None
        check_cell(town, "city", row["before"], "decided", wanted.get((then, ""), []))
        if row["year_ago"] is not None:
            check_cell(town, "city", row["year_ago"], "decided", wanted.get((f"{year - 1}-{month:02}", ""), []))


def test_a_share_is_its_parts_and_each_part_its_list(town: Town) -> None:
    for measure, parts in (("in_time", ("on_time", "late", "overdue_open")), ("immediate", ("immediate", "filed"))):
        for by, across in (("unit", ""), ("kind", "month"), ("item", "unit"), ("tier", "kind")):
            answer = asked(town, "city", measure=measure, by=by, across=across)
            cells = [answer["total"]["all"], *(row["all"] for row in answer["rows"])]
            cells += [cell for row in answer["rows"] for cell in row["cells"].values()]
            for cell in cells:
                numbers = {one: part["n"] for one, part in cell["parts"].items()}
                for part in cell["parts"].values():
                    assert len(rows_of(town, "city", part["list"])) == part["n"] > 0
                whole = numbers.get("filed", 0) if measure == "immediate" else sum(numbers.values())
                assert cell["n"] == whole and cell["value"] == round(100 * numbers.get(parts[0], 0) / whole, 1)


def test_where_only_the_busiest_nodes_stand_by_themselves_the_sums_have_all(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(analysis, "MOST_NODES", 1)
    cases = known(town, "city")
    for measure, by, across in (
        ("workdays", "node", ""),
        ("decided", "node", "item"),
        ("workdays", "month", "node"),
        ("filed", "item", "node"),
    ):
        wanted = counted(cases, measure, by, across, "", "", "city")
        answer = asked(town, "city", measure=measure, by=by, across=across)
        nodes = {row["key"] for row in answer["rows"]} if by == "node" else set(answer["columns"])
        everything = [one for ones in wanted.values() for one in ones]
        assert len(nodes) == 1 and answer["left_out"] > 0 and answer["of"] == len(everything)
        check_cell(town, "city", answer["total"]["all"], measure, everything)
        for row in answer["rows"]:
            check_cell(
                town, "city", row["all"], measure, [one for keys, ones in wanted.items() if keys[0] == row["key"] for one in ones]
            )
            for column, cell in row["cells"].items():
                check_cell(town, "city", cell, measure, wanted[row["key"], column])


def test_what_is_so_now_is_what_the_lists_of_supervision_hold(town: Town) -> None:
    for measure in sorted(NOW):
        subject = "view" if measure == "open" else "measure"
        total = listed(town, "city", **{subject: measure})["total"]
        for by, across in (("node", "month"), ("item", "tier"), ("unit", "")):
            answer = asked(town, "city", measure=measure, by=by, across=across)
            assert answer["of"] == total and answer["compared"] == {"before": None, "year_ago": None}
            for row in answer["rows"]:
                for cell in (row["all"], *row["cells"].values()):
                    assert len(rows_of(town, "city", cell["list"])) == cell["n"] > 0


def test_filters_narrow_the_figures_and_their_lists_alike(town: Town) -> None:
    cases = known(town, "city")
    chosen = max({one.department for one in cases if one.decided}, key=lambda word: sum(one.department == word for one in cases))
    for given in ({"under": FOUR["district"]}, {"item": "ZW007"}, {"kind": "commitment"}, {"department": chosen}):
        fit = [
            one for one in cases
            if given.get("item", one.item) == one.item and given.get("kind", one.kind) == one.kind
            and given.get("department", one.department) == one.department and ("under" not in given or one.decider != FOUR["city"])
        ]  # fmt: skip
        answer = asked(town, "city", measure="workdays", by="unit", across="item", **given)
        wanted = counted(fit, "workdays", "unit", "item", "", "", "district" if "under" in given else "city")
        shown = {(row["key"], column): cell for row in answer["rows"] for column, cell in row["cells"].items()}
        assert shown.keys() == wanted.keys()
        for keys, cell in shown.items():
            check_cell(town, "city", cell, "workdays", wanted[keys])


def test_every_measure_by_every_dimension_is_answered_or_refused_by_name(town: Town) -> None:
    for measure, by in itertools.product(MEASURES, DIMENSIONS):
        given = {"measure": measure, "by": by, "across": "month" if by != "month" else ""}
        if by == "decision" and measure in ("filed", "immediate", "in_time", *NOW):
            with pytest.raises(TongbanError) as caught:
                asked(town, "city", **given)
            assert caught.value.fields == {"by": "not_a_choice"}
        else:
            assert asked(town, "township", **given)["measure"] == measure


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"measure": "persons"}, "measure"), ({"by": "name"}, "by"), ({"by": "item", "across": "item"}, "across"), ({"across": "x"}, "across"),
        ({"from": "yesterday"}, "from"), ({"from": "2026-05-02", "to": "2026-05-01"}, "to"), ({"under": "999"}, "under"), ({"q": "x"}, "q"),
    ],
)  # fmt: skip
def test_wrong_questions_name_their_field(town: Town, given: Mapping[str, str], field: str) -> None:
    with pytest.raises(TongbanError) as caught:
        town["city"].center.analysis.of(given, OVERSEER)
    assert caught.value.code == "invalid_input" and set(caught.value.fields) == {field}
    with pytest.raises(TongbanError, match=r"^forbidden"):
        town["city"].center.analysis.of(given, Actor("s-clerk", Role.CLERK))


def test_periods_that_are_compared() -> None:
    def days(first: str, last: str) -> list[str]:
        begin, end = dt.date.fromisoformat(first), dt.date.fromisoformat(last)
        return [f"{one}..{other}" for one, other in (before(begin, end), year_ago(begin, end))]

    assert days("2026-11-01", "2026-11-30") == ["2026-10-01..2026-10-31", "2025-11-01..2025-11-30"]
    assert days("2026-03-01", "2026-03-31") == ["2026-02-01..2026-02-28", "2025-03-01..2025-03-31"]
    assert days("2026-11-01", "2026-11-18") == ["2026-10-01..2026-10-18", "2025-11-01..2025-11-18"]
    assert days("2026-01-01", "2026-12-31") == ["2025-01-01..2025-12-31"] * 2
    assert days("2028-02-01", "2028-02-29") == ["2028-01-01..2028-01-31", "2027-02-01..2027-02-28"]
    assert days("2026-11-10", "2026-11-16") == ["2026-11-03..2026-11-09", "2025-11-10..2025-11-16"]


# export -------------------------------------------------------------------------------------------------------------------


def export(town: Town, folder: Path, kind: str) -> list[Exported]:
    exporting = town["city"].center.exporting
    return [exporting.month(month, folder, kind, OVERSEER) for month in exporting.months(folder, kind, OVERSEER)]


def test_exported_facts_are_the_cases_without_anything_of_a_person(town: Town, tmp_path: Path) -> None:
    done = export(town, tmp_path, "csv")
    lines = [line for one in done for line in csv.DictReader((tmp_path / one["file"]).open(encoding="utf-8", newline=""))]
    told = {one.number: one for one in known(town, "city")}
    assert len(lines) == len(told) == sum(one["cases"] for one in done) and len(done) > 2
    for line in lines:
        case = told[line["case_no"]]
        assert (line["item_id"], line["kind"], line["filed_on"]) == (case.item, case.kind, case.filed.isoformat())
        assert (line["filed_at"], line["decided_by"], line["decision"]) == (case.origin, case.decider, case.decision)
        assert line["decided_on"] == (case.decided.isoformat() if case.decided else "") and line["in_time"] == case.late.replace(
            "on_", "in_"
        )
        assert line["late_by"] == case.late_by.replace("unknown", "")
        assert not case.decided or (int(line["workdays"]), int(line["paused_workdays"])) == (case.days, case.paused)
    text = "".join((tmp_path / one["file"]).read_text("utf-8") for one in done)
    assert not any(part in text for part in PERSON)


def test_an_export_writes_only_the_months_that_changed(town: Town, tmp_path: Path) -> None:
    first = export(town, tmp_path, "csv")
    assert all(one["written"] for one in first) and not any(one["written"] for one in export(town, tmp_path, "csv"))
    (tmp_path / first[0]["file"]).unlink()
    stale = tmp_path / "facts-1999-01.csv"
    stale.write_text("left over")
    manifest = json.loads((tmp_path / "facts.json").read_text("utf-8"))
    manifest["files"][stale.name] = "x"
    (tmp_path / "facts.json").write_text(json.dumps(manifest), "utf-8")
    assert [one["file"] for one in export(town, tmp_path, "csv") if one["written"]] == [first[0]["file"]] and not stale.exists()
    with pytest.raises(TongbanError, match=r"^invalid_input"):
        export(town, tmp_path, "xml")
    with pytest.raises(TongbanError, match=r"^cannot_write"):
        export(town, tmp_path / first[0]["file"], "csv")
    with pytest.raises(TongbanError, match=r"^forbidden"):
        town["city"].center.exporting.months(tmp_path, "csv", Actor("s-clerk", Role.CLERK))


def test_parquet_gives_the_same_answers(town: Town, tmp_path: Path) -> None:
    pytest.importorskip("duckdb", reason="the extra analysis (DuckDB) is not installed: nothing is compared")
    analysing, folder = town["city"].center.analysis, tmp_path / "it's"
    with pytest.raises(TongbanError, match=r"^not_found"):
        analysing.of({}, OVERSEER, folder)
    assert all(one["written"] for one in export(town, folder, "parquet"))
    assert not any(one["written"] for one in export(town, folder, "parquet"))
    narrow: tuple[dict[str, str], ...] = (
        {}, {"under": FOUR["district"]}, {"item": "ZW007"}, {"kind": "commitment", "from": "2026-04-05"}, {"department": "none"},
        {"from": "2026-05-01", "to": "2026-05-31"},
    )  # fmt: skip
    seen = 0
    for n, (measure, by) in enumerate(itertools.product(MEASURES, DIMENSIONS)):
        across = DIMENSIONS[(n * 7) % len(DIMENSIONS)]
        given = {"measure": measure, "by": by, "across": across if across != by else "", **narrow[n % len(narrow)]}
        try:
            answer = analysing.of(given, OVERSEER)
        except TongbanError:
            continue  # a decision of what is not decided
        assert analysing.of(given, OVERSEER, folder) == answer, given
        seen += answer["of"] > 0
    assert seen > 40


def test_the_counts_beside_the_facts_are_what_a_recount_says(town: Town) -> None:
    for name in FOUR:
        store, kept = town[name].center.store, []
        for again in (False, True):
            if again:
                store.run(lambda tx: recount(tx.connection))
            with store.reading() as view:
                kept.append(
                    [view.connection.execute(f"SELECT * FROM {table} ORDER BY 1, 2, 3, 4, 5").fetchall() for table in KEYS]
                )
                facts = view.connection.execute(
                    "SELECT count(*) FILTER (WHERE filed>0), count(*) FILTER (WHERE decided>0),"
                    " count(*) FILTER (WHERE late=1 AND decided>0) FROM facts"
                ).fetchone()
                sums = [tuple(view.connection.execute(f"SELECT sum(n) FROM {table} GROUP BY what").fetchall()) for table in KEYS]
        assert kept[0] == kept[1] and set(sums) == {tuple((n,) for n in facts if n)}, name
        assert town[name].center.upkeep.verify(False)["ok"] is True
