// Fields of the panel: a label, a sentence of help and an input, as everywhere else on the pages.
import { type Choice, make, t } from "./page";
import type { Assigned } from "./properties";

export interface Asked {
  name: string;
  label: string;
  help?: string;
}

export interface Typed extends Asked {
  value: string;
  long?: boolean;
  choices?: Choice[];
  set(value: string): void;
}

const idOf = (name: string) => `panel-${name}`;

function field(asked: Asked, input: HTMLElement, ...after: Node[]): HTMLElement {
  const id = idOf(asked.name);
  input.id = id;
  input.classList.add("ds-input");
  const made = make("div", { class: "ds-field" }, make("label", { class: "ds-label", for: id }, asked.label));
  if (asked.help) {
    made.append(make("p", { class: "ds-paragraph", "data-field": "description", id: `${id}-help` }, asked.help));
    input.setAttribute("aria-describedby", `${id}-help`);
  }
  made.append(input, ...after);
  return made;
}

export function text(asked: Typed): HTMLElement {
  const input = asked.long ? make("textarea", { rows: "3" }) : make("input", { type: "text" });
  input.defaultValue = asked.value;
  input.autocomplete = "off";
  input.spellcheck = asked.long ?? false;
  input.addEventListener("change", () => asked.set(input.value.trim()));
  if (!asked.choices) return field(asked, input);
  const list = make("datalist", { id: `${idOf(asked.name)}-known` });
  list.append(...asked.choices.map((each) => make("option", { value: each.key }, each.label)));
  input.setAttribute("list", list.id);
  return field(asked, input, list);
}

export function choice(asked: Typed & { choices: Choice[]; none?: string }): HTMLElement {
  const input = make("select");
  const known = asked.choices.some((each) => each.key === asked.value) || !asked.value;
  const more = known ? [] : [{ key: asked.value, label: asked.value }];
  if (asked.none !== undefined) input.append(make("option", { value: "" }, asked.none));
  for (const each of [...asked.choices, ...more]) {
    input.append(make("option", { value: each.key, selected: each.key === asked.value }, each.label));
  }
  input.addEventListener("change", () => asked.set(input.value));
  const note = asked.choices.find((each) => each.key === asked.value)?.note;
  return field(asked, input, ...(note ? [make("p", { class: "subtle" }, note)] : []));
}

const OTHER = "=";

/** One of several, or an expression of one's own. */
export function chosenOrExpression(asked: Typed & { choices: Choice[]; none: string }): HTMLElement[] {
  const isOther = asked.value.startsWith("=");
  const other = { key: OTHER, label: t("Worked out by an expression") };
  const first = choice({
    ...asked,
    choices: [...asked.choices, other],
    value: isOther ? OTHER : asked.value,
    set: (value) => asked.set(value === OTHER ? "=" : value),
  });
  return isOther ? [first, expression({ ...asked, name: `${asked.name}-expression`, label: t("Expression") })] : [first];
}

/** FEEL; the equals sign that our words need before it is written for the person. */
export function expression(asked: Typed & { bare?: boolean }): HTMLElement {
  const shown = asked.value.replace(/^=\s*/, "");
  const set = (value: string) => asked.set(value === "" || asked.bare ? value : `=${value.replace(/^=\s*/, "")}`);
  const made = text({ ...asked, value: shown, set });
  made.querySelector("input, textarea")?.classList.add("code");
  return made;
}

export function tick(asked: Asked & { value: boolean; set(value: boolean): void }): HTMLElement {
  const input = make("input", { type: "checkbox", checked: asked.value });
  input.addEventListener("change", () => asked.set(input.checked));
  return field(asked, input);
}

/** Names and what they are given, one beside the other. */
export function rows(asked: Asked & { value: Assigned[]; shown?: string; set(value: Assigned[]): void }): HTMLElement {
  const box = make("fieldset", { class: "ds-fieldset", id: idOf(asked.name) });
  box.append(make("legend", { class: "ds-label" }, asked.label));
  if (asked.help) box.append(make("p", { class: "ds-paragraph", "data-field": "description" }, asked.help));
  asked.value.forEach((each, number) => {
    const change = (changed: Partial<Assigned>) =>
      asked.set(asked.value.map((one, at) => (at === number ? { ...one, ...changed } : one)));
    const at = `${asked.name}-${number}`;
    const remove = make("button", { type: "button", class: "plain-button", id: `${idOf(at)}-remove` }, t("Remove"));
    remove.addEventListener("click", () => asked.set(asked.value.filter((_, one) => one !== number)));
    box.append(
      make(
        "div",
        { class: "assignment" },
        text({ name: `${at}-name`, label: t("Name"), value: each.name, set: (name) => change({ name }) }),
        expression({ name: `${at}-value`, label: t("Value"), value: each.value, set: (value) => change({ value }) }),
        ...(asked.shown ? [text({ name: `${at}-label`, label: asked.shown, value: each.label ?? "", set: (label) => change({ label }) })] : []),
        remove,
      ),
    );
  });
  const add = make("button", { type: "button", class: "plain-button", id: `${idOf(asked.name)}-add` }, t("Add"));
  add.addEventListener("click", () => asked.set([...asked.value, { name: "", value: "" }]));
  box.append(make("div", {}, add));
  return box;
}
