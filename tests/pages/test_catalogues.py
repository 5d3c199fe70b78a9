"""The pages speak Swedish and English, both whole."""

from __future__ import annotations

from tests.support import messages


def test_everything_that_the_pages_say_is_said_in_swedish_too() -> None:
    swedish, _ = messages.translated("sv")
    missing = {key: file for key, file in messages.said().items() if key not in swedish}
    assert missing == {}
    assert [key for key, message in swedish.items() if not messages.is_whole(message)] == []


def test_no_catalogue_says_what_no_page_says_or_says_one_thing_in_two_ways() -> None:
    swedish, doubled = messages.translated("sv")
    assert sorted(swedish.keys() - messages.said().keys()) == []
    assert doubled == []
