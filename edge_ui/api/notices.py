"""What people ask by SMS or mail: the gateway hands it over, the answer goes out by itself."""

from __future__ import annotations

from edge_ui.api.base import ApiHandler
from edge_ui.api.operations import Answer, Operation
from node.domain.cases.access import Function
from node.domain.words.errors import TongbanError


class InboundHandler(ApiHandler):
    """One message of somebody."""

    operations = {
        "POST": Operation(
            "A message that came by SMS or mail; number and query code are answered with the state, anything else with one sentence of help",
            {200: Answer("What came of it, and the answer that is sent.", "Answered")},
            body="Inbound",
            function=Function.INBOUND,
        )
    }

    async def on_post(self) -> None:
        document = self.json_object()
        given = {name: document.get(name) for name in ("from", "text")}
        faults = {name: "missing" if one is None else "wrong_type" for name, one in given.items() if not isinstance(one, str)}
        faults |= {str(name)[:64]: "unknown_field" for name in document if name not in given}
        if faults:
            raise TongbanError("invalid_input", faults)
        self.send_json(await self.call(self.center.notices.inbound, str(given["from"]), str(given["text"]), self.actor))
