"""The model with offices that write to each other about cases, in a tree with siblings, while lines and power fail."""

from __future__ import annotations

import hypothesis.strategies as st
from hypothesis import note
from hypothesis.stateful import rule

from tests.network.machine import Life
from tests.support.network import DIRECTOR


class Writers(Life):
    """Life with messages."""

    layout = "tree"

    @rule(pick=st.integers(0, 6), which=st.integers(0, 20), to=st.integers(0, 7))
    def write(self, pick: int, which: int, to: int) -> None:
        """Somebody writes about a case, to one office or to all that it concerns."""
        node = self.node(pick)
        if case_no := self.case(node, which):
            codes = ["all"] if to == 7 else [self.node(to).center.place.code]
            note(f"{node.name}: message to {codes} about {case_no}")
            self.attempt(lambda: node.center.messages.write(case_no, codes, "请补一张照片", DIRECTOR))
