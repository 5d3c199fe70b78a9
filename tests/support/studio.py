"""What a process owner brings to the studio, and what is found there, without a browser."""

from __future__ import annotations

import re
from pathlib import Path

from tests.support.eventually import eventually
from tests.support.site import Site

PROCESSES = Path(__file__).parents[2] / "processes"
OWNER = "processagare"
HANDSHAKE = "samrad_handshake"
RENAMED = ('name="Meddela ordföranden"', 'name="Meddela ordförande och sekreterare"')


def changed(name: str, *pairs: tuple[str, str]) -> bytes:
    """A delivered file with some of its text replaced, as a tool of the process owner would have."""
    text = (PROCESSES / name).read_text(encoding="utf-8")
    for old, new in pairs:
        assert old in text
        text = text.replace(old, new)
    return text.encode()


def brought(site: Site, name: str, content: bytes) -> str:
    """The address of a draft of a file that the process owner brings."""
    return _sent(site, "/studio/drafts", files={"file": (name, content)})


def renamed_handshake(site: Site) -> None:
    """A second version of the handshake, in which a step has another name."""
    files = [{"name": f"{HANDSHAKE}.bpmn", "content": changed(f"{HANDSHAKE}.bpmn", RENAMED).decode()}]
    assert site.region(OWNER).post("/definitions", {"files": files}).status_code == 201


def versions(site: Site) -> dict[str, str]:
    """The addresses of all that is deployed, by `key:number`."""
    known = site.region(OWNER).get("/definitions?limit=200").json["items"]
    return {f"{each['key']}:{each['number']}": f"/studio/versions/{each['id']}" for each in known}


def worked(site: Site, address: str, **form: str) -> str:
    """The address of long work that a form begins, when it is done."""
    work = _sent(site, address, data=form)
    eventually(lambda: "hx-trigger" not in site.get(OWNER, work).text, f"{form} of {address}")
    return work


def staged(site: Site) -> dict[str, str]:
    """The addresses of drafts, of versions, and of what was found out about them."""
    renamed_handshake(site)
    renamed = changed("external_referral.bpmn", ('name="Godkänn utkastet"', 'name="Godkänn förslaget"'))
    drawing = brought(site, "external_referral.bpmn", renamed)
    files = [{"name": "external_referral.bpmn", "content": renamed.decode().replace("Utse handläggare", "Utse en")}]
    assert site.region(OWNER).post("/definitions", {"files": files}).status_code == 201
    known = versions(site)
    newest = known["external_referral:2"]
    work = worked(site, f"{newest}/migrate", action="migrate", reason="Beslut § 14", **{"from": "1"})
    migration = re.search(r"/studio/migrations/[^\"]+", site.get(OWNER, work).text)
    assert migration is not None
    return {
        "handshake": known["samrad_handshake:1"],
        "renamed": known["samrad_handshake:2"],
        "table": known["decision_route:1"],
        "migration": migration.group(),
        "drawing": drawing,
        "deciding": brought(site, "referral_triage.dmn", changed("referral_triage.dmn")),
        "asking": brought(site, "triage_referral.form", changed("forms/triage_referral.form")),
        "would_move": worked(site, f"{drawing}/deploy", action="running"),
        "earlier": worked(site, f"{drawing}/deploy", action="earlier"),
        "scenarios": worked(site, f"{known['samrad_handshake:1']}/scenarios"),
    }


def _sent(site: Site, address: str, **form: object) -> str:
    answer = site.post(OWNER, address, **form)
    assert answer.status_code == 303, answer.text
    return str(answer.headers["Location"])
