// What is written in a form that the server does not keep survives a reload and the way back: it lies in the tab's own
// storage until it has been sent, the page is opened anew, the tab is closed or the reader signs out.

type Entry = { fields: [name: string, value: string][]; isSent: boolean };

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

function remember(form: HTMLFormElement, isSent: boolean): void {
  const fields = fieldsOf(form).filter(isOn).map((each): [string, string] => [each.name, each.value]);
  const entry: Entry = { fields, isSent };
  try {
    sessionStorage.setItem(keyOf(form), JSON.stringify(entry));
  } catch (error) {
    if (!(error instanceof DOMException)) throw error; // the storage is full: the text stands in the page, as it would without
  }
}

function recalled(form: HTMLFormElement): Entry | null {
  const kept = sessionStorage.getItem(keyOf(form));
  return kept === null ? null : (JSON.parse(kept) as Entry);
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

function forget(isOver: (entry: Partial<Entry>) => boolean): void {
  for (const key of Object.keys(sessionStorage).filter((each) => each.startsWith(PREFIX))) {
    if (isOver(JSON.parse(sessionStorage.getItem(key) ?? "{}") as Partial<Entry>)) sessionStorage.removeItem(key);
  }
}

const [arrival] = performance.getEntriesByType("navigation") as PerformanceNavigationTiming[];
const isAgain = arrival?.type === "reload" || arrival?.type === "back_forward";

function begin(): void {
  if (!isRefused) forget((each) => each.isSent === true); // a page has come that refuses nothing
  for (const form of document.querySelectorAll<HTMLFormElement>(FORMS)) {
    const entry = recalled(form);
    if (isRefused && entry) {
      remember(form, false); // it comes back with what was written
      history.replaceState(null, "", location.href); // asked for, not sent again, by reloading and on the way back
    } else if (entry && isAgain) fill(form, entry);
    else if (!isRefused) sessionStorage.removeItem(keyOf(form));
    form.autocomplete = "off"; // the browser's own memory would write over what others have written meanwhile
    form.addEventListener("input", () => remember(form, false));
    form.addEventListener("submit", () => recalled(form) && remember(form, true));
  }
  document.querySelector("form[data-sign-out]")?.addEventListener("submit", () => forget(() => true));
}

document.addEventListener("DOMContentLoaded", begin);

export {};
