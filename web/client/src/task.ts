// A form that is kept while it is written: also when its page is left, and also when the sign-in has ended meanwhile.

for (const form of document.querySelectorAll<HTMLFormElement>("form[data-keep]")) {
  const address = form.dataset["keep"] ?? "";
  let isWritten = false;

  form.addEventListener("input", () => (isWritten = true));
  form.addEventListener("submit", () => (isWritten = false));
  form.addEventListener("htmx:afterRequest", (event) => {
    if ((event as CustomEvent<{ successful: boolean }>).detail.successful) isWritten = false;
  });
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState !== "hidden" || !isWritten) return;
    const body = new FormData(form);
    for (const [name, value] of [...body]) if (value instanceof File) body.delete(name); // what is written is kept, files are not
    isWritten = !navigator.sendBeacon(address, body);
  });
}
