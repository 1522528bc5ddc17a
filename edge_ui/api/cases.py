"""Cases: file, list, read, act, requests, papers (INTERFACE "HTTP API"; R45)."""

from __future__ import annotations

import re
from collections.abc import Callable

from edge_ui.api.base import ApiHandler, whole_number
from edge_ui.api.operations import CURSOR, IDEMPOTENCY, LIMIT, STATUSES, Answer, Operation, Param
from edge_ui.papers.answers import page_of, send_pdf
from node.domain.cases import access
from node.domain.cases.access import Function
from node.domain.filing.documents import FiledDocument
from node.domain.papers.documents import Issued, PaperIssued, PaperListed, PaperRow
from node.domain.words.errors import TongbanError

_SOURCE = re.compile(r"[A-Za-z0-9._-]{1,64}")
_ACTION = re.compile(r"[a-z_]{1,64}")
_HELD_ELSEWHERE = (
    "not_custodian",
    "in_transit",
    "version_conflict",
    "frozen",
    "frozen_at_root",
    "needs_upgrade",
    "contents_missing",
)


def _changes(summary: str, body: str) -> Operation:
    """The operation of a notice about a paper."""
    return Operation(
        summary,
        {201: Answer("The notice was issued.", "IssuedPaper"), 200: Answer("The same notice as before.", "IssuedPaper")},
        body=body,
        headers=(IDEMPOTENCY,),
        errors=("not_found", "no_such_paper", "guard_failed", "frozen", "frozen_at_root", "idempotency_conflict"),
        function=Function.CHANGE_PAPER,
    )


class CasesHandler(ApiHandler):
    """The cases of this node."""

    operations = {
        "GET": Operation(
            "List cases that this token may see",
            {200: Answer("A page of cases; `next` is the cursor of the following page or null.", "CaseList")},
            query=(
                Param("status", "Only this status.", choices=STATUSES),
                Param("item", "Only this service item.", most=128),
                Param("q", "The beginning of a case number or name, or an ID number.", most=100),
                CURSOR,
                LIMIT,
            ),
            function=Function.READ_CASE,
        ),
        "POST": Operation(
            "File an application",
            {
                201: Answer("Filed.", "Filed"),
                200: Answer("The same application was filed before: the first case.", "Filed"),
            },
            headers=(IDEMPOTENCY,),
            body="Application",
            function=Function.FILE_CASE,
            errors=("idempotency_conflict", "application_conflict", "frozen", "revoked"),
        ),
    }

    async def on_get(self) -> None:
        limit = int(self.args.get("limit", "50"))
        wanted = {name: self.args.get(name) for name in ("status", "item", "q", "cursor")}
        self.send_json(await self.call(self.center.cases.listed, self.actor, **wanted, limit=limit))

    async def on_post(self) -> None:
        document, key = self.json_object(), self.idempotency_key()
        own = await self.call(self.center.tokens.source_of, self.bearer())
        draft, source = document.pop("draft", False), document.pop("source", own or "default")
        if not isinstance(draft, bool):
            raise TongbanError("invalid_input", {"draft": "wrong_type"})
        if not isinstance(source, str) or not _SOURCE.fullmatch(source):
            raise TongbanError("invalid_input", {"source": "invalid"})
        if own and source != own:
            raise TongbanError("invalid_input", {"source": "not_a_choice"})
        filed = await self.call(self.center.intake.file, document, self.actor, source=source, draft=draft, idempotency_key=key)
        answer: FiledDocument = {
            "case_no": filed.case_no, "status": filed.status, "query_code": filed.query_code, "warnings": list(filed.warnings)
        }  # fmt: skip
        self.set_header("Location", f"/api/v1/cases/{filed.case_no}")
        self.send_json(answer, 201 if filed.created else 200)


class CaseHandler(ApiHandler):
    """One case."""

    operations = {
        "GET": Operation(
            "One case with its timeline, hops, materials, requests and actions",
            {200: Answer("The case.", "Case")},
            errors=("not_found",),
            function=Function.READ_CASE,
        )
    }

    async def on_get(self, no: str) -> None:
        self.send_json(await self.call(self.center.cases.case, no, self.actor))


