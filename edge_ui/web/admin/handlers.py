"""The administrator's pages: the node, its people, the nodes below, backups, the audit."""

from __future__ import annotations

import urllib.parse
from collections.abc import Mapping
from pathlib import Path

from edge_ui.shared.once import Card
from edge_ui.shared.words import size_text, when
from edge_ui.web.admin.pages import (
    AuditPage,
    AuditRow,
    BackupPage,
    CardPage,
    NodesPage,
    OverviewPage,
    PersonPage,
    RevokePage,
    StaffPage,
)
from edge_ui.web.base import PageHandler
from node.domain.cases.access import Function
from node.domain.json_values import JsonObject
from node.domain.people import AuditDocument, LoginCard
from node.domain.touched import SEEN
from node.domain.upkeep.documents import Neighbours, Warned
from node.domain.words.errors import ERRORS, FIELD_ERRORS, TongbanError

PIECE = 1 << 20


class AdminHandler(PageHandler):
    """What these pages share."""

    function = Function.MANAGE_NODE

    def field_errors(self, error: TongbanError) -> dict[str, str]:
        """The sentence of each wrong field; raises what is no matter of input."""
        index = 0 if self.language == "zh" else 1
        return {
            name: FIELD_ERRORS[code][index] if code in FIELD_ERRORS else ERRORS[code].zh if index == 0 else ERRORS[code].en
            for name, code in error.fields.items()
        }

    def done(self, group: str) -> str:
        """The sentence of what was just done."""
        key = f"admin.{group}.done.{self.argument('done', 30)}"
        return self.say(key) if self.application.words.has("zh", key) else ""

    @property
    def owner(self) -> str:
        return self.session.owner if self.session is not None else ""

    def show_once(self, kind: str, card: Card) -> None:
        ticket = self.application.once.put(self.owner, card)
        self.see_other(f"/admin/{kind}/card?once={ticket}")

    async def typed(self, *names: str) -> dict[str, str]:
        return {name: self.fields.get(name, "").strip()[:300] for name in names}


class OverviewHandler(AdminHandler):
    async def on_get(self) -> None:
        found = await self.call(self.center.administration.overview, self.person)
        warnings = tuple(self.warning(one) for one in found["warnings"])
        self.show("admin/overview.html", OverviewPage(found, warnings, self.done("nodes")))

    def warning(self, one: Warned) -> dict[str, str]:
        code = str(one["code"])
        details = {key: self.shown(key, value) for key, value in one.items() if key != "code"}
        return {
            "code": code, "text": self.say(f"admin.warn.{code}", **details), "do": self.say(f"admin.warn.{code}.do", **details),
            "grave": "1" if code in ("revoked", "cut_off", "key_superseded", "root_key_lost", "disk_low", "backup_never", "findings") else "",
        }  # fmt: skip

    def shown(self, key: str, value: object) -> object:
        if key == "free":
            return size_text(value)
        if isinstance(value, dict):  # apart
            return self.say(f"admin.apart.{value['unit']}", n=value["n"])
        return when(value) or self.say("admin.never") if key == "since" else value


# people --------------------------------------------------------------------------------------------------------------


class StaffHandler(AdminHandler):
    function = Function.MANAGE_PEOPLE

    async def on_get(self) -> None:
        await self.listed({}, {}, notice=self.done("staff"))

    async def listed(
        self, values: Mapping[str, str], errors: Mapping[str, str], error: str = "", notice: str = "", status: int = 200
    ) -> None:
        people = await self.call(self.center.people.staff, self.person)
        posts = tuple(self.center.people.posts())
        self.show("admin/staff.html", StaffPage(people, posts, values, errors, error, notice), status)

    async def on_post(self) -> None:
        values = await self.typed("name", "role", "username", "confirmed")
        try:
            made = await self.call_pool(values)
        except TongbanError as error:
            if error.code not in ("invalid_input", "wrong_role"):
                raise
            said = error.sentence(self.language) if error.code == "wrong_role" else ""
            await self.listed(values, self.field_errors(error), said, status=422)
            return
        self.show_once("staff", made)

    async def call_pool(self, values: Mapping[str, str]) -> LoginCard:
        return await self.call(
            self.center.people.add, values["name"], values["role"], values["username"], confirmed=values["confirmed"] == "1",
            by=self.person,
        )  # fmt: skip


