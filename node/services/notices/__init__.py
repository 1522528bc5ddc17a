"""Telling people: the outbox and its worker, what residents ask by message, and what staff are told."""
