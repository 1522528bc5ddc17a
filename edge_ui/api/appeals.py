"""Appeals against cards (申诉, DOMAIN A5; INTERFACE "Oversight")."""

from __future__ import annotations

from edge_ui.api.base import ActHandler, ApiHandler
from edge_ui.api.operations import CURSOR, IDEMPOTENCY, LIMIT, Answer, Operation, Param
from edge_ui.papers.attached import file_number, send_attached
from node.domain.cases.access import Function
from node.domain.supervision.appeal_documents import function_of
from node.domain.supervision.appeals import ACTIONS, STATES

BOXES = ("sent", "received", "below")


class CardAppealHandler(ApiHandler):
    """The appeal of a unit."""

    operations = {
        "POST": Operation(
            "Appeal against a card of this unit, within three working days of its arrival here",
            {201: Answer("Filed; the card reads `appealed` until it is final.", "AppealMade")},
            headers=(IDEMPOTENCY,),
            body="AppealGiven",
            function=Function.APPEAL_CARDS,
            errors=("not_found", "guard_failed", "idempotency_conflict"),
        )
    }

    async def on_post(self, id: str) -> None:
        given, key = self.json_object(), self.idempotency_key()
        made = await self.call(self.center.appeals.file, id, given, self.actor, idempotency_key=key)
        self.set_header("Location", f"/api/v1/oversight/appeals/{made['appeal_id']}")
        self.send_json(made, 201)


class AppealsHandler(ApiHandler):
    """Those that this node filed, that are for it to decide, and those of its subtree."""

    operations = {
        "GET": Operation(
            "Appeals against cards, the newest first",
            {200: Answer("A page of appeals; `total` counts them all.", "AppealList")},
            function=Function.OVERSIGHT,
            query=(
                Param("box", "Filed here, to be decided or reviewed here, or of the subtree.", choices=BOXES),
                Param("state", "State.", choices=STATES),
                Param("case_no", "About this case."),
                CURSOR,
                LIMIT,
            ),
        )
    }

    async def on_get(self) -> None:
        self.send_json(await self.call(self.center.appeals.listed, self.args, self.actor))


class AppealHandler(ApiHandler):
    """One appeal."""

    operations = {
        "GET": Operation(
            "An appeal with its acts and what this token may do now",
            {200: Answer("The appeal; its words are here for those who take part.", "Appeal")},
            function=Function.OVERSIGHT,
            errors=("not_found",),
        )
    }

    async def on_get(self, id: str) -> None:
        self.send_json(await self.call(self.center.appeals.one, id, self.actor))


class AppealFileHandler(ApiHandler):
    """A file of its evidence."""

    operations = {
        "GET": Operation(
            "A file of the evidence, by its number in the document",
            {200: Answer("The file.", content_type="application/octet-stream")},
            function=Function.OVERSIGHT,
            errors=("not_found",),
        )
    }

    async def on_get(self, id: str, n: str) -> None:
        send_attached(self, *await self.call(self.center.appeals.evidence, id, file_number(n), self.actor))


class AppealActHandler(ActHandler):
    """What becomes of it."""

    operations = {
        "POST": Operation(
            f"An act on an appeal ({', '.join(ACTIONS)}): decide for who served the card, apply (for its review, with `text`) for the unit,"
            " review for the node above",
            {200: Answer("The appeal as it stands then.", "Appeal")},
            headers=(IDEMPOTENCY,),
            body="AppealAct",
            function=Function.OVERSIGHT,
            errors=("not_found", "guard_failed", "idempotency_conflict"),
        )
    }

    actions = ACTIONS

    def function_of(self, action: str) -> Function:
        return function_of(action)

    async def on_post(self, id: str, action: str) -> None:
        self.known(action)
        given, key = self.json_object(), self.idempotency_key()
        self.send_json(await self.call(self.center.appeals.act, id, action, given, self.actor, idempotency_key=key))
