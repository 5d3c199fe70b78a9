// The picture of a process, with marks on its elements: where it stands and what is done.
// A list beside it says the same in words, so that nothing depends on seeing the picture.
import "../styles/diagram.css";
import NavigatedViewer from "bpmn-js/lib/NavigatedViewer";

interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

interface Canvas {
  zoom(to: "fit-viewport" | number): number;
  viewbox(to?: Box): { readonly outer: { readonly width: number; readonly height: number } };
  addMarker(element: string, marker: string): void;
}

interface Registry {
  /** Flows have waypoints in place of a box. */
  get(element: string): (Box & { readonly waypoints?: object[] }) | undefined;
}

/** Below this scale the names of the steps cannot be read, and the picture begins where the case stands instead. */
const READABLE = 0.55;

function show(canvas: Canvas, standing: Box | undefined): void {
  if (canvas.zoom("fit-viewport") >= READABLE || !standing) return;
  const { outer } = canvas.viewbox();
  const [width, height] = [outer.width / READABLE, outer.height / READABLE];
  const [x, y] = [standing.x + standing.width / 2 - width / 3, standing.y + standing.height / 2 - height / 2];
  canvas.viewbox({ x, y, width, height });
}

export async function draw(container: HTMLElement): Promise<void> {
  const address = container.dataset["diagram"];
  if (!address) return;
  const answer = await fetch(address, { headers: { Accept: "application/xml" } });
  // Redirected: the sign-in has ended.
  if (!answer.ok || answer.redirected) {
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
  const shapes = Object.keys(marks).filter((element) => !registry.get(element)?.waypoints);
  const marked = (is: (mark: string | undefined) => boolean) => shapes.find((element) => is(marks[element]));
  const standing = container.dataset["begin"] || marked((mark) => mark === "open") || marked((mark) => mark !== "done");
  show(canvas, registry.get(standing ?? shapes[0] ?? ""));
}
