// Pictures of processes, each drawn when it comes near the screen: what draws them is larger than a page with all else
// that it needs, and the page is there to be read first.
async function show(container: HTMLElement): Promise<void> {
  try {
    const { draw } = await import("./diagram/picture");
    await draw(container);
  } catch (problem) {
    container.textContent = container.dataset["failed"] ?? "";
    throw problem;
  }
}

const near = new IntersectionObserver(
  (seen) => {
    for (const { isIntersecting, target } of seen) {
      if (!isIntersecting) continue;
      near.unobserve(target);
      void show(target as HTMLElement);
    }
  },
  { rootMargin: "200px" },
);

function watch(part: ParentNode): void {
  for (const container of part.querySelectorAll("[data-diagram]")) near.observe(container);
}

watch(document);
// Long work that is finished brings its picture into a page that is already there.
document.addEventListener("htmx:load", (event) => {
  const { elt } = (event as CustomEvent<{ elt: HTMLElement }>).detail;
  if (elt !== document.body) watch(elt);
});
