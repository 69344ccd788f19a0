"""The crawl of JLC's catalogue: list, details, and source.sqlite made of both."""
