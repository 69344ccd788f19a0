"""What the sections of the configuration share: strict models, and errors that name their key."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from components.core.errors import ConfigError

HttpUrl = Annotated[str, StringConstraints(pattern=r"^https?://[^\s/?#]+(/[^\s?#]*)?$")]
UrlPath = Annotated[str, StringConstraints(pattern=r"^/[^\s?#]*$")]
# JLC has one set of routes; settings that chose between several have gone.
GONE = "; remove it: JLC's routes are jlc_component_infos_path and jlc_component_detail_path alone"
Share = Annotated[float, Field(ge=0, le=1)]


class Section(BaseModel):
    """A part of the configuration: unknown keys are errors, and nothing changes after reading."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


Model = TypeVar("Model", bound=Section)


def validated(model: type[Model], content: Mapping[str, Any]) -> Model:
    """``content`` as ``model``. Raises :class:`ConfigError`, one line that names each wrong key."""
    try:
        return model.model_validate(content)
    except ValidationError as error:
        raise ConfigError("; ".join(map(_complaint, error.errors()))) from None


def _complaint(error: Any) -> str:
    key = ".".join(str(part) for part in error["loc"]) or "config"
    if error["type"] == "extra_forbidden":
        return f"{key}: unknown key" + (GONE if key.startswith("upstream.jlc_") else "")
    message = error["msg"].removeprefix("Value error, ")
    given = "" if isinstance(error["input"], dict) else f", not {error['input']!r}"
    return f"{key}: {message}{given}"
