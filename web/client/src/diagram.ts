// The picture of a process, with marks on its elements: where it stands and what is done.
// A list beside it says the same in words, so that nothing depends on seeing the picture.
import "./styles/diagram.css";
import NavigatedViewer from "bpmn-js/lib/NavigatedViewer";

interface Canvas {
  zoom(to: "fit-viewport"): void;
  addMarker(element: string, marker: string): void;
}

interface Registry {
  get(element: string): unknown;
}

async function draw(container: HTMLElement): Promise<void> {
  const address = container.dataset["diagram"];
  if (!address) return;
  const answer = await fetch(address, { headers: { Accept: "application/xml" } });
  if (!answer.ok) {
    container.textContent = container.dataset["failed"] ?? "";
    return;
  }
  const viewer = new NavigatedViewer({ container });
  await viewer.importXML(await answer.text());
  const canvas = viewer.get<Canvas>("canvas");
  const registry = viewer.get<Registry>("elementRegistry");
  const marks = JSON.parse(container.dataset["marks"] ?? "{}") as Record<string, string>;
  for (const [element, mark] of Object.entries(marks)) {
    if (registry.get(element)) canvas.addMarker(element, `is-${mark}`);
  }
  canvas.zoom("fit-viewport");
}

for (const container of document.querySelectorAll<HTMLElement>("[data-diagram]")) void draw(container);
