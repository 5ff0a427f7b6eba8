"""Explanations with the rights of who asks, for every place that shows them."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from bot.access import Viewer
from bot.config.record_url import fill_record_url
from bot.services import Desk, NotPermittedError
from kpi.explain import Explanation, Page, as_a_whole, explain, refuse
from kpi.model import Request, Scope, ScopeType
from kpi.scopes import COMPANY, bare_id

Link = Callable[[str, str], str | None]


def explain_request(desk: Desk, request: Request, viewer: Viewer, page: Page) -> Explanation:
    """What stands behind the answer to a request, as far as the viewer may see it: where not the figure, the words
    alone. Raises ExplainError for a measure, column or page that is not there; NotPermittedError for a stranger."""
    if not desk.access.is_known(viewer):
        raise NotPermittedError("You are not among the people of the CRM, so there is nothing to see.")
    whole = as_a_whole(request)
    if not desk.access.may_see_request(viewer, whole):
        return refuse(request, desk.context, desk.answer(whole, viewer))
    with desk.blaming_own_kpis([request]):
        return explain(desk.engine, request, desk.context, page, _record_rights(desk, viewer))


def _record_rights(desk: Desk, viewer: Viewer) -> Callable[[str | None], bool]:
    """Whose single records the viewer may see; those without an owner are for who may see everybody's."""
    sees_everybody = desk.access.may_see_breakdown(viewer, COMPANY, "rep")

    def may_see(rep_id: str | None) -> bool:
        if rep_id is None or sees_everybody:
            return sees_everybody
        return desk.access.may_see(viewer, Scope(ScopeType.REP, rep_id))

    return may_see


def record_links(record_urls: Mapping[str, str]) -> Link:
    """Where records are shown in their CRM, by table and stored id; nowhere without a ``record_url``."""

    def link(table: str, stored_id: str) -> str | None:
        url = record_urls.get(stored_id.partition(":")[0])
        return url and fill_record_url(url, table, bare_id(stored_id))

    return link
