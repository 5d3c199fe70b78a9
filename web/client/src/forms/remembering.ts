// What is written in a form that the server does not keep survives a reload and the way back: it lies in the tab's own
// storage until it has been sent, the page is opened anew, the tab is closed or the reader signs out.

// What was sent is forgotten by the next page that refuses nothing; what is awaited also comes back on a page opened anew.
type State = "written" | "sent" | "awaited";
type Entry = { fields: [name: string, value: string][]; state: State };

const PREFIX = "written ";
const FORMS = "main form[method=post]:not([data-keep], [data-unsent])";
const CHOSEN = ["checkbox", "radio"];
const LEFT_OUT = ["hidden", "file", "password", "submit", "button"];

type Field = HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement;

const isRefused = document.body.dataset["refused"] !== undefined;

/** One reader's, of one form, with what the server wrote into it: about another version it would be out of date. */
function keyOf(form: HTMLFormElement): string {
  const fixed = [...form.querySelectorAll<HTMLInputElement>("input[type=hidden]")].map((each) => `${each.name}=${each.value}`);
  const address = form.getAttribute("action") ?? location.pathname + location.search;
  return PREFIX + [document.body.dataset["reader"], address, ...fixed].join(" ");
}

function fieldsOf(form: HTMLFormElement): Field[] {
  return [...form.elements].filter(
    (each): each is Field =>
      (each instanceof HTMLInputElement || each instanceof HTMLTextAreaElement || each instanceof HTMLSelectElement) &&
      each.name !== "" && !LEFT_OUT.includes(each.type),
  );
}

function isOn(field: Field): boolean {
  return field instanceof HTMLInputElement && CHOSEN.includes(field.type) ? field.checked : true;
}

function keep(key: string, entry: Entry): void {
  try {
    sessionStorage.setItem(key, JSON.stringify(entry));
  } catch (error) {
    if (!(error instanceof DOMException)) throw error; // the storage is full: what was kept before stays
  }
}

function remember(form: HTMLFormElement): void {
  const fields = fieldsOf(form).filter(isOn).map((each): [string, string] => [each.name, each.value]);
  keep(keyOf(form), { fields, state: "written" });
}

function entryOf(key: string): Entry | null {
  const kept = sessionStorage.getItem(key);
  return kept === null ? null : (JSON.parse(kept) as Entry);
}

function recalled(form: HTMLFormElement): Entry | null {
  return entryOf(keyOf(form));
}

function mark(form: HTMLFormElement, state: State): void {
  const entry = recalled(form);
  if (entry) keep(keyOf(form), { ...entry, state });
}

function fill(form: HTMLFormElement, entry: Entry): void {
  const left = [...entry.fields];
  for (const field of fieldsOf(form)) {
    const isChosen = field instanceof HTMLInputElement && CHOSEN.includes(field.type);
    const place = left.findIndex(([name, value]) => name === field.name && (!isChosen || value === field.value));
    const [found] = place < 0 ? [] : left.splice(place, 1);
    if (isChosen) field.checked = found !== undefined;
    else if (found && found[1] !== field.value) {
      field.value = found[1];
      field.dispatchEvent(new Event("change", { bubbles: true })); // parts of the page that follow the field ask again
    }
  }
}

/** Everything of one state is in another from now on, or gone. Says whether there was any. */
function turn(from: State, to: State | null): boolean {
  const keys = Object.keys(sessionStorage).filter((key) => key.startsWith(PREFIX));
  const found = keys.flatMap((key): [string, Entry][] => {
    const entry = entryOf(key);
    return entry?.state === from ? [[key, entry]] : [];
  });
  for (const [key, entry] of found) {
    if (to === null) sessionStorage.removeItem(key);
    else keep(key, { ...entry, state: to });
  }
  return found.length > 0;
}

const [arrival] = performance.getEntriesByType("navigation") as PerformanceNavigationTiming[];
const isAgain = arrival?.type === "reload" || arrival?.type === "back_forward";

function begin(): void {
  const forms = [...document.querySelectorAll<HTMLFormElement>(FORMS)];
  for (const form of forms) {
    const entry = recalled(form);
    if (isRefused && entry) {
      remember(form); // it comes back with what was written
      history.replaceState(null, "", location.href); // asked for, not sent again, by reloading and on the way back
    } else if (entry && (isAgain || entry.state === "awaited")) {
      fill(form, entry); // also what was sent: no page has come since that took it
      remember(form);
    } else if (!isRefused) sessionStorage.removeItem(keyOf(form));
    form.autocomplete = "off"; // the browser's own memory would write over what others have written meanwhile
    form.addEventListener("input", () => remember(form));
    form.addEventListener("submit", () => {
      if (!recalled(form)) return;
      remember(form);
      mark(form, "sent");
    });
  }
  const told = document.querySelector<HTMLElement>("[data-returned]"); // a page that refuses, without the form
  if (told) told.hidden = !turn("sent", "awaited");
  else if (!isRefused) {
    turn("sent", null);
    turn("awaited", "written"); // its form was not asked for
  }
  document.querySelector("form[data-language]")?.addEventListener("submit", () => forms.forEach((form) => mark(form, "awaited")));
  document.querySelector("form[data-sign-out]")?.addEventListener("submit", () => {
    for (const state of ["written", "sent", "awaited"] as const) turn(state, null);
  });
}

document.addEventListener("DOMContentLoaded", begin);

export {};
