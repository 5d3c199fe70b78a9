// What is written in the last moment before a reload is still on its way to the server when the page is asked for again,
// which may then come with what stood there before. So the tab takes it along too, with the name of its window.

import { fill, valuesOf, type Values } from "./fields";

type Left = { window: string; fields: Values };

const PREFIX = "leaving ";

function keyOf(address: string): string {
  return PREFIX + [document.body.dataset["reader"], address].join(" ");
}

function windowOf(form: HTMLFormElement): HTMLInputElement | null {
  return form.querySelector<HTMLInputElement>("input[name=window]");
}

/** The page is left, or only hidden: `stay` tells. */
export function leave(form: HTMLFormElement, address: string): void {
  const left: Left = { window: windowOf(form)?.value ?? "", fields: valuesOf(form) };
  try {
    sessionStorage.setItem(keyOf(address), JSON.stringify(left));
  } catch (error) {
    if (!(error instanceof DOMException)) throw error; // the storage is full: what is on its way to the server is all there is
  }
}

export function stay(address: string): void {
  sessionStorage.removeItem(keyOf(address));
}

/** Put back what the same page was left with, when it comes again by a reload or on the way back. */
export function comeBack(form: HTMLFormElement, address: string): void {
  const kept = sessionStorage.getItem(keyOf(address));
  sessionStorage.removeItem(keyOf(address));
  const [arrival] = performance.getEntriesByType("navigation") as PerformanceNavigationTiming[];
  if (kept === null || arrival?.type === "navigate") return;
  const left = JSON.parse(kept) as Left, before = JSON.stringify(valuesOf(form));
  if (before === JSON.stringify(left.fields)) return;
  fill(form, left.fields);
  const name = windowOf(form);
  if (name) name.value = left.window; // what is kept meanwhile comes from this window, and is not another's
  form.dispatchEvent(new Event("input", { bubbles: true })); // kept as if it were written now
}
