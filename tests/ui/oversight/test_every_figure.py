"""A crawler: every figure that whoever supervises is shown, at every tier, is a link to exactly the rows it counts, on the page, in CSV, in
Excel and on paper; each of them says its filter and its "as of" in words."""

from __future__ import annotations

import csv
import html
import io
import itertools
import re
import zipfile
from collections.abc import Iterator
from xml.etree import ElementTree

import pytest

from edge_ui.web.city.counts import BY, COUNTED
from node.domain.figures import MONITORS
from node.domain.model import Role
from node.domain.reports.columns import AGENCY
from tests.network.test_heard import MINUTE, pass_time
from tests.services.test_charged import furnish
from tests.services.test_desk import to_next_month, turned_down
from tests.support.network import AGENT
from tests.ui.oversight.test_appeals import heard
from tests.ui.oversight.test_oversight_pages import PERSON, links, rows_behind, words
from tests.ui.real import NAMES, Site
from tests.ui.wire import Client

LISTS = (
    "/oversight?",
    "/oversight/findings?",
    "/oversight/signals?",
    "/oversight/items?",
    "/oversight/report/cases?",
    "/oversight/report/signals?",
)
ANALYSES = (
    "measure=filed&by=item&across=month", "measure=workdays&by=node&across=kind", "measure=in_time&by=unit", "measure=immediate&by=tier",
    "measure=open&by=unit&across=item",
)  # fmt: skip
_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_LINK = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"


@pytest.fixture(scope="module")
def told(site: Site) -> Site:
    """Cases of every kind over two months, cards, an appeal and orders, one unit silent."""
    town = site.town
    turned_down(town, "township")
    to_next_month(town)
    town.do("township", town.file("township", "ZW135"), "accept")
    furnish(town)
    town.heal()
    supervised(site)
    turned_down(town, "township")
    case = town.file("township", "ZW007")
    town.do("township", case, "accept")
    town.act("township", case, "assign", site.actor("township", "director"), staff_id=site.actor("township", "examiner").staff_id)
    case = town.file("village")
    town.act("village", case, "hand_over")
    town.heal()
    town.act("village", case, "remind", AGENT)
    town.heal()
    site.center("township").disclosing.tick()
    site.center("city").store.run(lambda tx: tx.finding(town["village"].id, "gap", "epoch 1 seq 9"))
    town.lines["village"].cut()
    town.act("village", town.file("village"), "hand_over")
    pass_time(town, 70 * MINUTE, 10 * MINUTE)
    return site


def supervised(site: Site) -> None:
    """The cards of the weeks before are served; one is appealed against; an order about a case is answered, one is not."""
    town, head = site.town, site.actor("township", "director")
    heard(town)
    to, above, below = town.code("township"), site.center("district").orders, site.center("township").orders
    for _ in range(2):
        order = above.draft({"to": to, "demand": "请说明超期原因"}, site.actor("district", "overseer"))["order_id"]
        above.act(order, "sign", {}, site.actor("district", "overseer"))
    town.heal()
    reply = {"result": "已办结", "cause": "休假", "responsible": "刘洋", "measures": "设AB岗"}
    for action, given in (("receive", {}), ("reply", reply)):
        below.act(order, action, given, head)
    card = site.center("township").cards.listed({"rung": "yellow", "node": to}, head)["cards"][0]
    site.center("township").appeals.file(card["signal_id"], {"ground": "outage", "text": "停电"}, head)
    town.heal()


