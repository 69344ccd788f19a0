"""``python -m components`` is the command ``components``."""

from components.cli import main

if __name__ == "__main__":
    raise SystemExit(main())
