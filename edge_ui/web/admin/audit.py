"""The log of what people did on this node."""

from __future__ import annotations

import urllib.parse
from collections.abc import Mapping

from edge_ui.shared.words import size_text
from edge_ui.web.admin.base import AdminHandler
from edge_ui.web.admin.pages import (
    AuditPage,
    AuditRow,
)
from node.domain.cases.access import Function
from node.domain.json_values import JsonObject
from node.domain.model import LOCAL_OPERATOR, SYSTEM
from node.domain.people import AuditDocument
from node.domain.words.errors import TongbanError


class AuditHandler(AdminHandler):
    """A search goes by POST and is kept in the form, because it may hold a name; pages go on by the row's number."""

    function = Function.AUDIT_LOG

    async def on_get(self) -> None:
        await self.listed({name: self.argument(name, 80) for name in ("kind", "from", "to", "before")} | {"q": ""})

    async def on_post(self) -> None:
        await self.listed(await self.typed("q", "kind", "from", "to", "before"))

    async def listed(self, asked: Mapping[str, str]) -> None:
        error = ""
        wanted = {
            "q": asked["q"],
            "kind": asked["kind"],
            "day_from": asked["from"],
            "day_to": asked["to"],
            "before": asked["before"],
        }
        try:
            found = await self.call(self.center.people.audit, self.person, **wanted)
        except TongbanError as refused:
            if refused.code != "invalid_input":
                raise
            error = "; ".join(self.field_errors(refused).values())
            found = await self.call(self.center.people.audit, self.person)
        rows: list[AuditRow] = [
            {**row, "did": self.did(row), "who": self.who(row["actor"], row["actor_name"]), "whom": self.whom(row)}
            for row in found["rows"]
        ]
        query = {key: asked[key] for key in ("kind", "from", "to") if asked[key]}
        following = f"/admin/audit?{urllib.parse.urlencode({**query, 'before': found['next']})}" if found["next"] else ""
        self.show(
            "admin/audit.html",
            AuditPage(rows, tuple(found["kinds"]), asked["q"], asked["kind"], asked["from"], asked["to"], following, error),
        )

    def did(self, row: AuditDocument) -> str:
        """What was done, with its particulars, in words."""
        key = f"admin.audit.{row['kind']}"
        text = self.say(key) if self.application.words.has("zh", key) else str(row["kind"])
        return "; ".join([text, *self.particulars(row["detail"])]) if row["detail"] else text

    def particulars(self, detail: JsonObject) -> list[str]:
        shown = []
        for key, value in detail.items():
            if key in ("role", "before"):
                said = self.name_of(value, "role")
                shown.append(self.say("admin.audit.was", role=said) if key == "before" else said)
            elif key == "tier":
                shown.append(self.name_of(value, "tier"))
            elif key == "bytes":
                shown.append(size_text(value))
            elif key == "same_browser":
                shown.append(self.say("admin.audit.same_browser"))
            elif key == "ok":
                shown.append(self.say("admin.audit.good" if value else "admin.audit.bad"))
            elif key in ("kind", "reason"):
                shown.append(self.name_of(value, f"admin.{key}"))
            elif key == "revision":
                shown.append(self.say("admin.audit.revision", revision=value))
        return shown

    def who(self, staff_id: str, name: str) -> str:
        if staff_id in (SYSTEM.staff_id, LOCAL_OPERATOR):
            return self.say("admin.audit.system")
        return name or (staff_id if staff_id else self.say("admin.audit.unknown"))

    def whom(self, row: AuditDocument) -> str:
        return str(row["subject_name"] or row["subject"]) if row["subject"] != row["actor"] else ""
