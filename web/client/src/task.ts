// A form that is kept while it is written: also when its page is left, and also when the sign-in has ended meanwhile.

const isRefused = document.body.dataset["refused"] !== undefined;
// The page that refused a form that is kept is not sent again, neither by reloading nor on the way back: it would bring
// back what stood there then. It is asked for, and comes with what has been kept since.
const kept = document.querySelector<HTMLFormElement>("form[data-keep]");
if (isRefused && kept) history.replaceState(null, "", kept.dataset["page"] ?? location.href); // not every address that takes a form shows one

for (const form of document.querySelectorAll<HTMLFormElement>("form[data-keep]")) {
  const address = form.dataset["keep"] ?? "";
  let isWritten = isRefused; // what was refused may not have been kept

  const written = () => {
    const body = new FormData(form);
    for (const [name, value] of [...body]) if (value instanceof File) body.delete(name); // what is written is kept, files are not
    return body;
  };

  form.addEventListener("input", () => (isWritten = true));
  // Another form of the page leads away from it (the other language): it waits until what is written has been kept.
  document.addEventListener("submit", (event) => {
    const other = event.target as HTMLFormElement;
    if (other === form || !isWritten || event.defaultPrevented) return;
    event.preventDefault();
    isWritten = false;
    void fetch(address, { method: "POST", body: written() }).finally(() => other.requestSubmit(event.submitter));
  }, true); // before the page counts the form as under way
  form.addEventListener("submit", () => (isWritten = false));
  form.addEventListener("htmx:afterRequest", (event) => {
    if ((event as CustomEvent<{ successful: boolean }>).detail.successful) isWritten = false;
  });
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState !== "hidden" || !isWritten) return;
    isWritten = !navigator.sendBeacon(address, written());
  });
}
