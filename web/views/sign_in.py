"""Sign in, sign out, choose a language."""

from __future__ import annotations

import flask
from werkzeug.wrappers import Response

from committee import access, sessions
from store.errors import Forbidden, HandslagError
from web import context, language, problems, session
from web.language import _

blp = flask.Blueprint("sign_in", __name__)

Fields = list[tuple[str, str]]
RESEND = "resend."
"""Before the names of fields that were sent when the sign-in had run out."""
CHOOSE = "choose."
"""Before the names of files that were sent then: a page cannot carry them, so their names ask for them again."""


@blp.get("/sign-in")
def sign_in() -> str:
    """Who are you?"""
    return _page(flask.request.args.get("next"))


@blp.post("/sign-in")
def begin() -> Response | tuple[str, int] | str:
    """Sign in, and go on to where one was going, or offer to send again what could not be sent."""
    form = flask.request.form
    try:
        token = _begin(form.get("person", ""), form.get("token", "").strip())
    except HandslagError as problem:
        return _page(form.get("next"), problems.sentence(problem)), 422
    going_to = session.inside(form.get("next"))
    if _is_interrupted():
        fields, files = (_without(prefix, _carried()) for prefix in (RESEND, CHOOSE))
        page = flask.render_template(
            "sign_in/resend.html", fields=fields, files=files, action=going_to, name=_name_of(token),
            max_bytes=context.settings().max_upload_bytes,
        )  # fmt: skip
        response: Response = flask.make_response(page)
    else:
        response = flask.redirect(going_to, 303)
    session.keep(response, token)
    return response


def interrupted() -> tuple[str | Response, int]:
    """A form came when the sign-in had ended: ask who it is, and carry along what was written."""
    request = flask.request
    if "HX-Request" in request.headers:  # the page is still open, and a line in it is all that changes
        return flask.render_template("sign_in/ended.html"), 401
    if request.accept_mimetypes.best == "application/json":  # files that a script of the page sends
        said = _("was not sent: your sign-in has ended. Sign in in a new window, then choose the file again here.")
        return flask.jsonify(refused=[said]), 401
    fields = [(f"{RESEND}{name}", value) for name, value in request.form.items(multi=True)]
    for name, chosen in request.files.lists():
        called = [file.filename for file in chosen if file.filename]
        fields += [(f"{CHOOSE}{name}", ", ".join(called))] if called else []
    page = _page(request.full_path.rstrip("?"), fields=fields, template="sign_in/again.html")
    return page, 401


@blp.post("/sign-out")
def end() -> Response:
    """Sign out."""
    response = flask.redirect(flask.url_for("sign_in.sign_in"), 303)
    session.end(response)
    return response


@blp.post("/language")
def choose_language() -> Response:
    """Remember the language in this browser."""
    response = flask.redirect(session.inside(flask.request.form.get("next")), 303)
    chosen = flask.request.form.get("language", "")
    if chosen in language.LANGUAGES:
        response.set_cookie(language.COOKIE, chosen, max_age=365 * 24 * 3600, samesite="Lax", httponly=True)
    return response


def _is_interrupted() -> bool:
    return flask.request.form.get("interrupted") == "1"


def _carried() -> Fields:
    return [item for item in flask.request.form.items(multi=True) if item[0].startswith((RESEND, CHOOSE))]


def _without(prefix: str, carried: Fields) -> Fields:
    return [(name.removeprefix(prefix), value) for name, value in carried if name.startswith(prefix)]


def _name_of(token: str) -> str:
    """Who has just signed in: it may be somebody else than the one who wrote what is to be sent."""
    with context.database().reading() as db:
        actor = access.authenticate(db.connection(), token, demo=_is_demo())
    return actor.name if actor is not None else ""


def _is_demo() -> bool:
    return context.settings().environment == "development"


def _begin(person: str, token: str) -> str:
    settings = context.settings()
    if person and _is_demo():
        return sessions.begin_demo(context.database(), settings.region, person)
    if not token:
        raise Forbidden("Give a token. The operator issues one with: handslag token issue")
    return sessions.begin(context.database(), token, demo=_is_demo())


def _page(
    going_to: str | None,
    problem: str = "",
    *,
    fields: Fields | None = None,
    template: str = "sign_in/sign_in.html",
) -> str:
    with context.database().reading() as db:
        people = sessions.demo_people(db, context.settings().region) if _is_demo() else []
    is_interrupted = fields is not None or _is_interrupted()
    fields = _carried() if fields is None else fields
    return flask.render_template(
        template,
        people=people,
        next=going_to or "",
        problem=problem,
        interrupted=is_interrupted,
        fields=fields,
        has_files=any(name.startswith(CHOOSE) for name, _value in fields),
    )
