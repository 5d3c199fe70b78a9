"""`handslag demo`: real referrals and a strategy played over HTTP, each by the people whose steps they are.

A scenario is a module of this package with one `SCENARIO = Scenario(key, title, begins, play)`, listed in
`cli.demo.command.SCENARIOS` in the order of time: all play on one database and its clock only moves forward. Its `play`
gets a `Play` (`cli.demo.play`) and tells the story line by line. `play.calendar(...)` puts meetings into the calendar;
`play.open_case(...)` begins; `play.on(day)` moves the clock, stopping at every timer on the way until the worker has
done what is due; `play.do("officer", "draft_statement", position="approve", summary="…")` completes a task as that
person with the form's fields; `play.summon`, `play.decide`, `play.samrad` and `play.minutes` act on the meeting of a body
on a day; `play.actor("key")` is any person's own HTTP client (`get`, `all`, `post`, `change`) for the rest. What people
and the worker do is printed by itself; `play.tell("…")` adds a sentence of narration. At the end `play.check("sentence",
found, expected)` reads the API and says whether that is how it ended: one that differs, a refused request or a step that
does not wait ends the command with exit code 1 and a sentence. Nothing reaches into the database.
"""
