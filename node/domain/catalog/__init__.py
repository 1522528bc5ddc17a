"""Service items: what they disclose, reading and editing them, divisions."""