class StaffCardHandler(AdminHandler):
    """The first password, once, on a card to print."""

    function = Function.MANAGE_PEOPLE

    async def on_get(self) -> None:
        card = self.application.once.take(self.owner, self.argument("once", 64))
        self.show("admin/card.html", CardPage("staff", card, "/admin/staff", self.request.host), 200 if card else 410)


class PersonHandler(AdminHandler):
    function = Function.MANAGE_PEOPLE

    async def on_get(self, staff_id: str) -> None:
        await self.one(staff_id, notice=self.done("staff"))

    async def one(
        self, staff_id: str, values: Mapping[str, str] | None = None, errors: Mapping[str, str] | None = None, error: str = "",
        notice: str = "", status: int = 200,
    ) -> None:  # fmt: skip
        person = await self.call(self.center.people.person, staff_id, self.person)
        page = PersonPage(
            person,
            tuple(self.center.people.posts()),
            person["staff_id"] == self.person.staff_id,
            values or {},
            errors or {},
            error,
            notice,
        )
        self.show("admin/person.html", page, status)


class PersonActHandler(PersonHandler):
    """role, deactivate, reactivate, password, pin, session: one form each."""

    async def on_get(self, staff_id: str, act: str = "") -> None:
        self.see_other(f"/admin/staff/{urllib.parse.quote(staff_id, safe='')}")

    async def on_post(self, staff_id: str, act: str) -> None:
        values = await self.typed("role", "reason", "session", SEEN)
        people, by = self.center.people, self.person
        card: Card | None = None
        try:
            if act == "role":
                await self.call(people.change_role, staff_id, values["role"], by, values[SEEN])
            elif act == "deactivate":
                await self.call(people.deactivate, staff_id, values["reason"], by)
            elif act == "reactivate":
                card = await self.call(people.reactivate, staff_id, by)
            elif act == "password":
                card = await self.call(people.reset_password, staff_id, by)
            elif act == "pin":
                await self.call(people.reset_pin, staff_id, by)
            elif act == "session":
                await self.call(people.end_session, int(values["session"]) if values["session"].isdecimal() else 0, by)
            else:
                raise TongbanError("not_found", what="")
        except TongbanError as error:
            if error.code not in ("invalid_input", "wrong_role", "own_account", "last_admin", "changed_meanwhile"):
                raise
            said = "" if error.code == "invalid_input" else self.refusal(error)
            await self.one(staff_id, values, self.field_errors(error), said, status=error.status)
            return
        if card is not None:
            self.show_once("staff", card)
        else:
            self.see_other(f"/admin/staff/{urllib.parse.quote(staff_id, safe='')}?done={act}")

    def refusal(self, error: TongbanError) -> str:
        """In words; of what a colleague chose meanwhile both versions."""
        if error.code != "changed_meanwhile":
            return error.sentence(self.language)
        posts = {whose: self.name_of(error.details[whose], "role") for whose in ("mine", "theirs")}
        return self.say("touched.one", **posts)


# nodes ---------------------------------------------------------------------------------------------------------------


class NodesHandler(AdminHandler):
    async def on_get(self) -> None:
        found = await self.call(self.center.administration.nodes, self.person)
        values = self.addresses(found) | {key: self.argument(key) for key in ("code", "name", "tier") if self.argument(key)}
        await self.listed(found, values, {}, notice=self.done("nodes"))

    def addresses(self, found: Neighbours) -> dict[str, str]:
        """Where children probably reach us: as the administrator does, unless that is only this machine's own address."""
        host = self.request.host.rpartition(":")[0].strip("[]") if ":" in self.request.host else self.request.host
        grpc_port = str(found["grpc"]).rpartition(":")[2]
        seen = found["grpc_host"] or host
        shown = f"[{seen}]" if ":" in seen else seen
        return {"address": self.request.host, "grpc_address": f"{shown}:{grpc_port}" if grpc_port else ""}

    async def listed(
        self, found: Neighbours, values: Mapping[str, str], errors: Mapping[str, str], error: str = "", notice: str = "",
        status: int = 200,
    ) -> None:  # fmt: skip
        q = self.argument("q", 60)
        places = await self.call(self.center.administration.places, q) if q else []
        self.show("admin/nodes.html", NodesPage(found, places, q, values, errors, error, notice), status)

    async def on_post(self) -> None:
        values = await self.typed("code", "name", "tier", "address", "grpc_address")
        try:
            made = await self.call(
                self.center.administration.invite, values["code"], values["name"], values["tier"], values["address"],
                values["grpc_address"], self.person,
            )  # fmt: skip
        except TongbanError as error:
            if error.code not in ("invalid_input", "wrong_tier", "code_active"):
                raise
            found = await self.call(self.center.administration.nodes, self.person)
            field = {"wrong_tier": "tier", "code_active": "code"}.get(error.code)
            errors = {field: error.sentence(self.language)} if field else self.field_errors(error)
            await self.listed(found, values, errors, status=error.status)
            return
        self.show_once("nodes", made)


