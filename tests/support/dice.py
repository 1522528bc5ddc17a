"""Chance that can be repeated: ids, salts and keys of the nodes drawn from one seeded source, so that a seed of the model is a run.

Only what ends up in a journal is covered; a process that wants the same order in its sets too needs PYTHONHASHSEED.
"""

from __future__ import annotations

import os
import random
from random import Random

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from federation.protocol.signing import Signer


class Dice:
    """From `throw` to `put_away` everything in this process draws from the seed."""

    def __init__(self) -> None:
        self._patch = pytest.MonkeyPatch()

    def throw(self, seed: int) -> None:
        source = Random(f"dice {seed}")  # not the sequence of the simulated world
        patch, draw = self._patch, source.randbytes
        patch.setattr(os, "urandom", draw)
        patch.setattr(random, "_urandom", draw)  # what `secrets` draws from
        patch.setattr(Signer, "generate", classmethod(lambda cls: cls.from_seed(draw(32))))
        patch.setattr("node.services.tree.keys.X25519PrivateKey.generate", lambda: X25519PrivateKey.from_private_bytes(draw(32)))
        patch.setattr(ec, "generate_private_key", lambda curve: ec.derive_private_key(1 + source.getrandbits(250), curve))

    def put_away(self) -> None:
        self._patch.undo()
