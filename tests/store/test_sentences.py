"""Sentences that can be said in another language."""

from __future__ import annotations

import copy

import orjson

from store.errors import Conflict, Invalid
from store.sentences import say, translated

SWEDISH = {
    "%(body)s meets on %(day)s. %(why)s": "%(day)s sammanträder %(body)s. %(why)s",
    "Wait 100 % of the time.": "Vänta hela tiden.",
    "The operator": "Driften",
}


def swedish(message: str) -> str:
    return SWEDISH.get(message, message)


def test_a_sentence_reads_as_english_and_can_be_said_in_swedish() -> None:
    inner = Conflict("Wait 100 % of the time.")
    error = Invalid(say("%(body)s meets on %(day)s. %(why)s", body="AU %(x)s", day=3, why=inner.message))
    assert str(error) == error.message == "AU %(x)s meets on 3. Wait 100 % of the time."
    assert translated(error.message, swedish) == "3 sammanträder AU %(x)s. Vänta hela tiden."


def test_what_a_person_wrote_is_never_taken_for_a_message() -> None:
    assert translated(say("%(body)s meets on %(day)s. %(why)s", body="The operator", day=1, why=""), swedish).endswith(
        "The operator. "
    )


def test_a_sentence_without_a_translation_stays_as_it_is() -> None:
    assert translated(say("Give %(number)s.", number=2), swedish) == "Give 2."
    assert translated("A text of somebody", swedish) == "A text of somebody"


def test_a_sentence_is_copied_and_written_like_any_text() -> None:
    told = say("%(body)s meets on %(day)s. %(why)s", body="AU", day=1, why="")
    twin = copy.deepcopy(told)
    assert twin == told and translated(twin, swedish) == "1 sammanträder AU. "
    assert orjson.loads(orjson.dumps({"sentence": told})) == {"sentence": str(told)}
