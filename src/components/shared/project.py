"""Where this checkout lies, for what reads files beside the package: config.yaml, zig/, envs/."""

from __future__ import annotations

from pathlib import Path

PROJECT = Path(__file__).resolve().parents[3]
