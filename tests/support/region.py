"""The demo organisation over HTTP, with its people, its year of meetings and the delivered processes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy import select

from api.app import create_app
from committee import profile
from store.database import Database
from store.events import Outbox
from store.settings import Settings
from tests.api.conftest import Caller

REFERRAL = {
    "case_type": "external_referral",
    "title": "SOU 2020:73 Stärkt äganderätt, flexibla skyddsformer och naturvård i skogen",
    "sender": "Miljödepartementet",
    "reply_by": "2021-04-30",
}


class Region:
    """The demo organisation of a profile over HTTP; people are named by key, `head` is the one who assigns cases."""

    def __init__(self, database: Database, folder: Path, name: str = "vasterbotten", head: str = "chef") -> None:
        settings = Settings(data_dir=folder, clock="simulated", region=name)
        self.database, self.head = database, head
        self.users = {user.key: user.token for user in profile.load_demo(database, settings)}
        profile.deploy_processes(database, settings)
        self.app = create_app(settings, database)

    def __call__(self, key: str) -> Caller:
        return Caller(self.app.test_client(), self.users[key])

    def waiting(self, key: str) -> dict[str, str]:
        """Element to id of the tasks that wait for somebody."""
        return {task["element_id"]: task["id"] for task in self(key).get("/tasks?limit=200").json["items"]}

    def open_in(self, case: str) -> list[str]:
        """The elements at which a case waits for anybody."""
        found = self(self.head).get(f"/tasks?whose=all&case_id={case.rpartition('/')[2]}").json["items"]
        return sorted(task["element_id"] for task in found)

    def mails(self, key: str) -> list[str]:
        """The subjects of the e-mails to somebody, oldest first."""
        with self.database.reading() as db:
            rows = db.scalars(select(Outbox).order_by(Outbox.created_at, Outbox.id)).all()
        return [row.payload["subject"] for row in rows if row.payload["to"] == f"{key}@demo.invalid"]

    def do(self, key: str, element: str, **values: Any) -> None:
        """Complete a task with its form."""
        waiting = self.waiting(key)
        assert element in waiting, f"{element} does not wait for {key}, only {sorted(waiting)}"
        address = f"/tasks/{waiting[element]}"
        tag = self(key).get(address).headers["ETag"]
        answer = self(key).post(f"{address}/complete", {"values": values}, headers={"If-Match": tag})
        assert answer.status_code == 200, answer.text

    def change(self, key: str, address: str, verb: str, **body: Any) -> None:
        """A verb on something versioned."""
        tag = self(key).get(address).headers["ETag"]
        answer = self(key).post(f"{address}/{verb}", body or None, headers={"If-Match": tag})
        assert answer.status_code == 200, answer.text

    def meeting(self, body: str, day: str) -> str:
        """The address of the meeting of a body on a day."""
        found = self("sekreterare").get(f"/meetings?body={body}&limit=200").json["items"]
        return next(f"/meetings/{each['id']}" for each in found if each["day"] == day)

    def item(self, meeting: str) -> str:
        """The address of the only item of a meeting."""
        items = self("sekreterare").get(f"{meeting}/agenda").json["items"]
        assert len(items) == 1
        return f"/agenda-items/{items[0]['id']}"

    def triage(self, *, handling: str = "answer", **said: bool) -> None:
        """Do the step in which it is said how a case is handled; what is not said is no."""
        asked = dict.fromkeys(("municipal_interest", "goal_setting", "sender_allows_extension"), False)
        self.do(self.head, "triage_referral", handling=handling, **asked | said)

    def registered(self, *, municipal_interest: bool = True, extension: bool = True, **case: str) -> str:
        """A case that has been registered, triaged and given to an officer; its address."""
        made = self("registrator").post("/cases", REFERRAL | case)
        assert made.status_code == 201, made.text
        self.do("registrator", "register_referral")
        self.triage(municipal_interest=municipal_interest, sender_allows_extension=extension)
        self.do(self.head, "assign_officer", case_officer_id=self("handlaggare").get("/me").json["person_id"])
        return f"/cases/{made.json['id']}"
