"""Settings shared by all tests: the same examples on every run, and no example database."""

from hypothesis import settings

settings.register_profile("symdl", derandomize=True, deadline=None, database=None)
settings.load_profile("symdl")
