// What is drawn is saved as it is drawn. Until the server has it, this window keeps it, so that no reload loses it.
import type { Host } from "./host";
import { find, make, page, t } from "./page";

const PAUSE = 800;
const AGAIN = 5_000;
const KEPT = `handslag.draft:${location.pathname}`;

interface Kept {
  version: number;
  xml: string;
}

/** What this window had written and the server has not got. */
export function kept(): Kept | undefined {
  try {
    return JSON.parse(sessionStorage.getItem(KEPT) ?? "null") as Kept | undefined;
  } catch {
    return undefined;
  }
}

export class Saving {
  private version = page.version;
  private waiting: number | undefined;
  private isSending = false;
  private isStale = false;
  private written: string | undefined;
  private readonly others = new BroadcastChannel(KEPT);

  constructor(
    private readonly host: Host,
    private readonly status: HTMLElement,
    private readonly conflict: HTMLElement,
  ) {
    host.get("eventBus").on("commandStack.changed", () => void this.changed());
    addEventListener("online", () => void this.send());
    addEventListener("beforeunload", (event) => {
      if (this.written !== undefined) event.preventDefault();
    });
    this.others.addEventListener("message", (event: MessageEvent<number>) => {
      if (event.data > this.version) this.tellStale();
    });
  }

  /** The version that the server has, once nothing waits to be saved. */
  async settled(): Promise<void> {
    await this.send();
  }

  async changed(): Promise<void> {
    const { xml } = await this.host.saveXML({ format: true });
    if (xml === undefined) return;
    this.written = xml;
    try {
      sessionStorage.setItem(KEPT, JSON.stringify({ version: this.version, xml } satisfies Kept));
    } catch {
      // full or forbidden: the server is asked soon anyhow
    }
    this.say(t("Not saved yet"));
    this.later(PAUSE);
  }

  private later(pause: number): void {
    clearTimeout(this.waiting);
    this.waiting = window.setTimeout(() => void this.send(), pause);
  }

  private async send(): Promise<void> {
    const sent = this.written;
    if (sent === undefined || this.isSending || this.isStale) return;
    this.isSending = true;
    try {
      const answer = await fetch(`${page.addresses.content}?version=${this.version}`, { method: "PUT", body: sent });
      await this.heard(answer, sent);
    } catch {
      this.say(t("Not saved: there is no connection. It is tried again by itself; keep this window open."));
      this.later(AGAIN);
    } finally {
      this.isSending = false;
    }
    if (this.written !== undefined && this.written !== sent) this.later(0);
  }

  private async heard(answer: Response, sent: string): Promise<void> {
    if (answer.status === 401) {
      this.say(t("Not saved: you have been signed out. Sign in again in another window, and it is saved from here."));
      this.later(AGAIN);
      return;
    }
    const told = (await answer.json()) as { version: number; saved: string; sentence: string };
    if (answer.status === 409) {
      this.tellStale();
    } else if (!answer.ok) {
      this.say(told.sentence);
    } else {
      this.version = told.version;
      this.others.postMessage(this.version);
      if (this.written === sent) {
        this.written = undefined;
        sessionStorage.removeItem(KEPT);
      }
      this.say(t("Saved {time}", { time: told.saved }));
      find<HTMLInputElement>("draft-version").value = String(this.version);
    }
  }

  private say(sentence: string): void {
    this.status.textContent = sentence;
  }

  /** Somebody else has saved. Nothing more is saved from here until one has chosen what to keep. */
  private tellStale(): void {
    if (this.isStale) return;
    this.isStale = true;
    const theirs = make("button", { type: "button", class: "ds-button", "data-variant": "secondary" }, t("Show what was saved there"));
    const mine = make("button", { type: "button", class: "ds-button", "data-variant": "secondary" }, t("Keep what I have here as a draft of its own"));
    theirs.addEventListener("click", () => this.leave(location.pathname));
    mine.addEventListener("click", () => void this.copy());
    const sentence = t("This draft has been changed in another window or by somebody else. Nothing more is saved from here.");
    this.conflict.replaceChildren(make("p", { class: "ds-paragraph" }, sentence), make("div", { class: "row" }, theirs, mine));
    this.conflict.hidden = false;
    this.say(t("Not saved yet"));
  }

  private async copy(): Promise<void> {
    const { xml } = await this.host.saveXML({ format: true });
    const answer = await fetch(page.addresses.copy, { method: "POST", body: xml ?? "" });
    if (!answer.ok) return;
    this.leave(((await answer.json()) as { address: string }).address);
  }

  private leave(address: string): void {
    this.written = undefined;
    sessionStorage.removeItem(KEPT);
    location.assign(address);
  }
}
