// What the server has put into the page for the studio: addresses, texts and what can be chosen.

export interface Choice {
  key: string;
  label: string;
  note?: string;
}

export interface Page {
  language: string;
  version: number;
  addresses: { content: string; check: string; copy: string; form: string };
  texts: Record<string, string>;
  choices: Record<"forms" | "decisions" | "processes" | "operations" | "roles" | "bodies" | "deadlines", Choice[]>;
}

export const page = JSON.parse(document.getElementById("studio-data")?.textContent ?? "{}") as Page;

/** What has been made in another window meanwhile, such as a form, can be chosen here too. */
export async function renewChoices(): Promise<void> {
  const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("studio-data");
  if (answer.ok && fresh?.textContent) page.choices = (JSON.parse(fresh.textContent) as Page).choices;
}

/** A text in the reader's language, with values for its {names}. */
export function t(english: string, values: Record<string, string | number> = {}): string {
  const text = page.texts[english] ?? english;
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}

export function find<Kind extends HTMLElement = HTMLElement>(id: string): Kind {
  const found = document.getElementById(id);
  if (!found) throw new Error(`The page has no '${id}'.`);
  return found as Kind;
}

type Attributes = Record<string, string | boolean | ((event: Event) => void)>;

/** A new piece of the page. Texts are set as texts: what stands in a diagram is never markup. */
export function make<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Attributes = {},
  ...children: (Node | string)[]
): HTMLElementTagNameMap[Tag] {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") made.addEventListener(name, value);
    else if (typeof value === "boolean") made.toggleAttribute(name, value);
    else made.setAttribute(name, value);
  }
  made.append(...children);
  return made;
}
