"""What an input accepts every paper can show: each paper, each free field, at its limit, at a hundred line breaks, in any script."""

from __future__ import annotations

import re
from pathlib import Path

import pypdfium2
import pytest
from tornado.template import Loader

import edge_ui
from edge_ui.papers.lines import printable, wrap
from edge_ui.papers.page import PaperPage
from edge_ui.papers.pdf import Sheet
from node.domain.papers.documents import PaperDocument
from node.domain.papers.papers import BUILT, KINDS
from node.domain.papers.templates import FIELDS, LISTS, Filling, compose, fill
from node.services.catalog.paper_library import built_in
from tests.ui.real import Site

TEXTS = {
    "at its limit": "补正内容之一二三四五六七八九十" * 133 + "末尾五字",
    "a hundred lines": "\n".join(f"第{n}行：请补正这一项" for n in range(1, 101)),
    "a hundred empty lines": "始" + "\n" * 100 + "终",
    "line ends of all kinds": "始\r\n一\r二\u2028三\u2029四\t五" + "\r\n" * 50 + "终",
    "one word": "W" * 1999 + "Z",
    "rare characters": "\U0002a6d6\U00020bb7\U0003106c𠮷䶮" * 80 + "终",
    "middle dots": "阿依古丽·买买提‧艾力⋅吐尔逊∙阿不都ᐧ热⸱依木" * 40 + "终",
    "emoji": "👩‍👩‍👧‍👦🏳️‍🌈✅❤️" * 60 + "终",
    "right to left": "\u202eئۇيغۇر خەلق שלום\u202c" * 60 + "终",
    "combining marks": "e\u0301\u0323\u0308" * 500 + "终",
    "invisible": "张\u200b\u200d\ufeff三\U000e0100" * 200 + "终",
    "closing marks": "，。）》" * 400 + "终",
    "opening marks": "（《“" * 500 + "终",
    "markup": "<b>&amp;**粗**__x__</b>{{ x }}{% end %}" * 40 + "终",
}
KNOWN = Sheet().known
PLAIN = Loader(str(Path(edge_ui.__file__).parent / "templates"))
COLUMNS = ("n", "name", "problem", "basis", "form", "copies", "step", "place", "who", "since", "done", "used", "opinion", "sign",
           "until", "where")  # fmt: skip


def document(paper: str, variant: str, values: dict[str, str], rows: dict[str, str] | None = None) -> PaperDocument:
    """A paper with these values, and one row of each list."""
    templates = built_in()
    row = dict.fromkeys(COLUMNS, "字") | (rows or {})
    filling = Filling(
        dict.fromkeys(FIELDS, "字") | values, {name: [row] for name in LISTS}, frozenset({"licence", "materials", "pauses"})
    )
    common = {key: fill(templates.common[key], filling.values) for key in ("valid", "copies", "notes")}
    blocks = compose(templates, paper, variant, filling)
    return PaperDocument(
        case_no="420102002000-260302-TV0-0001-G", paper=paper, title="标题", organ=filling.values["organ"], center=filling.values["center"],
        number="〔2026〕第1号", day="2026年3月2日", state="copy", issued_at="", reprinted="2026年3月3日", remade=True, may_issue=False,
        blocks=blocks, code="X", sealed=True, version=3, wording=0,
        by="", layout="form", valid=common["valid"], copies=common["copies"], notes=common["notes"],
        changes=[], may_correct=False, may_revoke=False,
    )  # fmt: skip


def uses(paper: str, variant: str) -> list[str]:
    """The fields that stand on the paper."""
    marked = str(document(paper, variant, {name: f"<<{name}>>" for name in FIELDS}))
    return sorted(set(re.findall("<<([a-z_]+)>>", marked)))


def squeezed(text: str) -> str:
    return re.sub(r"\s+", "", text)


def read(data: bytes) -> str:
    found = pypdfium2.PdfDocument(data)
    return squeezed("".join(page.get_textpage().get_text_bounded() for page in found))