def pages(site: Site, name: str) -> Iterator[tuple[str, str]]:
    """(page, its table as a file without the kind) of everything that shows figures, at one node."""
    yield "/oversight", "/oversight/desk."
    for node in site.center(name).oversight.nodes(site.actor(name, "overseer"))["nodes"]:
        yield f"/oversight/units?at={node['code']}&days=1", "/oversight/units."
    for narrowed in (f"under={site.town.code('township')}", "kind=commitment", "item=ZW135"):
        yield f"/oversight?{narrowed}", "/oversight/desk."
    unfolded = ",".join(site.town.code(one) for one in ("district", "township"))
    yield f"/oversight/units?at={site.town.code(name)}&open={unfolded}&days=1", "/oversight/units."
    for one in MONITORS:
        yield f"/oversight/monitors/{one}", f"/oversight/monitor-{one}."
    for measure in COUNTED:
        for by in BY:
            yield f"/counts?measure={measure}&by={by}", "/counts."
    for asked in ANALYSES:
        yield f"/oversight/analysis?{asked}&period=all", "/oversight/analysis."
    yield "/oversight/analysis?measure=filed&by=item", "/oversight/analysis."
    yield "/oversight/shares", "/oversight/shares."
    reports, overseer = site.center(name).reports, site.actor(name, "overseer")
    for month in reports.report({}, overseer)["months"][:2]:
        if any(reports.report({"month": month}, overseer)["tables"]["cases"]["lists"].values()):  # a nil report has no figures
            for table in ("cases", "signals", "agency"):
                yield f"/oversight/report?month={month}", f"/oversight/report-{table}."
    yield "/network", ""
    for view in ("open", "overdue", "drawn"):
        for row in site.center(name).oversight.cases({"view": view}, site.actor(name, "overseer"))["cases"][:5]:
            yield f"/oversight/cases/{row['case_no']}", ""
    for path in ("/oversight/signals", "/orders", "/reminders"):
        yield path, ""


def figures(page: str) -> dict[str, int]:
    """Address -> number, of the figures of a page (a case number is none)."""
    found: dict[str, int] = {}
    for prefix in LISTS:
        for url, n in links(page, prefix):
            assert found.setdefault(url, n) == n, url
    return {url: n for url, n in found.items() if "=" in url and not url.startswith("/oversight/findings?cursor")}


def excel(data: bytes) -> tuple[list[list[str]], dict[str, str]]:
    """The rows of the first sheet, and cell -> address."""
    book = zipfile.ZipFile(io.BytesIO(data))
    shared = [
        "".join(part.text or "" for part in one.iter(_MAIN + "t"))
        for one in ElementTree.fromstring(book.read("xl/sharedStrings.xml"))
    ]
    sheet = ElementTree.fromstring(book.read("xl/worksheets/sheet1.xml"))
    rows = []
    for row in sheet.iter(_MAIN + "row"):
        cells = []
        for cell in row:
            value = cell.find(_MAIN + "v")
            text = value.text or "" if value is not None else ""
            cells.append(shared[int(text)] if cell.get("t") == "s" and text else text)
        rows.append(cells)
    targets = {}
    if "xl/worksheets/_rels/sheet1.xml.rels" in book.namelist():
        targets = {
            one.get("Id"): one.get("Target") for one in ElementTree.fromstring(book.read("xl/worksheets/_rels/sheet1.xml.rels"))
        }
    return rows, {str(one.get("ref")): str(targets[one.get(_LINK)]) for one in sheet.iter(_MAIN + "hyperlink")}


def excel_figures(data: bytes) -> dict[str, int]:
    """Address -> number."""
    sheet = ElementTree.fromstring(zipfile.ZipFile(io.BytesIO(data)).read("xl/worksheets/sheet1.xml"))
    values = {cell.get("r"): cell for cell in sheet.iter(_MAIN + "c")}
    found = {}
    for place, url in excel(data)[1].items():
        value = values[place].find(_MAIN + "v")
        if values[place].get("t") is None and value is not None:
            assert url.startswith("http://127.0.0.1:")
            found["/" + url.split("/", 3)[3]] = int(value.text or "0")
    return found


