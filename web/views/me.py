"""Who am I: my bodies and roles, as the gate sees them."""

from __future__ import annotations

from itertools import groupby

import flask

from committee import worklist
from committee.organisations import Body
from web import context

blp = flask.Blueprint("me", __name__)


@blp.get("/me")
def read_me() -> str:
    """The reader's bodies, and what they are in each."""
    actor = context.actor()
    with context.database().reading() as db:
        bodies = worklist.by_id(db, Body, (held.body_id for held in actor.roles))
    roles = sorted(actor.roles, key=lambda role: (bodies[role.body_id].name, role.role))
    held = [(bodies[key], [each.role for each in those]) for key, those in groupby(roles, lambda role: role.body_id)]
    return flask.render_template("me/me.html", held=held)
