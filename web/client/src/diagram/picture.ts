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
  viewbox(to?: Box): Box & { readonly outer: { readonly width: number; readonly height: number }; readonly inner: Box };
  addMarker(element: string, marker: string): void;
}

interface Zoom {
  /** One step nearer (1) or farther (-1). */
  stepZoom(by: number): void;
}

interface Registry {
  /** Flows have waypoints in place of a box. */
  get(element: string): (Box & { readonly waypoints?: object[] }) | undefined;
}

/** Below this scale the names of the steps cannot be read, and the picture begins where the case stands instead. */
const READABLE = 0.55;
const MARGIN = 40;

function show(canvas: Canvas, standing: Box | undefined): void {
  if (canvas.zoom("fit-viewport") >= READABLE || !standing) return;
  const { outer, inner } = canvas.viewbox();
  const [width, height] = [outer.width / READABLE, outer.height / READABLE];
  canvas.viewbox({
    x: within(standing.x + standing.width / 2 - width / 3, width, inner.x, inner.width),
    y: within(standing.y + standing.height / 2 - height / 2, height, inner.y, inner.height),
    width,
    height,
  });
}

/** Where a window begins that shows nothing beyond the ends of the picture, if that is larger; else one in its middle. */
function within(begin: number, size: number, from: number, all: number): number {
  if (all <= size) return from - (size - all) / 2;
  return Math.min(Math.max(begin, from - MARGIN), from + all + MARGIN - size);
}

/** The wheel scrolls the page, also over a picture; with Ctrl (or two fingers on a pad) it zooms. */
function leaveTheWheelToThePage(container: HTMLElement): void {
  const pass = (event: WheelEvent) => {
    if (!event.ctrlKey && !event.metaKey) event.stopPropagation();
  };
  container.addEventListener("wheel", pass, { capture: true });
}

/** Paper gets the whole picture, as large as it has room for, and the screen what it had. */
function printWhole(container: HTMLElement, canvas: Canvas): void {
  const drawing = container.querySelector("svg");
  let before: Box | undefined;
  window.addEventListener("beforeprint", () => {
    const { x, y, width, height } = canvas.viewbox();
    before = { x, y, width, height };
    canvas.zoom("fit-viewport");
    const { outer } = canvas.viewbox();
    drawing?.setAttribute("viewBox", `0 0 ${outer.width} ${outer.height}`);
  });
  window.addEventListener("afterprint", () => {
    drawing?.removeAttribute("viewBox");
    if (before) canvas.viewbox(before);
  });
}

function addButtons(container: HTMLElement, canvas: Canvas, zoom: Zoom): void {
  const acts: [string, string | undefined, () => void][] = [
    ["+", container.dataset["nearer"], () => zoom.stepZoom(1)],
    ["−", container.dataset["farther"], () => zoom.stepZoom(-1)],
    ["⤢", container.dataset["whole"], () => void canvas.zoom("fit-viewport")],
  ];
  const bar = document.createElement("div");
  bar.className = "diagram-tools no-print";
  for (const [sign, label, act] of acts) {
    if (label === undefined) continue;
    const button = document.createElement("button");
    button.type = "button";
    button.className = "ds-button";
    button.dataset["variant"] = "secondary";
    button.dataset["size"] = "sm";
    button.textContent = sign;
    button.title = label;
    button.setAttribute("aria-label", label);
    button.addEventListener("click", act);
    bar.append(button);
  }
  container.append(bar);
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
  leaveTheWheelToThePage(container);
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
  printWhole(container, canvas);
  addButtons(container, canvas, viewer.get<Zoom>("zoomScroll"));
}
