// A draft that is written by an editor which is no modeler of diagrams: saved and checked as diagrams are.
import { Checking } from "../modeler/checking";
import type { Host } from "../modeler/host";
import { find, page } from "../modeler/page";
import { Saving, kept } from "../modeler/saving";

const PAUSE = 600;

export class Writing {
  private readonly listeners: (() => void)[] = [];
  private readonly saving: Saving;
  private isOpen = false;
  private waiting: number | undefined;

  /** `write` gives the file as it stands in the editor; `written` is told a moment after each change. */
  constructor(
    private readonly write: () => Promise<string>,
    private readonly written: () => void = () => undefined,
  ) {
    this.saving = new Saving(this.host(), find("saved"), find("conflict"));
    document.addEventListener("htmx:confirm", (event) => this.hold(event as CustomEvent<Issue>));
  }

  /** The file to begin with: the server's, or what this window had not been able to save. */
  async read(): Promise<string> {
    const own = kept();
    if (own && own.version === page.version) return own.xml;
    return (await fetch(page.addresses.content)).text();
  }

  /** The editor shows the file; from now on changes are the reader's. */
  opened(): void {
    this.isOpen = true;
    new Checking(this.host(), find("findings"), find("findings-count"), () => undefined, () => undefined);
    if (kept()) this.changed();
  }

  changed(): void {
    if (!this.isOpen) return;
    for (const listener of this.listeners) listener();
    clearTimeout(this.waiting);
    this.waiting = window.setTimeout(this.written, PAUSE);
  }

  /** What the server is asked about the draft is asked when it has it. */
  private hold(event: CustomEvent<Issue>): void {
    event.preventDefault();
    void this.saving.settled().then(() => event.detail.issueRequest(true));
  }

  /** As much of a modeler as saving and checking ask for. */
  private host(): Host {
    const services = {
      eventBus: { on: (_: string, listener: () => void) => this.listeners.push(listener) },
      elementRegistry: { get: () => undefined },
      canvas: { addMarker: () => undefined, removeMarker: () => undefined },
    };
    const host = {
      get: (name: keyof typeof services) => services[name],
      saveXML: async () => ({ xml: await this.write() }),
    };
    return host as unknown as Host;
  }
}

interface Issue {
  issueRequest(confirmed: boolean): void;
}

// Typed over chosen text, Chromium carries the old text's looks over as an inline style, which the policy forbids and says
// so of. Where nothing is chosen any longer it does not.
addEventListener(
  "beforeinput",
  (event) => {
    const isInEditor = event.target instanceof Element && event.target.closest(".cm-content") !== null;
    if (isInEditor && event.inputType === "insertText" && !getSelection()?.isCollapsed) document.execCommand("delete");
  },
  { capture: true },
);
