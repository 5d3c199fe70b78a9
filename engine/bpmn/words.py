"""Names of the standard's elements as people write them."""

from __future__ import annotations

import re


def spaced(camel: str) -> str:
    """`userTask` as `user task`."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", camel).lower()


def article(noun: str) -> str:
    """`a` or `an` before a noun."""
    return f"an {noun}" if noun[0] in "aeio" else f"a {noun}"