def csv_lines(data: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"))))


def csv_figures(data: bytes) -> dict[str, int]:
    """Address -> number: the columns of addresses stand at the end, in the order of the columns of figures."""
    found: dict[str, int] = {}
    lines = csv_lines(data)
    head = next(line for line in lines if any(one.endswith("的明细") for one in line))
    lines = [*itertools.takewhile(bool, lines[lines.index(head) :])]  # below an empty line stands what is no table
    for n, word in enumerate(head):
        if word.endswith("的明细"):
            column = head.index(word.removesuffix("的明细"))
            found |= {line[n]: int(line[column]) for line in lines[lines.index(head) + 1 :] if len(line) > n and line[n]}
    return found


def table_rows(lines: list[list[str]]) -> list[list[str]]:
    """What stands below the head of a list."""
    start = next(n for n, line in enumerate(lines) if line and line[0] in ("办件编号", "时间", "日期", "事项编码"))
    return [line for line in lines[start + 1 :] if line]


def check_list(client: Client, url: str, n: int) -> None:
    """The list behind a figure has exactly so many rows, in every output, and says what it is."""
    assert rows_behind(client, url) == n, url
    path, _, query = url.partition("?")
    named = path if path != "/oversight" else "/oversight/cases"
    table = client.get(f"{named}.csv?{query}")
    lines = csv_lines(table.body)
    assert (table.status, len(table_rows(lines))) == (200, n), url
    assert len(table_rows(excel(client.get(f"{named}.xlsx?{query}").body)[0])) == n, url
    paper = client.get(f"{named}.print?{query}").text
    assert paper.partition("<tbody>")[2].partition("</tbody>")[0].count("<tr>") == n, url
    title, about = lines[0][0], [line[0] for line in lines[1:] if len(line) == 1]
    assert f"共 {n} " in title and any(line.startswith("数据截至 ") for line in about), url
    narrowed = [one for one in query.split("&") if one.partition("=")[0] not in ("view", "measure")]
    assert not narrowed or "未筛选" not in about, url
    for line in about:
        assert line in words(paper), url
    assert not any(part in table.text or part in paper for part in PERSON)


@pytest.mark.parametrize("name", NAMES)
def test_every_figure_is_exactly_its_rows_in_every_output(told: Site, name: str) -> None:
    overseer, director = told.client(name, "overseer"), told.client(name, "director")
    done, looked, shown, lists = dict[str, int](), "", dict[str, int](), set[tuple[str, str]]()
    for page, table in pages(told, name):
        told.ticks.at += 5
        if page != looked:  # of a report with three tables once
            answer, looked = overseer.get(page), page
            assert answer.status == 200, page
            shown = figures(answer.text)
            assert figures(director.get(page).text) == shown, page
        if table:
            query = page.partition("?")[2]
            files = {kind: overseer.get(f"{table}{kind}?{query}") for kind in ("csv", "xlsx", "print")}
            assert {one.status for one in files.values()} == {200}, page
            figured = {kind: made(files[kind].body) for kind, made in (("csv", csv_figures), ("xlsx", excel_figures)) if shown}
            figured["print"] = figures(files["print"].text)
            for kind, found in figured.items():
                assert {url: n for url, n in shown.items() if n and _of_table(page, table, url)}.items() <= found.items(), (
                    page,
                    kind,
                )
            about = words(files["print"].text)
            assert "数据截至" in about, page
        for url, n in shown.items():
            assert done.setdefault(url, n) == n, (page, url)
    assert len(done) > 20
    signals = {url.rpartition("column=")[2] for url in done if "/report/signals?" in url}
    assert name == "village" or signals >= {"warn", "yellow", "time", "appeals", "orders", "replied_in_time"}, signals
    assert name == "village" or any(url.endswith("column=registered") for url in done)
    assert any("staff=" in url for url in done) is (name in ("district", "township")) and any("from=" in url for url in done)
    assert any(url.startswith("/oversight/signals?rung=") for url in done)
    for url, n in done.items():
        told.ticks.at += 5
        of_month = "&from=" in url
        of = url.partition("?")[0], url.partition("&")[0] if of_month else url.rpartition("column=")[2]
        if ("/report/" in url or of_month) and of in lists:  # its files were looked at, for another unit or month
            assert rows_behind(overseer, url) == n, url
            continue
        lists.add(of)
        check_list(overseer, url, n)
        said = re.search(r'role="status">\s*共 (\d+)', director.get(url).text)
        assert said is not None and int(said[1]) == n, url


def entries(client: Client, url: str) -> tuple[int, int]:
    """(entries, total that is said) of a list of signals, orders or reminders over all its pages."""
    count, said = 0, -1
    while url:
        answer = client.get(url)
        assert answer.status == 200, url
        part = answer.text.partition('role="status"')[2]
        said = int(re.findall(r"共 (\d+)", part)[0])
        rows = part.partition("<tbody>")[2].partition("</tbody>")[0].count("<tr>")
        count += rows or part.count('<li><b class="tag')
        following = re.search(r'rel="next" href="([^"]*)"', answer.text)
        url = html.unescape(following[1]) if following else ""
    return count, said


def test_what_a_supervisor_is_told_waits_is_the_list_of_what_waits(told: Site) -> None:
    told.ticks.at += 600
    above, below = told.client("district", "overseer"), told.client("township", "director")
    case = told.center("district").oversight.cases({"view": "open"}, told.actor("district", "overseer"))["cases"][0]["case_no"]
    to = told.center("township").place.code
    for _ in range(3):
        assert above.form("/orders/new", "/orders/new", case_no=case, to=to, demand="请说明", sign="1").status == 303
    asked = {"what": "volunteer", "to": to, "source": "代表", "text": "请整改"}
    assert above.form("/reminders/new?what=volunteer", "/reminders/new", **asked).status == 303
    told.heal()
    for path, waits, n in (("/orders", 3 + 1, 3 + 2), ("/reminders", 1, 1)):  # with those of before, of which one was answered
        page = below.get(f"{path}?box=received").text
        tab = re.search(rf'href="{path}\?box=received"[^>]*>.*?</a>', page, re.S)
        assert tab is not None and re.findall(r"\d+", words(tab[0])) == [str(waits)], path
        assert entries(below, f"{path}?box=received") == (n, n)
    assert entries(above, "/orders?box=sent")[0] >= 3 and entries(above, "/reminders?box=sent")[0] >= 1
    for client, path in ((above, "/orders"), (above, "/reminders"), (below, "/orders"), (below, "/reminders")):
        found = sorted(set(re.findall(rf'href="({path}\?box=\w+)"', client.get(path).text)))
        assert len(found) == 3, (path, found)
        for url in found:
            count, said = entries(client, url)
            assert count == said, url


def _of_table(page: str, table: str, url: str) -> bool:
    """Of the desk only the figures of the views are its table; its units have their own. A report has three."""
    if page.startswith("/oversight/report"):
        of_signals, column = "/report/signals?" in url, url.rpartition("column=")[2]
        return table.endswith("signals." if of_signals else "agency." if column in AGENCY else "cases.")
    if page.startswith("/oversight/units"):  # posts, people, months and the unit with all below it stand beside its table
        at = page.partition("at=")[2].partition("&")[0]
        return not any(one in url for one in ("step=", "staff=", "from=")) and not url.endswith(f"under={at}")
    of_desk = page.partition("?")[0] == "/oversight" and page.partition("?")[2] not in url
    return not (of_desk or (page == "/oversight" and any(one in url for one in ("under=", "holder=", "node="))))


@pytest.mark.parametrize("name", NAMES)
def test_whoever_only_counts_gets_the_figures_without_their_lists(told: Site, name: str) -> None:
    told.ticks.at += 600
    client = told.client(name, "admin")
    for kind in ("csv", "xlsx", "print"):
        answer = client.get(f"/counts.{kind}?measure=overdue&by=node")
        assert answer.status == 200
        if kind == "csv":
            assert "/oversight" not in answer.text
        elif kind == "xlsx":
            assert excel(answer.body)[1] == {}
        else:
            assert figures(answer.text) == {}
        for table in ("cases", "units", "findings", "desk", "monitor-time"):
            assert client.get(f"/oversight/{table}.{kind}").status == 403, table
    assert told.client(name).get("/oversight/cases.csv").status == 303
    assert told.client(name, str(Role.OVERSEER)).get("/oversight/cases.exe").status == 404


def test_a_workbook_keeps_what_people_wrote(told: Site) -> None:
    """No text becomes a formula, and no character breaks the file."""
    from edge_ui.shared.sheets import Linked, Sheet, as_csv, as_excel

    odd = ["=1+1", "-3", "\x00\x0b\ud800", "𠮷·ٱلنص", "a" * 40_000, "http://elsewhere"]
    sheet = Sheet("题", ["于"], ["一", "二"], [[one, Linked(3, "/oversight?view=open")] for one in odd])
    rows, found = excel(as_excel(sheet, "http://127.0.0.1:1"))
    assert [row[0] for row in rows[-6:]][:2] == ["=1+1", "-3"] and [row[1] for row in rows[-6:]] == ["3"] * 6
    assert set(found.values()) == {"http://127.0.0.1:1/oversight?view=open"}
    assert "'=1+1" in as_csv(Sheet("题", [], ["一"], [["=1+1"]]), "{column}").decode("utf-8-sig")
