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

for (const container of document.querySelectorAll("[data-diagram]")) near.observe(container);
