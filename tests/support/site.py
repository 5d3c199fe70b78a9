"""The pages and the API as they are served, and browsers that visit them."""

from __future__ import annotations

import os
import shutil
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
from playwright.sync_api import Browser, ConsoleMessage, Error, Page, Request, expect, sync_playwright

from api.server import create_server
from committee import sessions
from server.site import create_site
from store.settings import Settings
from tests.support.region import Region

AXE = Path(__file__).parents[2] / "web" / "client" / "node_modules" / "axe-core" / "axe.min.js"
AXE_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
PROGRAMS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
HEIGHT = 900
PATIENCE_SECONDS = 30.0
"""For an answer; other work of the machine is no failure."""


def program() -> str | None:
    """The browser of this machine; the one without windows, where it has it, needs half the processor time."""
    return next((found for name in PROGRAMS if (found := shutil.which(name))), None)


@contextmanager
def browsing() -> Iterator[Browser]:
    """A browser that asks nobody but those whom the pages name."""
    quiet = ["--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update"]
    as_root = ["--no-sandbox"] if os.geteuid() == 0 else []  # Chromium refuses to run as root otherwise
    with sync_playwright() as playwright:
        expect.set_options(timeout=PATIENCE_SECONDS * 1000)
        opened = playwright.chromium.launch(executable_path=program(), args=[*quiet, *as_root, "--disable-gpu"])
        yield opened
        opened.close()


class Site:
    """The product on an address, over a region; people are named by key."""

    def __init__(self, region: Region, settings: Settings, browser: Browser, address: str) -> None:
        self.region, self.database = region, region.database
        self.address = address
        self.complaints: list[str] = []
        """What browsers have said against the pages: errors of scripts, what the policy forbade, requests to others."""
        self.received: Counter[Page] = Counter()
        """Bytes that have come to each page, compressed as they came."""
        self._settings, self._browser = settings, browser
        self._sessions: dict[str, str] = {}

    def get(self, key: str | None, path: str, **options: Any) -> httpx.Response:
        """What the pages answer somebody, without a browser and its other requests."""
        cookies = {} if key is None else {"handslag_session": self._session(key)}
        return self._ask("GET", path, cookies, **options)

    def post(self, key: str | None, path: str, **options: Any) -> httpx.Response:
        """A form that somebody sends from one of our own pages."""
        cookies = {} if key is None else {"handslag_session": self._session(key)}
        headers = {"Sec-Fetch-Site": "same-origin"} | options.pop("headers", {})
        return self._ask("POST", path, cookies, headers=headers, **options)

    def _ask(self, method: str, path: str, cookies: dict[str, str], **options: Any) -> httpx.Response:
        plain = httpx.HTTPTransport(verify=False)  # certificates take longer to load than a page to come
        with httpx.Client(
            base_url=self.address, cookies=cookies, timeout=PATIENCE_SECONDS, transport=plain, trust_env=False
        ) as client:
            return client.request(method, path, **options)

    def admit(self, key: str, session: str) -> None:
        """Know somebody who is not one of the demo's people by a session that they have begun."""
        self._sessions[key] = session

    def _session(self, key: str) -> str:
        if key not in self._sessions:
            self._sessions[key] = sessions.begin_demo(self.database, self._settings.region, key)
        return self._sessions[key]

    def visit(self, key: str | None, path: str = "/", *, language: str = "sv", width: int = 1440) -> Page:
        """A browser of its own, in which somebody is signed in (None: nobody) and has opened a page."""
        page = self.window(key, language=language, width=width)
        page.goto(path)
        return page

    def window(self, key: str | None, *, language: str = "sv", width: int = 1440) -> Page:
        """A browser of its own, in which somebody is signed in (None: nobody), and nothing has been opened yet."""
        context = self._browser.new_context(viewport={"width": width, "height": HEIGHT}, base_url=self.address)
        cookies = {"handslag_language": language}
        if key is not None:
            cookies["handslag_session"] = self._session(key)
        context.add_cookies([{"name": name, "value": value, "url": self.address} for name, value in cookies.items()])
        page = context.new_page()
        page.set_default_timeout(PATIENCE_SECONDS * 1000)
        page.on("console", self._heard)
        page.on("pageerror", lambda error: self.complaints.append(f"script of {page.url}: {error}"))
        page.on("request", self._asked)
        page.on("requestfinished", lambda request: self._received(page, request))
        return page

    def _heard(self, message: ConsoleMessage) -> None:
        refused = message.text.startswith("Failed to load resource")  # a page that says what is wrong has such a status
        if message.type == "error" and not refused:
            self.complaints.append(f"console: {message.text}")

    def _received(self, page: Page, request: Request) -> None:
        try:
            size = request.sizes()["responseBodySize"]  # others are counted while this is asked for
        except Error:
            if not page.is_closed():
                raise
        else:
            self.received[page] += size

    def _asked(self, request: Request) -> None:
        host = urlsplit(request.url)
        if host.scheme in ("http", "https") and f"{host.scheme}://{host.netloc}" != self.address:
            self.complaints.append(f"a request left the site: {request.url}")


@contextmanager
def serving(region: Region, browser: Browser, folder: Path, name: str = "vasterbotten") -> Iterator[Site]:
    """Pages and API over a region until the end of the block, in this process: so that time can be moved."""
    settings = Settings(data_dir=folder, clock="simulated", region=name, host="127.0.0.1", port=0)
    server = create_server(create_site(settings, region.database), settings)
    thread = threading.Thread(target=server.run, name="site")
    thread.start()
    site = Site(region, settings, browser, f"http://127.0.0.1:{server.effective_port}")
    try:
        yield site
    finally:
        for context in browser.contexts:
            context.close()
        _stop(server, thread)


def _stop(server: Any, thread: threading.Thread) -> None:
    """End its loop, then its threads, and only then close what they wrote to."""
    sockets: list[Any] = []

    def leave() -> None:
        sockets.extend(server._map.values())
        server._map.clear()

    server.trigger.pull_trigger(leave)
    thread.join(30)
    assert not thread.is_alive()
    server.task_dispatcher.shutdown()
    for each in sockets:
        each.close()


def violations(page: Page) -> list[str]:
    """What axe finds against a page (WCAG 2.2 A and AA, and good practice)."""
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found: dict[str, Any] = page.evaluate(
        "rules => axe.run(document, {runOnly: {type: 'tag', values: rules}})", AXE_RULES
    )
    return [f"{each['id']}: {node['html'][:200]}" for each in found["violations"] for node in each["nodes"]]


def overflow(page: Page) -> int:
    """How many pixels the page is wider than its window."""
    return int(page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))