def page_of(paper: PaperDocument) -> str:
    return PLAIN.load("papers/plain.html").generate(page=PaperPage(paper)).decode()


def shows(papers: list[PaperDocument], text: str) -> None:
    """The beginning and the end of the text are on each of the papers."""
    sheet = Sheet()
    for paper in papers:
        sheet.draw(paper, "http://localhost/verify?code=X")
    said, words = read(bytes(sheet.output())), [squeezed(line) for line in printable(text, KNOWN).split("\n")]
    for end in (words[0][:4], words[-1][-4:]):
        assert said.count(end) >= len(papers), end
    for paper in papers:
        page_of(paper)


@pytest.mark.parametrize("kind", ["at its limit", "a hundred lines"])
@pytest.mark.parametrize("paper", BUILT)
def test_every_field_of_every_paper_takes_any_length(paper: str, kind: str) -> None:
    made = []
    for variant in dict.fromkeys(KINDS[paper].values()):
        fields = uses(paper, variant)
        assert len(fields) > 3
        made += [document(paper, variant, {name: TEXTS[kind]}) for name in fields]
    shows(made, TEXTS[kind])


@pytest.mark.parametrize("kind", TEXTS)
def test_every_paper_takes_any_text_in_all_its_fields(kind: str) -> None:
    text, made = TEXTS[kind][:300], list[PaperDocument]()
    for paper in BUILT:
        variant = next(iter(KINDS[paper].values()))
        made.append(document(paper, variant, dict.fromkeys(uses(paper, variant), text), dict.fromkeys(COLUMNS, text)))
    shows(made, text)


@pytest.mark.parametrize("kind", ["at its limit", "a hundred lines", "rare characters", "one word"])
def test_a_correction_of_any_text_that_the_form_takes_is_a_pdf(site: Site, kind: str) -> None:
    clerk, text = site.actor("township", "clerk"), TEXTS[kind][:2000]
    no = site.town.file("township", "ZW007", clerk, applicant={"name": "名" * 100, "id_number": "420102195803129967", "phone": "15412345678",
                                                               "address": "址" * 300})  # fmt: skip
    site.town.act("township", no, "request_correction", clerk, content=text, basis=text, due="2026-03-20", materials="0")
    token = site.center("township").tokens.issue("kiosk", "clerk")
    address = f"/api/v1/cases/{no}/papers/correction"
    for _ in range(2):
        answer = site.client("township").get(address, token, Accept="application/pdf")
        assert answer.status == 200, answer.text
        assert squeezed(printable(text, KNOWN))[-4:] in read(answer.body)
        assert site.client("township").get(address, token).status == 200
        assert site.client("township", "clerk").get(f"/cases/{no}/papers/correction").status == 200
        assert site.client("township").ask("POST", address, None, token).status in (200, 201)


# lines ---------------------------------------------------------------------------------------------------------------


def width(text: str) -> float:
    return sum(1 if ord(c) < 256 else 2 for c in text)


def test_lines_keep_words_and_marks_together() -> None:
    assert wrap("依照《行政许可法》，决定。", 10, width) == ["依照《行政", "许可法》，", "决定。"]
    assert wrap("编号 420102002000-260302 完", 12, width) == ["编号", "420102002000", "-260302 完"]
    assert wrap("", 10, width) == [""] and wrap("一\n\n二", 10, width) == ["一", "", "二"]


@pytest.mark.parametrize("kind", TEXTS)
@pytest.mark.parametrize("room", [2.0, 9.0, 80.0])
def test_no_line_is_longer_than_the_room_and_nothing_is_lost(kind: str, room: float) -> None:
    text = printable(TEXTS[kind], KNOWN)
    lines = wrap(text, room, width)
    assert all(width(line) <= room for line in lines)
    assert squeezed("".join(lines)) == squeezed(text)
