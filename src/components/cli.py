"""The command ``components``: a table of verbs, each in the module that does its work.

A verb's module has ``configure(parser)`` and ``run(args) -> int``. Modules are imported only when
their verb is called, since the workflow starts one process a job.
"""

from __future__ import annotations

import argparse
import importlib
import os
import sys
from collections.abc import Sequence
from typing import NamedTuple

from components.shared.errors import ComponentsError


class Verb(NamedTuple):
    module: str
    help: str


VERBS: dict[str, Verb] = {}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one verb; the exit code is 0, 1 for a failure with a message, or 2 for wrong usage."""
    arguments = sys.argv[1:] if arguments is None else list(arguments)
    parser = _parser(arguments[0] if arguments else "")
    args = parser.parse_args(arguments)
    try:
        return int(args.run(args))
    except ComponentsError as error:
        print(f"components {args.verb}: {error}", file=sys.stderr)
        return error.exit_code
    except BrokenPipeError:
        # The reader left (`components status | head`); Python would complain again at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        return 130


def _parser(wanted: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="components", description=__doc__.split("\n")[0])
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    for name, verb in VERBS.items():
        child = verbs.add_parser(name, help=verb.help, description=verb.help)
        if name == wanted:
            module = importlib.import_module(verb.module)
            module.configure(child)
            child.set_defaults(run=module.run)
    return parser


def test_every_verb_explains_itself() -> None:
    import pytest

    for name in VERBS:
        with pytest.raises(SystemExit) as caught:
            main([name, "--help"])
        assert caught.value.code == 0, name


def test_an_unknown_verb_is_wrong_usage() -> None:
    import pytest

    with pytest.raises(SystemExit) as caught:
        main(["frobnicate"])
    assert caught.value.code == 2
