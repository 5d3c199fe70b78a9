// What the checker says, on the elements and in a list. It is asked again a moment after each change.
import type { Host } from "./host";
import { make, page, t } from "./page";

const PAUSE = 600;

export interface Finding {
  element_id: string;
  name: string;
  severity: "error" | "advice";
  sentence: string;
  hint: string;
}

export class Checking {
  findings: Finding[] = [];
  private waiting: number | undefined;
  private asked = 0;
  private marked: [string, string][] = [];

  constructor(
    private readonly host: Host,
    private readonly list: HTMLElement,
    private readonly count: HTMLElement,
    private readonly choose: (element: string) => void,
    private readonly heard: () => void,
  ) {
    host.get("eventBus").on("commandStack.changed", () => this.later());
    void this.ask();
  }

  later(): void {
    clearTimeout(this.waiting);
    this.waiting = window.setTimeout(() => void this.ask(), PAUSE);
  }

  private async ask(): Promise<void> {
    const number = ++this.asked;
    const { xml } = await this.host.saveXML({ format: true });
    try {
      const answer = await fetch(page.addresses.check, { method: "POST", body: xml ?? "" });
      const told = (await answer.json()) as { findings?: Finding[] };
      if (number !== this.asked || !told.findings) return; // a later question is on its way
      this.findings = told.findings;
    } catch {
      return; // without connection the last answer stands; saving tells of it
    }
    this.mark();
    this.draw();
    this.heard();
  }

  private mark(): void {
    const canvas = this.host.get("canvas");
    const registry = this.host.get("elementRegistry");
    for (const [element, marker] of this.marked) if (registry.get(element)) canvas.removeMarker(element, marker);
    this.marked = this.findings
      .filter((each) => registry.get(each.element_id))
      .map((each) => [each.element_id, each.severity === "error" ? "has-error" : "has-advice"]);
    for (const [element, marker] of this.marked) canvas.addMarker(element, marker);
  }

  private draw(): void {
    const errors = this.findings.filter((each) => each.severity === "error").length;
    const advice = this.findings.length - errors;
    this.count.textContent = t("{errors} to mend, {advice} to think about", { errors, advice });
    this.list.replaceChildren(...this.findings.map((each) => this.item(each)));
    if (!this.findings.length) this.list.append(make("li", {}, t("Nothing to mend.")));
  }

  /** What is said of one element, for the panel that shows it. */
  about(element: string): HTMLElement[] {
    return this.findings.filter((each) => each.element_id === element).map((each) => make("li", {}, ...said(each)));
  }

  private item(finding: Finding): HTMLElement {
    const known = this.host.get("elementRegistry").get(finding.element_id);
    const place = make("button", { type: "button", class: "plain-button" }, finding.name || finding.element_id);
    place.addEventListener("click", () => this.choose(finding.element_id));
    return make("li", {}, ...said(finding, ...(known ? [place, " "] : [])));
  }
}

function said(finding: Finding, ...place: (Node | string)[]): (Node | string)[] {
  const isError = finding.severity === "error";
  const tag = make("span", { class: "ds-tag", "data-color": isError ? "danger" : "warning" }, isError ? t("To mend") : t("To think about"));
  const hint = finding.hint ? [make("br"), make("span", { class: "subtle" }, finding.hint)] : [];
  return [tag, " ", ...place, finding.sentence, ...hint];
}
