"""督办单 as pages: those that this node issued and was sent, one with its acts, a new one, and the paper of each."""

from __future__ import annotations

import re
import secrets
import urllib.parse
from collections.abc import Mapping
from urllib.parse import quote

from edge_ui.papers.answers import page_of, send_pdf
from edge_ui.papers.attached import FILES_LIMIT, file_number, send_attached
from edge_ui.shared.file_names import plain_name
from edge_ui.shared.form_key import form_key
from edge_ui.web.base import PageHandler
from edge_ui.web.oversight.pages import OrderNewPage, OrderPage, OrderPaperPage, OrdersPage
from node.domain.cases import access
from node.domain.cases.access import Function
from node.domain.notes import RECEIVED
from node.domain.supervision.attached import as_given
from node.domain.supervision.order_documents import (
    ACTIONS,
    ATTACHED,
    BOXES,
    FIELDS,
    NEEDED,
    OrderAct,
    OrderDocument,
    OrderListed,
    function_of,
)
from node.domain.supervision.orders import UNANSWERED, UNSIGNED, default_demand
from node.domain.words.errors import FIELD_ERRORS, TongbanError

ASKED = ("box", "state", "unit", "case_no", "cursor")
SHOWN = ("delivered", "received", "overdue", "replied", "returned", "circulated", "closed")
_LONG = frozenset({"result", "cause", "responsible", "measures", "opinion", "reason"})


class OrdersBase(PageHandler):
    """What the pages of orders have in common."""

    function = Function.ORDERS

    def said(self, error: TongbanError) -> dict[str, str]:
        return {name: FIELD_ERRORS[code][0 if self.language == "zh" else 1] for name, code in error.fields.items()}

    def at_other(self, errors: Mapping[str, str]) -> dict[str, str]:
        """What is wrong with the unit stands at the field in which its code was typed."""
        typed_code = bool(self.fields.get("other", "").strip()) and "to" in errors
        return {("other" if typed_code and name == "to" else name): said for name, said in errors.items()}

    def case_url(self, no: str) -> str:
        """The page of a case for who looks: of the hall, or its way for who supervises; "" for neither."""
        if self.may(Function.READ_CASE):
            return "/cases/" + quote(no, safe="")
        return "/oversight/cases/" + quote(no, safe="") if self.may(Function.OVERSIGHT) else ""

    def sent_files(self) -> list[object]:
        """The files of a form."""
        files = [one for several in self.files.values() for one in several if one.filename]
        return as_given([(plain_name(one.filename), one.body) for one in files])

    def state_text(self, row: OrderListed) -> str:
        """The state in words, with what makes it urgent."""
        return self.say(f"orders.state.{row['state']}")

    def style_of(self, row: OrderListed) -> str:
        return {"overdue": "bad", "circulated": "bad", "returned": "warn", "closed": "dim", "draft": "dim"}.get(
            row["state"], "good"
        )


class OrdersHandler(OrdersBase):
    """The list."""

    async def on_get(self) -> None:
        given = {name: text for name in ASKED if (text := self.argument(name, 128))}
        given.setdefault(
            "box", "sent" if self.may(Function.ISSUE_ORDERS) and not self.may(Function.ANSWER_ORDERS) else "received"
        )
        error = ""
        try:
            answer = await self.call(self.center.orders.listed, given, self.person)
        except TongbanError as refusal:
            error, given = self.wrongly_asked(refusal), {"box": "received"}
            answer = await self.call(self.center.orders.listed, given, self.person)
        kept = {name: text for name, text in given.items() if name != "cursor"}
        boxes = [box for box in BOXES if box == "received" or self.may(Function.ISSUE_ORDERS)]
        page = OrdersPage(
            box=given["box"], state=given.get("state", ""), boxes=boxes, states=SHOWN, rows=answer["orders"], total=answer["total"],
            waiting=await self.call(self.center.orders.waiting), first_url=_url(kept) if "cursor" in given else "",
            next_url=_url({**kept, "cursor": answer["next"]}) if answer["next"] else "", as_of=answer["known_until"],
            may_issue=self.may(Function.ISSUE_ORDERS), case_no=given.get("case_no", ""), error=error,
            letters=await self.call(self.center.cards.letters, self.person) if self.may(Function.APPEAL_CARDS) else [],
        )  # fmt: skip
        self.show("oversight/orders.html", page, 422 if error else 200)


def _url(given: Mapping[str, str]) -> str:
    return "/orders?" + urllib.parse.urlencode(given)


class OneOrder(OrdersBase):
    """How one order is shown."""

    async def show_order(
        self, order: OrderDocument, action: str = "", errors: dict[str, str] | None = None, error: str = "", status: int = 200
    ) -> None:  # fmt: skip
        typed = self.fields if action else {}
        forms = [(one, FIELDS[one]) for one in order["actions"]]
        page = OrderPage(order, forms, action, typed, errors or {}, error, secrets.token_hex(12))
        self.show("oversight/order.html", page, status)

    def act_text(self, one: OrderAct) -> str:
        """What was done, in words; of a reminder what it was for."""
        if one["rung"] in (UNSIGNED, UNANSWERED):
            return self.say(f"orders.rung.{one['rung']}")
        return self.say("orders.delivered") if one["kind"] == RECEIVED else self.name_of(one["kind"], "kind")

    def is_needed(self, action: str, name: str) -> bool:
        return name in NEEDED.get(action, ())

    def control(self, name: str) -> str:
        """As what a field of an act is shown."""
        return "textarea" if name in _LONG else "date" if name == "reply_by" else "text"


