"""``snakemake --logger components``: Snakemake finds its logger plugins by this kind of name."""

from components.operate.display import LogHandler

__all__ = ["LogHandler"]
