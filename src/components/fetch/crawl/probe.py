"""Whether JLC lets this account in: one page of the list, one part's details, nothing kept."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from components.core.errors import UpstreamError
from components.fetch.crawl.calls import Calls
from components.fetch.crawl.listing import first_page
from components.fetch.crawl.routes import Routes, read_details
from components.fetch.crawl.sign import signer
from components.net.endpoints import FetchSettings, endpoints
from components.net.http import Client
from components.source.part import part_number

PATIENCE_S = 60.0


def probe(settings: FetchSettings) -> str:
    """What was found, in a few words.

    Raises :class:`UpstreamError` saying whether it is the credentials, the route or the account
    that JLC refuses, and :class:`~components.core.errors.ConfigError` without credentials.
    """
    sign = signer(settings.upstream.kind)
    stage1 = settings.stage1.model_copy(update={"crawl_budget_s": PATIENCE_S, "retry_attempts": 1})
    with TemporaryDirectory() as folder, endpoints(settings) as services:
        client = Client(settings, services, Path(folder))
        routes = Routes(services.jlc, settings.upstream)
        calls = Calls(client, sign, stage1, Path(folder) / "calls.log")
        page = first_page(calls, routes)
        number = next(number for item in page.items if (number := part_number(item)))
        question = routes.detail_question([f"C{number}"])
        found = calls.ask(routes.detail_url, question, read_details)
    if not any(part_number(item) == number for item in found):
        raise UpstreamError(
            f"{routes.detail_url}: knows nothing of C{number}, which the list names; check "
            "upstream.jlc_component_detail_path"
        )
    return f"list and details answer; the list begins with C{number}"
