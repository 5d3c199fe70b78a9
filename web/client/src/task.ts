// A form that is kept while it is written: also when its page is left, and also when the sign-in has ended meanwhile.

for (const form of document.querySelectorAll<HTMLFormElement>("form[data-keep]")) {
  const address = form.dataset["keep"] ?? "";
  let isWritten = false;

  form.addEventListener("input", () => (isWritten = true));
  form.addEventListener("submit", () => (isWritten = false));
  form.addEventListener("htmx:afterRequest", (event) => {
    if ((event as CustomEvent<{ successful: boolean }>).detail.successful) isWritten = false;
  });
  // A refusal says why in the same line: without this htmx would leave the line as it was.
  form.addEventListener("htmx:beforeSwap", (event) => {
    const detail = (event as CustomEvent<{ shouldSwap: boolean; isError: boolean; xhr: XMLHttpRequest }>).detail;
    if (detail.xhr.status >= 400 && detail.xhr.status < 500) detail.shouldSwap = true;
  });
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState !== "hidden" || !isWritten) return;
    isWritten = !navigator.sendBeacon(address, new FormData(form));
  });
}
