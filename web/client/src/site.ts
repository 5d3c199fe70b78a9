// What every page has: the styles, and htmx for parts of pages that change without a new page.
import "./styles/site.css";
import "./styles/cases.css";
import "./styles/municipality.css";
import htmx from "htmx.org";
import "./forms/remembering"; // after htmx, which is to hear of what is filled in again

htmx.config.allowEval = false; // the content security policy forbids it
htmx.config.includeIndicatorStyles = false; // they would be inline
htmx.config.historyCacheSize = 0; // pages of cases are not left in the browser's storage
htmx.config.scrollIntoViewOnBoost = false;
// What could not be accepted, or came after the sign-in had ended, says so where the answer would have stood.
htmx.config.responseHandling = [
  { code: "204", swap: false },
  { code: "[23]..", swap: true },
  { code: "401|409|413|422", swap: true },
  { code: "...", swap: false, error: true },
];

// What the server would not even read is not sent at all: the browser says so at the field.
for (const input of document.querySelectorAll<HTMLInputElement>("input[type=file][data-max]")) {
  input.addEventListener("change", () => {
    const size = [...(input.files ?? [])].reduce((sum, file) => sum + file.size, 0);
    input.setCustomValidity(size > Number(input.dataset["max"]) ? (input.dataset["tooLarge"] ?? "") : "");
    input.reportValidity();
  });
}

// A form for one file takes it from a drop too; without script it is chosen.
for (const form of document.querySelectorAll<HTMLFormElement>("form[data-drop-file]")) {
  const input = form.querySelector<HTMLInputElement>("input[type=file]");
  form.addEventListener("dragover", (event) => {
    event.preventDefault();
    form.classList.add("is-over");
  });
  form.addEventListener("dragleave", () => form.classList.remove("is-over"));
  form.addEventListener("drop", (event) => {
    event.preventDefault();
    form.classList.remove("is-over");
    if (input && event.dataTransfer?.files.length) {
      input.files = event.dataTransfer.files;
      input.dispatchEvent(new Event("change"));
      form.requestSubmit();
    }
  });
}

// What came when the sign-in had ended waits in the page and nowhere else: whoever leaves it otherwise than by sending is asked.
for (const form of document.querySelectorAll<HTMLFormElement>("form[data-unsent]")) {
  const ask = (event: Event) => event.preventDefault();
  addEventListener("beforeunload", ask);
  form.addEventListener("submit", () => removeEventListener("beforeunload", ask));
}

// What was refused is told at once, also where it stands far down on a phone.
document.querySelector<HTMLElement>("main [role=alert][tabindex='-1']")?.focus();

// On a phone the filters of a list would stand before it; those that are in use stay in sight.
if (window.matchMedia("(max-width: 47.99rem)").matches && !location.search) {
  for (const filters of document.querySelectorAll<HTMLDetailsElement>("details.filters")) filters.open = false;
}

for (const button of document.querySelectorAll<HTMLButtonElement>("button[data-print]")) {
  button.hidden = false; // without script it could do nothing
  button.addEventListener("click", () => window.print());
}

// A second click while the first is under way sends nothing more. For a moment only: a page may not have come.
const UNDER_WAY_MS = 5000;
const underWay = new WeakSet<HTMLFormElement>();
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!(form instanceof HTMLFormElement) || form.method !== "post" || event.defaultPrevented) return;
  if (underWay.has(form)) return event.preventDefault();
  underWay.add(form);
  setTimeout(() => underWay.delete(form), UNDER_WAY_MS);
});
addEventListener("pageshow", () => document.querySelectorAll("form").forEach((form) => underWay.delete(form)));