class OrderNewHandler(OneOrder):
    """A new one: kept as a draft, or signed at once."""

    function = Function.ISSUE_ORDERS

    async def on_get(self) -> None:
        typed = {name: self.argument(name, 128) for name in ("case_no", "to", "item_id", "signal_id")}
        units = {one.code for one in await self.call(self.center.network.branches, self.person)}
        other = {"other": typed["to"], "to": ""} if typed["to"] and typed["to"] not in units else {}
        await self.show_form({**typed, **other, "basis": self.argument("basis", 512), "demand": default_demand()})

    async def on_post(self) -> None:
        given = self.fields
        asked = {
            name: text
            for name in ("case_no", "item_id", "signal_id", "demand", "basis", "reply_by")
            if (text := given.get(name, "").strip())
        }
        to = given.get("other", "").strip() or given.get("to", "")
        order = {**asked, **({"to": to} if to else {}), "urgent": bool(given.get("urgent"))}
        try:
            made = await self.call(self.center.orders.draft, order, self.person, idempotency_key=form_key(given))
        except TongbanError as error:
            if error.code not in ("invalid_input", "guard_failed", "not_found"):
                raise
            errors = self.said(error)
            errors = {"case_no": self.say("orders.no_case")} if error.code == "not_found" else self.at_other(errors)
            await self.show_form(given, errors, "" if errors else error.sentence(self.language), error.status)
            return
        if given.get("sign"):
            await self.sign(made["order_id"])
        else:
            self.see_other(f"/orders/{made['order_id']}")

    async def sign(self, id: str) -> None:
        """A draft that cannot be signed now is kept: its page says why, and has the button."""
        key = form_key(self.fields)
        try:
            await self.call(self.center.orders.act, id, "sign", {}, self.person, idempotency_key=key and f"{key}-sign")
        except TongbanError as error:
            if error.code != "guard_failed":
                raise
            order = await self.call(self.center.orders.one, id, self.person)
            await self.show_order(order, "sign", {}, error.sentence(self.language), error.status)
            return
        self.see_other(f"/orders/{id}")

    async def show_form(
        self, typed: Mapping[str, str], errors: dict[str, str] | None = None, error: str = "", status: int = 200
    ) -> None:  # fmt: skip
        branches = await self.call(self.center.network.branches, self.person)
        items = [(str(one["item_id"]), str(one["name"])) for one in await self.call(self.center.catalog.documents)]
        asked = typed.get("item_id", "")
        others = [(asked, asked)] if asked and asked not in dict(items) else []
        choices = [("", self.say("orders.no_item")), *items, *others]
        page = OrderNewPage(
            [(one.code, one.name) for one in branches], choices, dict(typed), errors or {}, error, secrets.token_hex(12)
        )
        self.show("oversight/order_new.html", page, status)


class OrderHandler(OneOrder):
    """One order with its acts."""

    async def on_get(self, id: str) -> None:
        await self.show_order(await self.call(self.center.orders.one, id, self.person))


class OrderActHandler(OneOrder):
    """What the form of an act says."""

    writes = Function.ORDERS
    body_limit = FILES_LIMIT

    def check_role(self, **path: str) -> None:
        super().check_role(**path)
        if self.request.method == "POST" and path.get("action") in ACTIONS:
            access.require(function_of(path["action"]), self.center.place.tier, self.person.role)

    async def on_get(self, id: str, action: str) -> None:
        self.see_other(f"/orders/{quote(id, safe='')}")

    async def on_post(self, id: str, action: str) -> None:
        given = {name: text for name in FIELDS.get(action, ()) if (text := self.fields.get(name, "").strip())}
        asked: dict[str, object] = {**given}
        names = [one for one in re.split(r"[\n,，、;；]+", given.get(ATTACHED, "")) if one.strip()]
        if action == "reply" and (files := [*names, *self.sent_files()]):
            asked[ATTACHED] = files
        try:
            await self.call(self.center.orders.act, id, action, asked, self.person, idempotency_key=form_key(self.fields))
        except TongbanError as error:
            if error.code not in ("invalid_input", "guard_failed"):
                raise
            order = await self.call(self.center.orders.one, id, self.person)
            errors = self.said(error)
            await self.show_order(order, action, errors, "" if errors else error.sentence(self.language), error.status)
            return
        self.see_other(f"/orders/{quote(id, safe='')}")


class OrderFileHandler(OrdersBase):
    """A file beside a reply."""

    async def on_get(self, id: str, version: str, n: str) -> None:
        send_attached(
            self, *await self.call(self.center.orders.attachment, id, file_number(version), file_number(n), self.person)
        )


class OrderPaperHandler(OrdersBase):
    """The order as paper."""

    as_written = True

    async def on_get(self, id: str) -> None:
        found = await self.call(self.center.orders.paper, id, self.person)
        if self.argument("as", 8) == "pdf":
            await send_pdf(self, found)
            return
        sheet = page_of(self, found)
        self.show("oversight/order_paper.html", OrderPaperPage(sheet.paper, sheet.qr, back=f"/orders/{quote(id, safe='')}"))