class ActionHandler(ApiHandler):
    """An action of the lifecycle on a case."""

    operations = {
        "POST": Operation(
            "Act on a case; at a node that is not the custodian some actions become a request",
            {200: Answer("Done: the case.", "Case"), 202: Answer("Asked of the custodian.", "Asked")},
            headers=(IDEMPOTENCY,),
            body="Action",
            function=Function.READ_CASE,
            errors=("not_found", "illegal_action", "guard_failed", "idempotency_conflict", "quarantined", *_HELD_ELSEWHERE),
        )
    }

    def check_role(self, **path: str) -> None:
        super().check_role(**path)
        access.require_act(path["action"], self.center.place.tier, self.actor.role)

    async def on_post(self, no: str, action: str) -> None:
        if not _ACTION.fullmatch(action):
            raise TongbanError("not_found", what="action")
        fields, key = self.json_object(empty_ok=True), self.idempotency_key()
        expected = whole_number(fields.pop("expected_version", None), "expected_version")
        done = await self.call(
            self.center.cases.act, no, action, fields, self.actor, expected_version=expected, idempotency_key=key
        )
        self.send_json(done.document, done.status)


class RequestHandler(ApiHandler):
    """What became of a request."""

    operations = {
        "GET": Operation(
            "The state of a request", {200: Answer("The request.", "Asked")}, errors=("not_found",), function=Function.READ_CASE
        )
    }

    async def on_get(self, id: str) -> None:
        self.send_json(await self.call(self.center.cases.request, id, self.actor))


class PapersHandler(ApiHandler):
    """The papers of a case."""

    operations = {
        "GET": Operation(
            "The papers of a case: issued, withdrawn, or what could be issued here",
            {200: Answer("Papers.", "PaperList")},
            errors=("not_found",),
            function=Function.READ_CASE,
        )
    }

    async def on_get(self, no: str) -> None:
        listed = await self.call(self.center.papers.listing, no, self.actor)
        self.send_json([_plain(row) for row in listed if row["state"] != "none"])


class PaperHandler(ApiHandler):
    """A printed form of a case: GET shows it and never writes, POST issues it."""

    operations = {
        "GET": Operation(
            "A paper of the case as HTML or, with `Accept: application/pdf`, PDF: issued, a preview or a copy, marked as such",
            {200: Answer("The paper.", content_type="text/html")},
            errors=("not_found", "no_such_paper", "not_yet_available"),
            function=Function.READ_CASE,
        ),
        "POST": Operation(
            "Issue the paper: it gets its number and its words are frozen; only for who may do the act it rests on",
            {201: Answer("Issued.", "IssuedPaper"), 200: Answer("It had been issued: the same number.", "IssuedPaper")},
            headers=(IDEMPOTENCY,),
            errors=("not_found", "no_such_paper", "not_yet_available", "frozen", "frozen_at_root", "idempotency_conflict"),
            function=Function.ISSUE_PAPER,
        ),
    }

    async def on_get(self, no: str, paper: str) -> None:
        found = await self.call(self.center.papers.show, no, paper, self.actor)
        if "application/pdf" in self.request.headers.get("Accept", ""):
            await send_pdf(self, found)
        else:
            self.set_header("Content-Type", "text/html; charset=utf-8")
            self.render("papers/plain.html", page=page_of(self, found))

    async def on_post(self, no: str, paper: str) -> None:
        issued = await self.call(self.center.papers.issue, no, paper, self.actor, idempotency_key=self.idempotency_key())
        answer: PaperIssued = {"number": issued.document["number"], "code": issued.document["code"]}
        self.send_json(answer, 201 if issued.created else 200)


class PaperChangeHandler(ApiHandler):
    """What is said of a paper after it was issued: a notice with a number of its own."""

    async def change(self, door: Callable[..., Issued], no: str, paper: str) -> None:
        given = self.json_object()
        issued = await self.call(door, no, paper, given, self.actor, idempotency_key=self.idempotency_key())
        answer: PaperIssued = {"number": issued.document["number"], "code": issued.document["code"]}
        self.send_json(answer, 201 if issued.created else 200)


class CorrectPaperHandler(PaperChangeHandler):
    """A slip of the pen in a paper."""

    operations = {"POST": _changes("Correct a paper that this node issued (更正通知书)", "CorrectPaper")}

    async def on_post(self, no: str, paper: str) -> None:
        await self.change(self.center.paper_changes.correct, no, paper)


class RevokePaperHandler(PaperChangeHandler):
    """A decision that should not have been taken."""

    operations = {"POST": _changes("Revoke a decision of this node or of one below it (撤销决定书)", "RevokePaper")}

    async def on_post(self, no: str, paper: str) -> None:
        await self.change(self.center.paper_changes.revoke, no, paper)


def _plain(row: PaperListed) -> PaperRow:
    return {
        "paper": row["paper"], "title": row["title"], "number": row["number"], "issued_at": row["issued_at"],
        "basis_version": row["basis_version"], "state": row["state"],
    }  # fmt: skip
