// What is written in a form that the server does not keep survives a reload and the way back: it lies in the tab's own
// storage until it has been sent, the page is opened anew, the tab is closed or the reader signs out.

import { fieldsOf, fill, isChanged, valuesOf, type Values } from "./fields";

// What was sent is forgotten by the next page that refuses nothing; what is awaited also comes back on a page opened anew.
type State = "written" | "sent" | "awaited";
type Entry = { fields: Values; state: State };

const PREFIX = "written ";
const FORMS = "main form[method=post]:not([data-keep], [data-unsent])";
/** Those of the page in which something can be written. */
function formsOf(page: Document): HTMLFormElement[] {
  return [...page.querySelectorAll<HTMLFormElement>(FORMS)].filter((form) => fieldsOf(form).length > 0);
}

function addressOf(form: HTMLFormElement): string {
  return form.getAttribute("action") ?? location.pathname + location.search;
}

/** What the server wrote into a form: about another version it would be out of date. */
function fixedOf(form: HTMLFormElement): string {
  const fixed = [...form.querySelectorAll<HTMLInputElement>("input[type=hidden]")].map((each) => `${each.name}=${each.value}`);
  return [addressOf(form), ...fixed].join(" ");
}

/** One reader's, of one form; of forms that are alike in what the server wrote, by their order. */
function keyOf(form: HTMLFormElement): string {
  const fixed = fixedOf(form);
  const place = formsOf(document).filter((each) => fixedOf(each) === fixed).indexOf(form);
  return PREFIX + [document.body.dataset["reader"], fixed, ...(place > 0 ? [place] : [])].join(" ");
}

function keep(key: string, entry: Entry): void {
  try {
    sessionStorage.setItem(key, JSON.stringify(entry));
  } catch (error) {
    if (!(error instanceof DOMException)) throw error; // the storage is full: what was kept before stays
  }
}

function remember(form: HTMLFormElement): void {
  keep(keyOf(form), { fields: valuesOf(form), state: "written" });
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

/** A form may be gone once another one has been sent, and with it what was written in it. */
function askAboutOthers(event: SubmitEvent): void {
  const sent = event.target as HTMLFormElement, question = document.body.dataset["elsewhere"] ?? "";
  if (!sent.matches("main form[method=post]")) return;
  const others = formsOf(document).filter((each) => each !== sent && recalled(each) && isChanged(each));
  if (others.length > 0 && !confirm(question)) {
    event.preventDefault();
    event.stopImmediatePropagation(); // for nobody it has been sent
  }
}

const [arrival] = performance.getEntriesByType("navigation") as PerformanceNavigationTiming[];
const isAgain = arrival?.type === "reload" || arrival?.type === "back_forward";
const cameTo = location.pathname + location.search;
const shownAt = document.body.dataset["refused"]; // where the page of what was sent can be asked for
const isTurnedDown = (arrival?.responseStatus ?? 400) >= 400; // also a look at what would happen is answered to what was sent

/** Whether the page has come of sending this form; of forms that go to the same address those in which nothing else waits. */
function hasBeenSent(form: HTMLFormElement): boolean {
  const entry = recalled(form);
  return shownAt !== undefined && addressOf(form) === cameTo && (entry ? entry.state === "sent" : isTurnedDown);
}

function begin(): void {
  const forms = formsOf(document), isRefused = shownAt !== undefined, sent = forms.filter(hasBeenSent);
  if (sent.length > 0) history.replaceState(null, "", shownAt); // asked for, not sent again, by reloading and on the way back
  for (const form of forms) {
    const entry = recalled(form);
    if (sent.includes(form)) remember(form); // it comes back with what was written, also where nothing was before it was sent
    else if (entry && (isRefused || isAgain || entry.state === "awaited")) {
      fill(form, entry.fields); // also what was sent: no page has come since that took it
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
  document.addEventListener("submit", askAboutOthers, true); // before the page counts the form as under way
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
