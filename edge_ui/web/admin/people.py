"""The people of the node: accounts, posts, first passwords."""

from __future__ import annotations

import urllib.parse
from collections.abc import Mapping

from edge_ui.shared.once import Card
from edge_ui.web.admin.base import AdminHandler, CardHandler, ListHandler
from edge_ui.web.admin.pages import PersonPage, StaffPage
from node.domain.cases.access import Function
from node.domain.people import LoginCard
from node.domain.touched import SEEN
from node.domain.words.errors import TongbanError


class StaffHandler(ListHandler):
    kind = "staff"
    names = ("name", "role", "username", "confirmed")

    async def on_get(self) -> None:
        await self.listed({}, {}, notice=self.done("staff"))

    async def listed(
        self, values: Mapping[str, str], errors: Mapping[str, str], error: str = "", notice: str = "", status: int = 200
    ) -> None:
        people = await self.call(self.center.people.staff, self.person)
        posts = tuple(self.center.people.posts())
        self.show("admin/staff.html", StaffPage(people, posts, values, errors, error, notice), status)

    async def made(self, values: Mapping[str, str]) -> LoginCard:
        return await self.call(
            self.center.people.add, values["name"], values["role"], values["username"], confirmed=values["confirmed"] == "1",
            by=self.person,
        )  # fmt: skip


class StaffCardHandler(CardHandler):
    """The first password, once, on a card to print."""

    kind = "staff"
    with_address = True


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
    """role, deactivate, reactivate, password, pin, codes, session: one form each."""

    def wants_password(self, **path: str) -> bool:
        return self.request.method == "POST" and path.get("act") in ("role", "reactivate", "password", "codes")

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
            elif act == "codes":
                await self.call(people.clear_codes, staff_id, by)
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
