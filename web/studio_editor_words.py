"""What the editors of tables and forms say in the browser. Their own libraries ask for each text by its English."""

from __future__ import annotations

from web.terms import N_

TABLE = (
    N_("Add input"), N_("Add output"), N_("Add rule"), N_("Add rule above"), N_("Add rule below"), N_("Add input column left"),
    N_("Add input column right"), N_("Add output column left"), N_("Add output column right"), N_("Add values"),
    N_("Add predefined values"), N_("Clear predefined values"), N_("Add cell description"), N_("Remove cell description"),
    N_("After"), N_("And"), N_("Annotation"), N_("Annotations"), N_("Before"), N_("Between"), N_("Boolean value"),
    N_("Change cell expression language"), N_("Change type"), N_("Comparison"), N_("Comparison operator"), N_("Copy rule"),
    N_("Copy input column"), N_("Copy output column"), N_("Custom values"), N_("Cut rule"), N_("Cut input column"),
    N_("Cut output column"), N_("Date"), N_("Date and time"), N_("Decision name"), N_("Delete"), N_("Edit"),
    N_("Edit boolean"), N_("Edit date"), N_("Edit input"), N_("Edit number"), N_("Edit output"), N_("Edit string"),
    N_("Equals"), N_("Exactly"), N_("Exclude"), N_("Expression"), N_("Greater"), N_("Greater or equals"), N_("Hit policy"),
    N_("Hit policy:"), N_("Include"), N_("Input"), N_("Input expression"), N_("Input label"), N_("Input type"),
    N_("Input values"), N_("Less"), N_("Less or equals"), N_("Match none"), N_("Match one"), N_("Move rule"), N_("No"),
    N_("No values"), N_("Output"), N_("Output label"), N_("Output name"), N_("Output type"), N_("Output values"),
    N_("Paste rule above"), N_("Paste rule below"), N_("Predefined values"), N_("Range"), N_("Remove rule"),
    N_("Remove input column"), N_("Remove output column"), N_("Set value"), N_("String value"),
    N_("Strings must be in double quotes"), N_("Test type"), N_("Then"), N_("Time"), N_("Type"), N_("Use today"),
    N_("Value"), N_("Values"), N_("View DRD"), N_("When"), N_("Yes"), N_("Enter expression"), N_("What needs what"),
)  # fmt: skip
FORM = (
    N_("Text field"), N_("Text area"), N_("Number field"), N_("Checkbox"), N_("Radio group"), N_("Select"), N_("Checkbox group"),
    N_("Tag list"), N_("Date time"), N_("Text view"), N_("Group"),
)  # fmt: skip
"""The palette of the form editor. Its panel has no way to be spoken otherwise than in English."""
