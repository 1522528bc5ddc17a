"""What a page answers to its script: JSON, also when refused; a person gets the page."""

from __future__ import annotations

from edge_ui.web.base import PageHandler
from node.domain.words.errors import TongbanError
from node.domain.words.punctuation import joined


class ScriptAnswers(PageHandler):
    """A page that a script talks to."""

    @property
    def from_script(self) -> bool:
        return super().from_script or self.request.headers.get("X-Upload") == "1"

    def render_error(self, error: TongbanError) -> None:
        if self.from_script:
            self.send_json({"error": {"code": error.code, "message": self.sentence(error)}}, error.status)
            return
        super().render_error(error)

    def sentence(self, error: TongbanError) -> str:
        """The refusal with the words of its field, which say more."""
        document = error.as_document()
        fields = (
            [str(one["message"]) for one in document["fields"].values()] if self.language == "zh" else list(error.fields.values())
        )
        return joined([error.sentence(self.language), *fields], self.language)
