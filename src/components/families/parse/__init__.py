"""Parsers of attribute texts: pure, never raising, None where a reading is not certain."""
