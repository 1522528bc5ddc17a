"""The campaign of `scripts/chaos`: its network, its people, its faults and its judgement."""
