"""Orders of supervision (督办单, DOMAIN A6; INTERFACE "Oversight")."""

from __future__ import annotations

from edge_ui.api.base import ActHandler, ApiHandler
from edge_ui.api.operations import CURSOR, IDEMPOTENCY, LIMIT, Answer, Operation, Param
from edge_ui.papers.answers import page_of, send_pdf
from edge_ui.papers.attached import file_number, send_attached
from node.domain.cases.access import Function
from node.domain.supervision.order_documents import ACTIONS, BOXES, function_of
from node.domain.supervision.orders import OVERDUE, STATES


class OrdersHandler(ApiHandler):
    """The orders that this node issued or was sent, and those of its subtree."""

    operations = {
        "GET": Operation(
            "Orders of supervision, the newest first",
            {200: Answer("A page of orders; `total` counts them all.", "OrderList")},
            function=Function.ORDERS,
            query=(
                Param("box", "Issued here, sent here, or of the subtree.", choices=BOXES),
                Param("state", "State; `overdue`: past the day without a reply.", choices=(*STATES, OVERDUE)),
                Param("unit", "The unit that is to answer; without an organisation the code of its node."),
                Param("case_no", "About this case."),
                CURSOR,
                LIMIT,
            ),
        ),
        "POST": Operation(
            "Draft an order about a case, an item or a unit, to this node's own hall or a node below",
            {201: Answer("Drafted; nobody knows of it until it is signed.", "OrderMade")},
            headers=(IDEMPOTENCY,),
            body="OrderGiven",
            function=Function.ISSUE_ORDERS,
            errors=("not_found", "guard_failed", "idempotency_conflict"),
        ),
    }

    async def on_get(self) -> None:
        self.send_json(await self.call(self.center.orders.listed, self.args, self.actor))

    async def on_post(self) -> None:
        given, key = self.json_object(), self.idempotency_key()
        made = await self.call(self.center.orders.draft, given, self.actor, idempotency_key=key)
        self.set_header("Location", f"/api/v1/oversight/orders/{made['order_id']}")
        self.send_json(made, 201)


class OrderHandler(ApiHandler):
    """One order."""

    operations = {
        "GET": Operation(
            "An order with its acts and what this token may do now",
            {200: Answer("The order; its words are here for the issuer and the unit alone.", "Order")},
            function=Function.ORDERS,
            errors=("not_found",),
        )
    }

    async def on_get(self, id: str) -> None:
        self.send_json(await self.call(self.center.orders.one, id, self.actor))


class OrderActHandler(ActHandler):
    """What issuer and unit do with it."""

    operations = {
        "POST": Operation(
            f"An act on an order ({', '.join(ACTIONS)}): receive and reply for the unit, the others for the issuer",
            {200: Answer("The order as it stands then.", "Order")},
            headers=(IDEMPOTENCY,),
            body="OrderAct",
            function=Function.ORDERS,
            errors=("not_found", "guard_failed", "idempotency_conflict"),
        )
    }

    actions = ACTIONS

    def function_of(self, action: str) -> Function:
        return function_of(action)

    async def on_post(self, id: str, action: str) -> None:
        self.known(action)
        given, key = self.json_object(empty_ok=True), self.idempotency_key()
        self.send_json(await self.call(self.center.orders.act, id, action, given, self.actor, idempotency_key=key))


class OrderFileHandler(ApiHandler):
    """A file of a reply."""

    operations = {
        "GET": Operation(
            "A file beside the reply to a version, by its number in the document",
            {200: Answer("The file.", content_type="application/octet-stream")},
            function=Function.ORDERS,
            errors=("not_found",),
        )
    }

    async def on_get(self, id: str, version: str, n: str) -> None:
        send_attached(self, *await self.call(self.center.orders.attachment, id, file_number(version), file_number(n), self.actor))


class OrderPaperHandler(ApiHandler):
    """The order as paper."""

    operations = {
        "GET": Operation(
            "The order as paper with what was written on it so far: HTML, or PDF with `Accept: application/pdf`",
            {200: Answer("The paper.", content_type="text/html")},
            function=Function.ORDERS,
            errors=("not_found", "no_such_paper"),
        )
    }

    async def on_get(self, id: str) -> None:
        paper = await self.call(self.center.orders.paper, id, self.actor)
        if "application/pdf" in self.request.headers.get("Accept", ""):
            await send_pdf(self, paper)
            return
        self.set_header("Content-Type", "text/html; charset=utf-8")
        self.render("papers/plain.html", page=page_of(self, paper))
