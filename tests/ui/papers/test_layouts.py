"""The two layouts of papers: 文书式 with the margins of an organ's letter, 表格式 on one page; and nothing stands alone on a page."""

from __future__ import annotations

from typing import Any, cast

import pypdfium2
import pytest

from edge_ui.papers.lines import wrap
from edge_ui.papers.page import PaperPage, paired
from edge_ui.papers.pdf import DOCUMENT, POINT, pdf_of
from node.domain.papers.documents import PaperDocument
from node.services.catalog.paper_library import built_in
from tests.ui.papers.test_any_text import document, page_of, squeezed

ADDRESS = "https://zwfw.example.cn:8443/verify?code=" + "A" * 60
LETTERS = {"decision", "not_accepted", "special_procedure", "resumed", "extension", "termination", "statement", "correction_of_paper",
           "revocation"}  # fmt: skip
LONG = "申请材料经审查不符合规定条件的理由。" * 12


def texts(data: bytes) -> list[str]:
    return [squeezed(page.get_textpage().get_text_bounded()) for page in pypdfium2.PdfDocument(data)]


def made(paper: str, variant: str, layout: str, **values: str) -> PaperDocument:
    return {**document(paper, variant, values), "layout": layout, "state": "issued", "reprinted": "", "remade": False}


@pytest.mark.parametrize("paper", ["receipt", "acceptance", "correction", "delivery", "handover"])
def test_a_form_of_an_ordinary_case_is_one_page(paper: str) -> None:
    variant = {"receipt": "organ", "acceptance": "accepted", "correction": "first", "delivery": "before", "handover": ""}[paper]
    rows = {"name": "居住地址证明材料", "problem": "照片不清，请重拍"}
    base = made(paper, variant, "form", item_name="居住证办理", applicant="欧阳建国", due_day="2026年12月29日")
    tables = [
        {**one, "rows": [[str(n), *rows.values(), "1"] for n in range(6)]} if one["kind"] == "table" else one
        for one in base["blocks"]
    ]
    pages = texts(pdf_of({**base, "blocks": tables}, ADDRESS))  # type: ignore[typeddict-item]
    assert len(pages) == 1 and "第1页共1页" in pages[0]


@pytest.mark.parametrize("lines", range(1, 30, 3))
@pytest.mark.parametrize("layout", ["document", "form"])
def test_signature_code_and_notes_never_stand_alone_on_a_page(layout: str, lines: int) -> None:
    paper = made(
        "decision", "refused", layout, remedies="如不服本决定书，可以申请行政复议。" * lines, organ="江岸区市场监督管理局"
    )
    pages = texts(pdf_of(paper, ADDRESS))
    last = pages[-1].partition("G")[2] or pages[-1]  # after the case number at its head
    assert "复议" in last.partition("核验码")[0] and all(f"第{n}页共{len(pages)}页" in page for n, page in enumerate(pages, 1))


@pytest.mark.parametrize("lines", range(2, 24, 3))
def test_a_page_of_signatures_has_words_of_the_paper(lines: int) -> None:
    """Its last block is the table in which the receiver signs."""
    paper = made("special_procedure", "licence", "document", procedure="专家评审" * 4, postponed="期限相应顺延。" * 5 * lines)
    pages = texts(pdf_of(paper, ADDRESS))
    assert "承办" in pages[-1] or "顺延" in pages[-1] or "字" in pages[-1].partition("签收人")[0].replace("〔", "")


def test_a_letter_has_the_margins_of_the_standard() -> None:
    page = pypdfium2.PdfDocument(pdf_of(made("decision", "refused", "document", reason=LONG), ADDRESS))[0]
    text, found = page.get_textpage(), []
    for n in range(text.count_chars()):
        if text.get_text_range(n, 1).strip() and text.get_charbox(n)[3] < page.get_height() - 40 / POINT:
            found.append(text.get_charbox(n))
    left, right = min(box[0] for box in found) * POINT, max(box[2] for box in found) * POINT
    assert left >= DOCUMENT.left and right <= 210 - DOCUMENT.right + 1


def test_no_paper_says_that_a_seal_is_a_word() -> None:
    for paper in ("decision", "acceptance"):
        page = page_of(made(paper, "granted" if paper == "decision" else "accepted", "document"))
        assert "印章）" not in page and "（印章" not in page


def test_every_paper_says_its_copies_and_no_decision_is_signed_for() -> None:
    found = built_in().papers
    assert "一份，存卷" in found["delivery"].copies and "双方各执一份" in found["handover"].copies
    assert not any(block.kind == "lines" for block in found["decision"].blocks)
    assert {name for name, one in found.items() if one.layout == "document"} == LETTERS


def test_two_short_rows_stand_beside_each_other() -> None:
    rows = [["申请人", "欧阳"], ["事项", "居住证"], ["理由", "很长的理由" * 9], ["日期", "2026年3月2日"]]
    assert paired(rows) == [["申请人", "欧阳", "事项", "居住证"], rows[2], rows[3]]
    page = PaperPage(made("acceptance", "accepted", "form"))
    assert page.rows_of({"kind": "lines", "rows": rows}) == rows


def test_a_long_code_breaks_only_after_a_dash_or_a_dot() -> None:
    code = "511A0147300000-420102000000-000-11420102008778693M-1-00"
    lines = wrap(code, 30, len)
    assert "".join(lines) == code and all(line[-1] in "-." for line in lines[:-1])


def test_texts_that_come_with_the_program_use_full_width_marks() -> None:
    for name, template in built_in().papers.items():
        said = [template.title, template.copies, *template.titles.values(), *(block.text for block in template.blocks)]
        said += [cell for block in template.blocks for row in (*block.rows, *block.columns) for cell in row]
        assert not [text for text in said if any(mark in text for mark in ",;()?!")], name


def test_a_case_number_in_a_sentence_is_not_broken() -> None:
    number = "420102000000-261016-990-0002-X"
    page = PaperPage(cast(Any, {}))
    assert page.pieces_of(f"你申请的“供水报装”（{number}），已结束。") == [
        ("你申请的“供水报装”（", False),
        (number, True),
        ("），已结束。", False),
    ]
    assert page.pieces_of("电话 12345，2026-11-30") == [("电话 12345，2026-11-30", False)]
