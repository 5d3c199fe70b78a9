// The process as a table, for those who do not see the picture; each step can be chosen from it.
import type { Finding } from "./checking";
import type { Element, Host } from "./host";
import { isNode } from "./host";
import { make, t } from "./page";
import { Properties } from "./properties";
import { kindOf } from "./words";

export class Steps {
  constructor(
    private readonly host: Host,
    private readonly body: HTMLElement,
    private readonly count: HTMLElement,
    private readonly findings: () => Finding[],
    private readonly choose: (element: string) => void,
  ) {
    host.get("eventBus").on(["commandStack.changed", "import.done"], () => this.draw());
    this.draw();
  }

  draw(): void {
    const nodes = this.host.get("elementRegistry").filter(isNode);
    const placed = nodes.sort((one, other) => one.x - other.x || one.y - other.y);
    this.count.textContent = String(placed.length);
    const focused = document.activeElement?.id;
    this.body.replaceChildren(...placed.map((each) => this.row(each)));
    if (focused?.startsWith("step-")) document.getElementById(focused)?.focus({ preventScroll: true });
  }

  private row(element: Element): HTMLElement {
    const name = element.businessObject.name || element.id;
    const button = make("button", { type: "button", class: "plain-button", id: `step-${element.id}` }, name);
    button.addEventListener("click", () => this.choose(element.id));
    const next = element.outgoing.filter((each) => each.type === "bpmn:SequenceFlow");
    const about = this.findings().filter((each) => each.element_id === element.id);
    return make(
      "tr",
      {},
      make("th", { scope: "row" }, button),
      make("td", { "data-label": t("Kind") }, kindOf(element.businessObject)),
      make("td", { "data-label": t("Who") }, this.who(element)),
      make("td", { "data-label": t("Next") }, next.map((each) => each.target?.businessObject.name || each.target?.id || "").join(", ")),
      make("td", { "data-label": t("Findings") }, about.map((each) => each.sentence).join(" ")),
    );
  }

  private who(element: Element): string {
    const properties = new Properties(this.host, element);
    const own = properties.own("performer");
    if (own) return [own["role"], own["body"] || own["organization"]].filter(Boolean).join(", ");
    return properties.lane?.businessObject.name ?? "";
  }
}
