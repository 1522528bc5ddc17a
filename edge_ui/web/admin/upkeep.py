"""The node itself: how it stands, its backups."""

from __future__ import annotations

from pathlib import Path

from edge_ui.shared.words import size_text
from edge_ui.web.admin.base import AdminHandler
from edge_ui.web.admin.pages import (
    BackupPage,
    OverviewPage,
)
from node.domain.cases.access import Function
from node.domain.upkeep.documents import Warned
from node.domain.words.errors import TongbanError
from node.domain.words.flaws import where_words
from node.domain.words.labels import flaw_words

PIECE = 1 << 20


# Where what a warning names is mended; what is mended on another machine or by a command has no page here.
WHERE = {
    **dict.fromkeys(("backup_never", "backup_old", "backup_key_none"), "/admin/backup"), "line_down": "/admin/nodes",
    **dict.fromkeys(("calendar", "calendar_none"), "/calendar"), **dict.fromkeys(("one_admin", "role_none"), "/admin/staff"),
    "catalog_none": "/guide",
    "findings": "#findings", **dict.fromkeys(("authority_none", "authority_missing"), "/authority"),
    **dict.fromkeys(("gateway", "notices_unknown"), "/admin/notices"),
}  # fmt: skip


class OverviewHandler(AdminHandler):
    async def on_get(self) -> None:
        found = await self.call(self.center.administration.overview, self.person)
        root = found["folder"] if found["node"]["parent"] is None else self.say("admin.home.root_folder")
        warnings = tuple(self.warning(one, folder=found["folder"], root=root) for one in found["warnings"])
        self.show("admin/overview.html", OverviewPage(found, warnings, self.done("nodes")))

    def warning(self, one: Warned, **folders: str) -> dict[str, str]:
        """A warning in words; `folders` for the commands that mend it: of this node, and of the root."""
        code = str(one["code"])
        details = folders | {key: self.shown(key, value) for key, value in one.items() if key != "code"}
        return {
            "code": code, "text": self.say(f"admin.warn.{code}", **details), "do": self.say(f"admin.warn.{code}.do", **details),
            "grave": "1" if code in ("revoked", "cut_off", "key_superseded", "root_key_lost", "disk_low", "backup_never", "findings") else "",
            "url": WHERE.get(code, ""),
        }  # fmt: skip

    def finding_text(self, kind: str) -> str:
        """What was found, in words."""
        return flaw_words(kind, self.language)

    def where_text(self, detail: str) -> str:
        return where_words(detail, self.language)

    def shown(self, key: str, value: object) -> object:
        if key == "name" and value in ("sms", "smtp"):
            return self.name_of(value, "channel_of_notice")
        if key == "free":
            return size_text(value)
        if isinstance(value, dict):  # apart
            return self.say(f"admin.apart.{value['unit']}", n=value["n"])
        if key == "role":
            return self.name_of(value, "role")
        return self.when(value) or self.say("admin.never") if key == "since" else value


class BackupHandler(AdminHandler):
    function = Function.BACKUP

    async def on_get(self) -> None:
        self.show("admin/backup.html", BackupPage(await self.call(self.center.administration.backups, self.person)))

    def wants_password(self, **path: str) -> bool:
        return self.fields.get("act") == "backup"

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
            if error.code not in ("busy", "no_backup_key"):
                raise
            found = await self.call(administration.backups, self.person)
            self.show("admin/backup.html", BackupPage(found, error.sentence(self.language)), 409)
            return
        self.see_other("/admin/backup")


class BackupFileHandler(AdminHandler):
    """A backup, sent piece by piece."""

    function = Function.BACKUP

    def wants_password(self, **path: str) -> bool:
        return True

    async def on_get(self, name: str) -> None:
        found = await self.call(self.center.administration.backup_file, name, self.person)
        self.set_header("Content-Type", "application/octet-stream")
        self.set_header("Content-Disposition", f'attachment; filename="{name}"')
        self.set_header("Content-Length", str(found["bytes"]))
        with Path(found["path"]).open("rb") as file:
            while piece := await self.call(file.read, PIECE):
                self.write(piece)
                await self.flush()
        await self.finish()
