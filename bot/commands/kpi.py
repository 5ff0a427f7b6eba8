"""``/kpi``: a question in, an answer for the asker's eyes out, with a button to share it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from bot.actions.share import share_value
from bot.listening import Body, Listening, run_once
from bot.services import Asker, NotPermittedError
from bot.views.answer import answer_message
from bot.views.help import help_message, list_message

if TYPE_CHECKING:
    from slack_bolt import Ack, App

COMMAND = "/kpi"

_PAGES = {"": help_message, "help": help_message, "list": list_message}


def register(app: App, listening: Listening) -> None:
    app.command(COMMAND)(ack=_ack, lazy=[run_once(listening, handle_kpi)])


def _ack(ack: Ack) -> None:
    # Alone: an exception after the ack would lose it.
    ack()


def handle_kpi(listening: Listening, body: Body) -> None:
    """Answers one ``/kpi``."""
    text = unescape(body.get("text") or "").strip()
    user_id = body["user_id"]
    with listening.desk() as desk:
        viewer = listening.members.viewer(user_id, desk.directory)
        if not desk.access.is_known(viewer):
            raise NotPermittedError("This Slack user is not among the people of the CRM.")
        page = _PAGES.get(text.casefold())
        if page:
            listening.reply(body, page(list(desk.context.catalogue.values())))
            return
        mentioned = partial(listening.members.rep, directory=desk.directory)
        request = desk.parse(text, Asker(viewer, rep_by_slack=mentioned))
        reading = desk.answer(request, viewer)
        names = desk.value_names(reading.where)
    locale = _locale(listening, user_id)
    share = share_value(request, reading.now) if reading.value is not None else None
    listening.reply(body, answer_message(reading, locale=locale, names=names, share=share))


def unescape(text: str) -> str:
    """The text as it was typed: Slack writes ``&``, ``<`` and ``>`` as entities, but for its own mentions."""
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def _locale(listening: Listening, user_id: str) -> Any:
    return listening.members.member(user_id).locale or listening.config.organisation.locale
