"""What a resident may ask without a token: the state of a case by its query code, a paper's QR, the service guide.

Guessing is slowed per client address; a right answer gives nearly the whole token back.
"""

from __future__ import annotations

from edge_ui.api.base import ApiHandler
from edge_ui.api.operations import CURSOR, LIMIT, Answer, Operation, Param
from edge_ui.api.oversight import ITEM

_CODE = Param("code", "The query code or the text of the QR.", most=256, required=True)


class PublicCaseHandler(ApiHandler):
    """The state of a case for whoever has its query code."""

    operations = {
        "GET": Operation(
            "Where a case is, by number and query code",
            {200: Answer("Status without personal data.", "PublicCase")},
            query=(_CODE,),
            errors=("not_found", "rate_limited"),
        )
    }

    async def on_get(self, no: str) -> None:
        self.application.public_tries.take(self.client)
        found = await self.call(self.center.public.case, no, self.args["code"], self.client)
        self.application.public_tries.give_back(self.client, 0.9)
        self.send_json(found)


class PublicExplainHandler(ApiHandler):
    """How the due day of an item comes about."""

    operations = {
        "GET": Operation(
            "The due day of an item received and accepted then, with every day counted or skipped",
            {200: Answer("The deadline and its days.", "Explanation")},
            query=ITEM,
            errors=("not_found", "invalid_input"),
        )
    }

    async def on_get(self) -> None:
        self.send_json(await self.call(self.center.explaining.of_item, self.args))


class VerifyHandler(ApiHandler):
    """Whether a paper is genuine."""

    operations = {
        "GET": Operation(
            "What a paper's QR says",
            {200: Answer("What the code is worth beside the register of this node, and what happened since.", "Verification")},
            query=(_CODE,),
            errors=("rate_limited",),
        )
    }

    async def on_get(self) -> None:
        self.application.public_tries.take(self.client)
        found = await self.call(self.center.papers.verify, self.args["code"])
        if found["genuine"]:
            self.application.public_tries.give_back(self.client, 0.9)
        self.send_json(found)


class PublicItemsHandler(ApiHandler):
    """The service guide."""

    operations = {
        "GET": Operation(
            "Search the service guide",
            {200: Answer("Matching items, the best first.", "ItemsFound")},
            query=(Param("q", "Words of the name.", most=100),),
            errors=("rate_limited",),
        )
    }

    async def on_get(self) -> None:
        self.application.public_reads.take(self.client)
        self.send_json(await self.call(self.center.public.found, self.args.get("q", "")))


class PublicSearchHandler(ApiHandler):
    """Items by people's words: the search of the guide and of the counter."""

    operations = {
        "GET": Operation(
            "Search items by the words people use, pinyin initials and slips included",
            {
                200: Answer(
                    "A page of items, the best first, each with where it is filed; all of them without `q`.", "ItemsSearched"
                )
            },
            query=(Param("q", "What people call it.", most=100), CURSOR, LIMIT),
            errors=("rate_limited",),
        )
    }

    async def on_get(self) -> None:
        self.application.public_reads.take(self.client)
        q, cursor, limit = self.args.get("q", ""), self.args.get("cursor"), int(self.args.get("limit", "50"))
        self.send_json(await self.call(self.center.public.search, q, cursor, limit))
