"""The errors that a user can meet. Each message is one line that names the thing and the remedy.

::

    ComponentsError          exit code 1
    ├── ConfigError          exit code 2: a key, a type, a combination, a command line
    ├── SourceError          the catalogue is missing, damaged or not a catalogue
    ├── StoreError           an object or a manifest is missing or damaged
    ├── UpstreamError        a service refused, lied or did not answer
    ├── CadError             a drawing or a model cannot become one that is safe to use
    ├── ValidationError      a snapshot must not be published
    ├── SnapshotError        a snapshot is missing, damaged or not whole
    └── LookupIndexError     the lookup library or its index cannot be used
"""

from __future__ import annotations


class ComponentsError(Exception):
    """Base of all errors with a message for users; ``components`` prints it and exits with 1."""

    exit_code = 1


class ConfigError(ComponentsError):
    """A configuration key or a command line is wrong; nothing has run."""

    exit_code = 2


class SourceError(ComponentsError):
    """The source catalogue is missing, damaged, or lacks what a catalogue has."""


class StoreError(ComponentsError):
    """An object, a dictionary or a manifest is missing or damaged."""


class UpstreamError(ComponentsError):
    """A service refused, answered wrongly, or did not answer."""


class CadError(ComponentsError):
    """A drawing or a 3D model is damaged, or what it would become is unsafe to use."""


class ValidationError(ComponentsError):
    """A built snapshot is not fit to be published."""


class SnapshotError(ComponentsError):
    """A snapshot is missing, damaged or not whole."""


class LookupIndexError(ComponentsError):
    """The lookup library or its index is missing, damaged, or of another version."""
