// Reading and writing what the panel shows. Every change goes through the modeler's commands, so that it can be undone.
import type { Element, Host, Moddle, Values } from "./host";
import { is } from "./host";

type Own = Record<string, string>;
export type Assigned = { name: string; value: string; label?: string };

export class Properties {
  constructor(
    private readonly host: Host,
    readonly element: Element,
  ) {}

  /** What an element says: of a pool its process, which has no shape of its own. */
  get subject(): Moddle {
    const held = this.element.businessObject;
    return (is(held, "bpmn:Participant") && (held.get("processRef") as Moddle | undefined)) || held;
  }

  set(values: Values, moddle: Moddle = this.subject): void {
    if (moddle === this.element.businessObject) this.host.get("modeling").updateProperties(this.element, values);
    else this.host.get("modeling").updateModdleProperties(this.element, moddle, values);
  }

  text(name: string, moddle: Moddle = this.subject): string {
    return String(moddle.get(name) ?? "");
  }

  // -- our extension elements

  private extensions(moddle: Moddle): Moddle[] {
    const held = moddle.get("extensionElements") as Moddle | undefined;
    return (held?.get("values") as Moddle[] | undefined) ?? [];
  }

  own(name: string, moddle: Moddle = this.subject): Own | undefined {
    const found = this.extensions(moddle).find((each) => each.$type === typeOf(name));
    return found && attributes(found);
  }

  /**
   * The lane that says who does what stands in it; of lanes inside each other the innermost that does. What stands in a
   * subprocess is in the lane of that, since drawing takes it out of the lane's own list.
   */
  get lane(): Element | undefined {
    const every = this.host.get("elementRegistry").filter((each) => is(each.businessObject, "bpmn:Lane"));
    let held: Moddle | undefined = this.element.businessObject;
    for (; held && is(held, "bpmn:FlowNode"); held = held.$parent) {
      const lanes = every.filter((lane) => ((lane.businessObject.get("flowNodeRef") as unknown[] | undefined) ?? []).includes(held));
      if (lanes.length) return lanes.reverse().find((lane) => this.own("performer", lane.businessObject)) ?? lanes[0];
    }
    return undefined;
  }

  every(name: string, moddle: Moddle = this.subject): Assigned[] {
    const found = this.extensions(moddle).filter((each) => each.$type === typeOf(name));
    return found.map((each) => {
      const label = name === "input" ? String(each.get("label") ?? "") : "";
      return { name: String(each.get("name") ?? ""), value: String(each.get("value") ?? ""), ...(label ? { label } : {}) };
    });
  }

  /** Say something in one extension element; empty attributes are left out, and an element without any goes. */
  say(name: string, values: Own, moddle: Moddle = this.subject): void {
    const kept = Object.fromEntries(Object.entries(values).filter(([, value]) => value !== ""));
    this.sayAll(name, Object.keys(kept).length ? [kept] : [], moddle);
  }

  sayAll(name: string, every: Own[], moddle: Moddle = this.subject): void {
    const type = typeOf(name);
    const others = this.extensions(moddle).filter((each) => each.$type !== type);
    const before = this.extensions(moddle).findIndex((each) => each.$type === type);
    const made = every.map((values) => this.host.get("moddle").create(type, values));
    const at = before < 0 ? others.length : Math.min(before, others.length);
    this.setExtensions(moddle, [...others.slice(0, at), ...made, ...others.slice(at)]);
  }

  private setExtensions(moddle: Moddle, values: Moddle[]): void {
    const holder = values.length ? this.child(moddle, "bpmn:ExtensionElements", { values }) : undefined;
    for (const each of values) each.$parent = holder as Moddle;
    this.set({ extensionElements: holder }, moddle);
  }

  child(parent: Moddle, type: string, values: Values): Moddle {
    const made = this.host.get("moddle").create(type, values);
    made.$parent = parent;
    return made;
  }

  // -- the standard's own

  get documentation(): string {
    const held = this.subject.get("documentation") as Moddle[] | undefined;
    return String(held?.[0]?.get("text") ?? "");
  }

  set documentation(text: string) {
    const made = text ? [this.child(this.subject, "bpmn:Documentation", { text })] : [];
    this.set({ documentation: made });
  }

  /** An expression that stands as a text within an element, such as a condition. */
  expression(name: string, moddle: Moddle = this.subject): string {
    const held = moddle.get(name) as Moddle | undefined;
    return String(held?.get("body") ?? "");
  }

  setExpression(name: string, text: string, moddle: Moddle = this.subject): void {
    const made = text ? this.child(moddle, "bpmn:FormalExpression", { body: text }) : undefined;
    this.set({ [name]: made }, moddle);
  }

  get event(): Moddle | undefined {
    return (this.subject.get("eventDefinitions") as Moddle[] | undefined)?.[0];
  }

  get loop(): Moddle | undefined {
    return this.subject.get("loopCharacteristics") as Moddle | undefined;
  }

  // -- messages, signals, errors and escalations, which stand at the top of the file and are named by many

  private get definitions(): Moddle {
    let found = this.subject;
    while (found.$parent) found = found.$parent;
    return found;
  }

  roots(type: string): Moddle[] {
    return (this.definitions.get("rootElements") as Moddle[]).filter((each) => each.$type === type);
  }

  /** Name one of them; it is made if no other has named it yet. */
  refer(holder: Moddle, attribute: string, type: string, name: string): void {
    const known = this.roots(type).find((each) => each.name === name);
    let meant: Moddle | undefined = name ? known : undefined;
    if (name && !known) {
      meant = this.child(this.definitions, type, { id: `${type.slice(5)}_${identifier(name)}`, name });
      if (type === "bpmn:Error" || type === "bpmn:Escalation") {
        Object.assign(meant, { [type === "bpmn:Error" ? "errorCode" : "escalationCode"]: name });
      }
      const rootElements = [...(this.definitions.get("rootElements") as Moddle[]), meant];
      this.set({ rootElements }, this.definitions);
    }
    this.set({ [attribute]: meant }, holder);
  }
}

/** Elements are written small in files; their types are called by a capital. */
const typeOf = (name: string) => `handslag:${name.charAt(0).toUpperCase()}${name.slice(1)}`;

function attributes(moddle: Moddle): Own {
  const names = ["role", "body", "organization", "ref", "name", "date", "result", "binding", "versionTag"];
  const more = ["inputs", "outputs", "collection", "element", "output", "outputElement"];
  const descriptor = (moddle as unknown as { $descriptor: { propertiesByName: Record<string, unknown> } }).$descriptor;
  const known = [...names, ...more].filter((name) => name in descriptor.propertiesByName);
  return Object.fromEntries(known.map((name) => [name, String(moddle.get(name) ?? "")]));
}

/** A name as an id: small letters without accents, and underscores. */
export function identifier(name: string): string {
  const plain = name.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
  const found = plain.replace(/[^a-z0-9]+/g, "_").replace(/^_+|_+$/g, "").slice(0, 60);
  return /^[a-z]/.test(found) ? found : `step_${found}`;
}
