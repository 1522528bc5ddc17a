"""Endpoints for machines that look after the node: health, metrics, enrolment and the API's own description."""

from __future__ import annotations

from edge_ui.api.base import ApiHandler
from edge_ui.api.openapi import describe
from edge_ui.api.operations import Answer, Operation
from edge_ui.route import Route
from edge_ui.settings import JOIN_LIMIT
from node.domain.cases.access import Function
from node.domain.words.errors import TongbanError


class HealthHandler(ApiHandler):
    """Whether the node can work."""

    operations = {
        "GET": Operation(
            "200 when the node works, 503 when it does not",
            {200: Answer("Works.", "Health"), 503: Answer("Does not work; the document says what.", "Health")},
        )
    }

    async def on_get(self) -> None:
        found = await self.call(self.center.upkeep.health)
        self.send_json(found, 200 if found["ok"] else 503)


class MetricsHandler(ApiHandler):
    """Prometheus metrics."""

    operations = {
        "GET": Operation(
            "Metrics in the Prometheus text format; from another machine with a token",
            {200: Answer("Metrics.", content_type="text/plain")},
            function=Function.METRICS,
            free_here=True,
        )
    }

    async def on_get(self) -> None:
        text = await self.call(self.center.upkeep.metrics)
        self.set_header("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
        self.finish(text)


class JoinHandler(ApiHandler):
    """Enrolment of a child: a sealed request, a sealed answer. Proven by the secret inside, not by a token."""

    body_limit = JOIN_LIMIT
    operations = {
        "POST": Operation(
            "Redeem a join code",
            {200: Answer("The sealed answer.", content_type="application/octet-stream")},
            body="Octets",
            body_type="application/octet-stream",
            errors=(
                "bad_join_code", "join_code_used", "join_code_expired", "wrong_parent", "code_active", "wrong_tier",
                "rate_limited", "unsupported_media_type", "revoked",
            ),
        )
    }  # fmt: skip

    async def on_post(self) -> None:
        kind = self.request.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        if kind != "application/octet-stream":
            raise TongbanError("unsupported_media_type", wanted="application/octet-stream")
        self.application.join_tries.take(self.client)
        answer = await self.call(self.center.tree.redeem, self.body)
        self.application.join_tries.give_back(self.client)
        self.set_header("Content-Type", "application/octet-stream")
        self.finish(answer)


class OpenApiHandler(ApiHandler):
    """The API's description."""

    operations = {"GET": Operation("This document", {200: Answer("OpenAPI 3.1.", "Anything")})}

    def initialize(self, route: str = "", routes: tuple[Route, ...] = ()) -> None:
        super().initialize(route)
        self.routes = routes

    async def on_get(self) -> None:
        self.send_json(describe(self.routes, self.application.ui.version))
