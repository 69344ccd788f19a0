"""Builders and harnesses of the tests; nothing that a product depends on."""
