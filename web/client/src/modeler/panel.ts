// The panel beside the picture: what the chosen element is, and what can be said of it.
import { groups } from "./groups";
import type { Element, Host } from "./host";
import { isNode } from "./host";
import { insertForm } from "./insert";
import { make, t } from "./page";
import { Properties } from "./properties";
import { kindOf } from "./words";

export class Panel {
  private waiting = false;
  private isBehind = false;

  constructor(
    private readonly host: Host,
    private readonly box: HTMLElement,
    private readonly about: (element: string) => HTMLElement[],
  ) {
    host.get("eventBus").on(["selection.changed", "commandStack.changed", "root.set", "import.done"], () => this.later());
    box.addEventListener("focusout", () => {
      if (this.isBehind) this.later();
    });
    this.draw();
  }

  /** The element that is chosen; the process where none or several are. */
  private get chosen(): Element {
    const selected = this.host.get("selection").get();
    const one = selected.length === 1 ? selected[0] : undefined;
    const element = one ?? this.host.get("canvas").getRootElement();
    if (one === undefined && element.type === "bpmn:Collaboration") {
      return this.host.get("elementRegistry").filter((each) => each.type === "bpmn:Participant")[0] ?? element;
    }
    return element.labelTarget ?? element;
  }

  /** Drawn again after what caused it is over, so that somebody who goes on to the next field finds it. */
  later(): void {
    if (this.waiting) return;
    this.waiting = true;
    requestAnimationFrame(() => {
      this.waiting = false;
      this.draw();
    });
  }

  private draw(): void {
    const focused = document.activeElement;
    const inside = focused instanceof HTMLElement && this.box.contains(focused) ? focused : undefined;
    const isWritten = inside instanceof HTMLInputElement || inside instanceof HTMLTextAreaElement;
    this.isBehind = isWritten && inside.type !== "checkbox" && inside.value !== inside.defaultValue;
    if (this.isBehind) return; // somebody is writing
    const properties = new Properties(this.host, this.chosen);
    const open = new Set([...this.box.querySelectorAll("details:not([open])")].map((each) => each.id));
    const made = this.pieces(properties);
    for (const each of made) if (each instanceof HTMLDetailsElement) each.open = !open.has(each.id);
    this.box.replaceChildren(...made);
    if (inside?.id) document.getElementById(inside.id)?.focus({ preventScroll: true });
  }

  private pieces(properties: Properties): HTMLElement[] {
    const { element } = properties;
    const name = properties.text("name") || properties.text("id");
    const registry = this.host.get("elementRegistry");
    const heading = make("h2", { class: "ds-heading", "data-size": "xs", tabindex: "-1", id: "panel-heading" }, name);
    const all: HTMLElement[] = [heading, make("p", { class: "subtle" }, kindOf(properties.subject))];
    const found = this.about(element.id);
    if (found.length) all.push(make("ul", { class: "findings-list", "aria-label": t("Findings") }, ...found));
    groups(properties, (id) => registry.get(id) !== undefined).forEach(([title, fields], number) => {
      all.push(section(title, `panel-group-${number}`, fields));
    });
    const ways = element.outgoing.filter((each) => each.type === "bpmn:SequenceFlow");
    if (ways.length > 1) all.push(section(t("Ways out"), "panel-ways", [this.ways(ways)]));
    if (isNode(element) || element.type === "bpmn:SequenceFlow") {
      all.push(section(t("Insert a step after this"), "panel-insert", [insertForm(this.host, element)]));
    }
    return all;
  }

  /** The flows out of a step, to be chosen and given conditions without the picture. */
  private ways(flows: Element[]): HTMLElement {
    const items = flows.map((flow) => {
      const way = [flow.businessObject.name, flow.target?.businessObject.name || flow.target?.id].filter(Boolean).join(" → ");
      const button = make("button", { type: "button", class: "plain-button", id: `panel-way-${flow.id}` }, way);
      button.addEventListener("click", () => this.host.get("selection").select(flow));
      return make("li", {}, button);
    });
    return make("ul", { class: "ds-list" }, ...items);
  }
}

function section(title: string, id: string, fields: HTMLElement[]): HTMLElement {
  return make("details", { class: "panel-group", id }, make("summary", {}, title), make("div", { class: "stack" }, ...fields));
}
