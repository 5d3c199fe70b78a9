// A form that is kept while it is written: also when its page is left, and also when the sign-in has ended meanwhile.

import { comeBack, leave, stay } from "./forms/leaving";

const isRefused = document.body.dataset["refused"] !== undefined;
// The page that refused a form that is kept is not sent again, neither by reloading nor on the way back: it would bring
// back what stood there then. It is asked for, and comes with what has been kept since.
const kept = document.querySelector<HTMLFormElement>("form[data-keep]");
if (isRefused && kept) history.replaceState(null, "", kept.dataset["page"] ?? location.href); // not every address that takes a form shows one

/** Whether a click on a link leads to another page in this window. */
function leads(link: HTMLAnchorElement, click: MouseEvent): boolean {
  const isPlain = click.button === 0 && !(click.metaKey || click.ctrlKey || click.shiftKey || click.altKey);
  const isHere = link.pathname === location.pathname && link.search === location.search && link.hash !== "";
  return isPlain && !link.target && !link.hasAttribute("download") && link.origin === location.origin && !isHere;
}

for (const form of document.querySelectorAll<HTMLFormElement>("form[data-keep]")) {
  const address = form.dataset["keep"] ?? "";
  const told = form.querySelector<HTMLElement>("p[data-kept]")?.dataset["kept"];
  let isWritten = isRefused && told === ""; // the page does not know whether what was refused has been kept
  let isUnkept = told === "not"; // since others have written too: whoever leaves is asked, and writes nothing over

  const written = () => {
    const body = new FormData(form);
    for (const [name, value] of [...body]) if (value instanceof File) body.delete(name); // what is written is kept, files are not
    return body;
  };

  const keep = async () => {
    isWritten = false;
    const answer = await fetch(address, { method: "POST", body: written() }).catch(() => null);
    isUnkept = !answer?.ok;
  };

  form.addEventListener("input", () => (isWritten = true));
  // After htmx, which is to hear of it; a page that refuses shows what was sent.
  if (!isRefused) document.addEventListener("DOMContentLoaded", () => comeBack(form, address));
  // Another form of the page leads away from it (the other language), or a link: they wait until what is written has been kept.
  document.addEventListener("submit", (event) => {
    const other = event.target as HTMLFormElement;
    if (other === form || !isWritten || event.defaultPrevented) return;
    event.preventDefault();
    void keep().finally(() => other.requestSubmit(event.submitter));
  }, true); // before the page counts the form as under way
  document.addEventListener("click", (event) => {
    const link = (event.target as Element).closest<HTMLAnchorElement>("a[href]");
    if (!link || !isWritten || event.defaultPrevented || !leads(link, event)) return;
    event.preventDefault();
    void keep().finally(() => location.assign(link.href));
  });
  form.addEventListener("submit", () => (isWritten = isUnkept = false));
  form.addEventListener("htmx:afterRequest", (event) => {
    const { xhr } = (event as CustomEvent<{ xhr: XMLHttpRequest }>).detail;
    isUnkept = xhr.status === 0 || xhr.status >= 400; // to htmx what is shown has succeeded, a refusal too
    if (!isUnkept) isWritten = false;
  });
  addEventListener("beforeunload", (event) => {
    if (isUnkept) event.preventDefault(); // the page has said that it is not kept: whoever leaves it is asked
  });
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState !== "hidden") stay(address);
    else if (isWritten) {
      leave(form, address);
      isWritten = !navigator.sendBeacon(address, written());
    }
  });
}
