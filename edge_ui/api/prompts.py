"""Reminders by who supervises and findings of volunteer supervisors (R57, R93)."""

from __future__ import annotations

from edge_ui.api.base import ApiHandler
from edge_ui.api.operations import CURSOR, IDEMPOTENCY, LIMIT, Answer, Operation, Param
from node.domain.cases.access import Function
from node.domain.supervision.prompts import BOXES, WHATS


class RemindersHandler(ApiHandler):
    """Those that this node sent or was sent, and those of its subtree."""

    operations = {
        "GET": Operation(
            "Reminders and findings of volunteers with their answers, the newest first",
            {200: Answer("A page; `total` counts them all.", "ReminderList")},
            function=Function.ORDERS,
            query=(
                Param("box", "Sent from here, sent here, or of the subtree.", choices=BOXES),
                Param("what", "Reminders, or what volunteers found.", choices=WHATS),
                Param("answered", "Answered or not.", choices=("yes", "no")),
                Param("case_no", "About this case."),
                CURSOR,
                LIMIT,
            ),
        ),
        "POST": Operation(
            "Remind who answers for each of many cases, or put to a unit what a volunteer supervisor found",
            {201: Answer("What became of each.", "RemindersSent")},
            headers=(IDEMPOTENCY,),
            body="Reminding",
            function=Function.ISSUE_ORDERS,
            errors=("idempotency_conflict",),
        ),
    }

    async def on_get(self) -> None:
        self.send_json(await self.call(self.center.prompts.listed, self.args, self.actor))

    async def on_post(self) -> None:
        given, key = self.json_object(), self.idempotency_key()
        self.send_json(await self.call(self.center.prompts.send, given, self.actor, idempotency_key=key), 201)


class ReminderAnswerHandler(ApiHandler):
    """What the unit says."""

    operations = {
        "POST": Operation(
            "Answer a reminder or what a volunteer found, once, for the unit",
            {200: Answer("The reminder with its answer.", "Reminder")},
            headers=(IDEMPOTENCY,),
            body="ReminderAnswer",
            function=Function.ANSWER_ORDERS,
            errors=("not_found", "guard_failed", "idempotency_conflict"),
        )
    }

    async def on_post(self, id: str) -> None:
        given, key = self.json_object(), self.idempotency_key()
        self.send_json(await self.call(self.center.prompts.answer, id, given, self.actor, idempotency_key=key))


class ExamineHandler(ApiHandler):
    """What came of looking at a file that was drawn by lot."""

    operations = {
        "POST": Operation(
            "Say what was found in a file that was drawn by lot (`month`: of which, the last that is over)",
            {200: Answer("The case, the month and the result.", "Examined")},
            headers=(IDEMPOTENCY,),
            body="Examining",
            function=Function.ISSUE_ORDERS,
            errors=("not_found", "guard_failed", "idempotency_conflict"),
        )
    }

    async def on_post(self, no: str) -> None:
        given, key = self.json_object(), self.idempotency_key()
        self.send_json(await self.call(self.center.examining.examine, no, given, self.actor, idempotency_key=key))


class FindingConfirmHandler(ApiHandler):
    """What a supervisor says of a finding."""

    operations = {
        "POST": Operation(
            "Say of a finding that it is being checked, confirmed or dismissed, with the reason",
            {200: Answer("The finding and its state.", "FindingJudged")},
            headers=(IDEMPOTENCY,),
            body="Judging",
            function=Function.ISSUE_ORDERS,
            errors=("not_found", "guard_failed", "idempotency_conflict"),
        )
    }

    async def on_post(self, id: str) -> None:
        given, key = self.json_object(), self.idempotency_key()
        self.send_json(await self.call(self.center.findings.confirm, id, given, self.actor, idempotency_key=key))
