"""督办单 as paper (DOMAIN A6): what is frozen with the signature, and what unit and supervisor write on it later."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

from node.domain import notes
from node.domain.calendar import day_of
from node.domain.cases.bodies import Body
from node.domain.cases.lateness import SEGMENTS, charged
from node.domain.model import Case
from node.domain.papers.documents import PaperBlock, PaperDocument
from node.domain.papers.papers import ORDER, day_text
from node.domain.papers.templates import Filling, Templates, compose, fill, title_of
from node.domain.published import PAPERS
from node.domain.supervision.order_documents import OrderReply
from node.domain.supervision.orders import Order
from node.domain.words.labels import word
from node.domain.words.terms import label
from node.services.cases.context import Rules
from node.services.cases.names import office_namer
from node.services.catalog.paper_library import in_force
from node.services.supervision import query as asked
from node.services.supervision.rows import Rows
from node.services.times import iso
from node.services.tree.freshness import freshness
from node.store import measures
from node.store.orders import OrderRow
from node.store.store import Tx, View

TYPE = "督"  # 文种 of its number
_TIMES = {kind: time for time, kind in SEGMENTS.items()}


@dataclass(frozen=True, slots=True)
class Signing:
    """What is put down when an order is signed (or would be, for a preview)."""

    case_no: str
    number: str
    demand: str
    basis: str
    signer: str
    unit: str
    reply_by: str
    urgent: bool
    subject: str
    situation: str


class OrderPapers:
    """Makes them."""

    def __init__(self, rules: Rules) -> None:
        self._rules = rules

    def _templates(self) -> Templates:
        return in_force(self._rules.catalog.snapshot().of(PAPERS))

    def composed(self, view: View | Tx, signing: Signing) -> PaperDocument:
        """The paper as it is signed now."""
        templates, here, now = self._templates(), view.identity, view.now()
        template = templates.papers[ORDER]
        values = {
            "unit": signing.unit, "signer": signing.signer, "signed_day": day_text(day_of(now)), "basis": signing.basis,
            "contact": f"{signing.signer}　{templates.common['phone']}", "urgency": "□一般　■急件" if signing.urgent else "■一般　□急件",
            "subject": signing.subject, "situation": signing.situation, "demand": signing.demand, "reply_by": signing.reply_by,
        }  # fmt: skip
        return PaperDocument(
            case_no=signing.case_no, paper=ORDER, title=title_of(templates, ORDER, "", values), organ=here.name, by="", center=here.name,
            number=signing.number, day=day_text(day_of(now)), state="issued" if signing.number else "preview", issued_at=iso(now) or "",
            reprinted="", remade=False, may_issue=False, blocks=compose(templates, ORDER, "", Filling(values, {}, frozenset())), code="",
            sealed=True, changes=[], may_correct=False, may_revoke=False,
            version=1, wording=templates.revision, layout=template.layout, valid="", copies=fill(template.copies, values), notes="",
        )  # fmt: skip

    def about(self, view: View, row: OrderRow, unit: str) -> tuple[str, str]:
        """(督办事项, 基本情况) of an order as it stands now."""
        item = self._rules.catalog.item(row.item) if row.item else None
        name, today = item.name if item is not None else row.item, day_of(view.now())
        case = view.cases.get(row.case_no) if row.case_no else None
        if case is not None:
            return f"{row.case_no}　{name}", self._of_case(view, case)
        open_, overdue = (self._count(view, one, row) for one in ("open", "overdue"))
        subject = f"事项“{name}”的办理" if row.item else f"{unit}的办件办理"
        what = f"这一事项{unit}" if row.item else unit
        return subject, f"截至{day_text(today)}，{what}在办{open_}件，其中超期{overdue}件。"

    def _count(self, view: View, name: str, row: OrderRow) -> int:
        given = {"view": name, "holder": row.unit, **({"item": row.item} if row.item else {})}
        question = asked.question(given)
        return measures.total(
            view.connection, question.measure, asked.narrow(view, self._rules.catalog, question), measures.Day(day_of(view.now()))
        )

    def _of_case(self, view: View, case: Case) -> str:
        rows = Rows(view, self._rules, freshness(view, self._rules.calendar), False)
        named = office_namer(view, self._rules.catalog.divisions())
        found = rows.row(case.case_no, charged(case))
        assert found is not None
        days = [
            (f"于{day_text(day_of(at))}{name}") for at, name in ((case.received_at, "收件"), (case.accepted_at, "受理")) if at
        ]
        parts = ["该件" + "、".join(days) if days else "该件尚未受理"]
        parts += self._due(view, case, found["due"])
        over = f"已超{found['over_days']}个工作日，" if found["over_days"] else ""
        post = f"（{word(found['holder']['post'])}）" if found["holder"]["post"] else ""
        spent = "、".join(
            f"{named(one['node'] or '')}{label(_TIMES.get(one['kind'], one['kind']), 'zh', 'time')}{one['workdays']}个工作日"
            for one in found["segments"]
            if one["workdays"]
        )
        until = f"截至{day_text(day_of(view.now()))}，{over}现停留在{found['holder']['name']}{post}"
        return "，".join(parts) + f"。{until}。" + (f"分段用时：{spent}。" if spent else "")

    def _due(self, view: View, case: Case, due: str | None) -> list[str]:
        """By when what was to be done, in the words of the limit that the due day is of: only a promise is promised."""
        sure = view.cases.sound(case, view.cases.judged(case.case_no))
        one = next((one for one in self._rules.deadlines(view, sure) if one["due"] == due), None)
        if due is None or one is None:
            return []
        if one["clock"] in ("P", "S"):
            promise = [f"承诺{one['limit']}个工作日"] if one["clock"] == "P" and one["limit"] and one["unit"] == "workday" else []
            return [*promise, f"应于{_day(due)}前办结"]
        return [f"{label(one['clock'], 'zh', 'clock')}至{_day(due)}"]

    def with_answers(
        self, document: Mapping[str, object], order: Order, reply: OrderReply | None, closing: tuple[str, str]
    ) -> PaperDocument:
        """The frozen paper with what was written on it since. `closing`: (opinion, who and when)."""
        templates = self._templates()
        values = {"closing": closing[0], "closer": closing[1]}
        flags = {"answer", *(("closed",) if closing[0] else ())}
        if reply is not None:
            flags.add("replied")
            day = day_text(day_of(at.at)) if (at := order.last(notes.ORDER_REPLIED)) is not None else ""
            values |= {name: reply[name] for name in ("result", "cause", "responsible", "measures")}
            values |= {"attachments": "、".join(reply["attachments"]) or "无", "reply_day": f"{reply['staff_name'] or ''}　{day}"}
        blocks = document.get("blocks")
        more = compose(templates, ORDER, "", Filling(values, {}, frozenset(flags)))
        first = cast(list[PaperBlock], blocks) if isinstance(blocks, list) else []
        return cast(PaperDocument, {**document, "blocks": [*first, *more]})


def frozen(body: Body) -> Mapping[str, object] | None:
    """The paper in the body of a signature; None where its words are not here."""
    found = body.get("document")
    return {key: value for key, value in found.items() if key != "salt"} if isinstance(found, dict) and found else None


def _day(text: str) -> str:
    year, month, day = text.split("-")
    return f"{year}年{int(month)}月{int(day)}日"
