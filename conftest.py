"""Settings that all tests share."""

from hypothesis import settings

# Examples repeat from run to run, and a busy machine fails no test.
settings.register_profile("project", deadline=None, derandomize=True, database=None)
settings.load_profile("project")
