"""The HTTP API under /api/v1: one handler per endpoint, each with the operations that the OpenAPI document is made of."""
