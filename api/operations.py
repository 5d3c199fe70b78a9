"""The operations that diagrams may name."""

from __future__ import annotations

from typing import Any

from marshmallow import fields

from api.blueprint import Blueprint
from api.schemas import Representation
from engine import operations
from store.paging import Page

blp = Blueprint("operations", "What service tasks and submissions of user tasks may run.")


class OperationSchema(Representation):
    """A named operation."""

    name = fields.String()
    label_sv = fields.String()
    label_en = fields.String()
    inputs = fields.List(
        fields.String(), metadata={"description": "Names it reads; one that ends in ? may be left out."}
    )
    outputs = fields.List(fields.String())


@blp.get("/operations")
@blp.reads_all(OperationSchema)
def list_operations() -> Page[Any]:
    """All operations by name."""
    return Page(sorted(operations.operations().values(), key=lambda each: each.name))