class NodeCardHandler(AdminHandler):
    """A join code, once."""

    async def on_get(self) -> None:
        card = self.application.once.take(self.owner, self.argument("once", 64))
        self.show("admin/card.html", CardPage("nodes", card, "/admin/nodes"), 200 if card else 410)


class NodeRetryHandler(AdminHandler):
    async def on_post(self, code: str) -> None:
        await self.call(self.center.administration.retry, code, self.person)
        self.see_other("/admin/nodes?done=retry")


class InvitationHandler(AdminHandler):
    async def on_post(self, invitation: str) -> None:
        await self.call(self.center.administration.cancel_invitation, invitation, self.person)
        self.see_other("/admin/nodes?done=cancelled")


class RevokeHandler(AdminHandler):
    async def on_get(self, code: str) -> None:
        await self.ask(code, {}, {})

    async def ask(self, code: str, values: Mapping[str, str], errors: Mapping[str, str], status: int = 200) -> None:
        found = await self.call(self.center.administration.nodes, self.person)
        child = next((one for one in found["children"] if one["peer"] == code), None)
        if child is None:
            raise TongbanError("unknown_node", node=code[:40])
        self.show("admin/revoke.html", RevokePage(child, tuple(found["reasons"]), values, errors), status)

    async def on_post(self, code: str) -> None:
        values = await self.typed("reason", "note", "typed")
        try:
            await self.call(
                self.center.administration.revoke, code, values["reason"], values["note"], values["typed"], self.person
            )
        except TongbanError as error:
            if error.code != "invalid_input":
                raise
            await self.ask(code, values, self.field_errors(error), 422)
            return
        self.see_other("/admin/nodes?done=revoked")


# backups -------------------------------------------------------------------------------------------------------------


class BackupHandler(AdminHandler):
    function = Function.BACKUP

    async def on_get(self) -> None:
        self.show("admin/backup.html", BackupPage(await self.call(self.center.administration.backups, self.person)))

    async def on_post(self) -> None:
        administration, act = self.center.administration, self.fields.get("act", "")
        try:
            if act == "backup":
                await self.call(administration.start_backup, self.person)
            elif act == "check":
                await self.call(administration.start_check, self.fields.get("name", "")[:100], self.person)
            elif act == "verify":
                await self.call(administration.start_verify, self.person)
        except TongbanError as error:
            if error.code != "busy":
                raise
            found = await self.call(administration.backups, self.person)
            self.show("admin/backup.html", BackupPage(found, error.sentence(self.language)), 409)
            return
        self.see_other("/admin/backup")


class BackupFileHandler(AdminHandler):
    """A backup, sent piece by piece."""

    function = Function.BACKUP

    async def on_get(self, name: str) -> None:
        found = await self.call(self.center.administration.backup_file, name, self.person)
        self.set_header("Content-Type", "application/zip")
        self.set_header("Content-Disposition", f'attachment; filename="{name}"')
        self.set_header("Content-Length", str(found["bytes"]))
        with Path(found["path"]).open("rb") as file:
            while piece := await self.call(file.read, PIECE):
                self.write(piece)
                await self.flush()
        await self.finish()


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
            elif key == "ok":
                shown.append(self.say("admin.audit.good" if value else "admin.audit.bad"))
            elif key in ("kind", "reason"):
                shown.append(self.name_of(value, f"admin.{key}"))
            elif key == "revision":
                shown.append(self.say("admin.audit.revision", revision=value))
        return shown

    def who(self, staff_id: str, name: str) -> str:
        if staff_id in ("system", "local-operator"):
            return self.say("admin.audit.system")
        return name or (staff_id if staff_id else self.say("admin.audit.unknown"))

    def whom(self, row: AuditDocument) -> str:
        return str(row["subject_name"] or row["subject"]) if row["subject"] != row["actor"] else ""
