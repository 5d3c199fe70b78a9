// Two versions of a process beside each other, with what is new, removed, changed or only moved marked in both.
// The list below says the same in words; its buttons lead to the element.
import "./styles/diff.css";
import NavigatedViewer from "bpmn-js/lib/NavigatedViewer";
import { diff } from "bpmn-js-differ";

interface Point {
  x: number;
  y: number;
}

interface Box extends Point {
  width: number;
  height: number;
}

interface Canvas {
  zoom(to: "fit-viewport"): void;
  addMarker(element: string, marker: string): void;
  removeMarker(element: string, marker: string): void;
  viewbox(box?: Box): Box & { outer: { width: number; height: number }; scale: number };
  scrollToElement(element: string, padding?: number): void;
}

interface Registry {
  /** Flows have waypoints in place of a box. */
  get(element: string): (Box & { waypoints?: Point[] }) | undefined;
}

interface EventBus {
  on(event: string, call: (event: { viewbox: Box }) => void): void;
}

async function open(container: HTMLElement): Promise<NavigatedViewer> {
  const answer = await fetch(container.dataset["address"] ?? "");
  if (!answer.ok) throw new Error(String(answer.status));
  const viewer = new NavigatedViewer({ container });
  await viewer.importXML(await answer.text());
  viewer.get<Canvas>("canvas").zoom("fit-viewport");
  return viewer;
}

function mark(viewer: NavigatedViewer, marks: Map<string, string>): void {
  const registry = viewer.get<Registry>("elementRegistry");
  const canvas = viewer.get<Canvas>("canvas");
  for (const [element, kind] of marks) if (registry.get(element)) canvas.addMarker(element, `is-${kind}`);
}

/** Moving about in one picture moves the other along. */
function together(viewers: NavigatedViewer[]): void {
  let moving = false;
  for (const viewer of viewers) {
    viewer.get<EventBus>("eventBus").on("canvas.viewbox.changed", (event) => {
      if (moving) return;
      moving = true;
      const { x, y, width, height } = event.viewbox;
      for (const other of viewers) if (other !== viewer) other.get<Canvas>("canvas").viewbox({ x, y, width, height });
      moving = false;
    });
  }
}

/** Below this scale nothing can be read, and the pictures begin at the first change instead. */
const READABLE = 0.55;

function begin(viewers: NavigatedViewer[], changed: string[]): void {
  for (const viewer of viewers) {
    const canvas = viewer.get<Canvas>("canvas");
    const there = changed.map((each) => viewer.get<Registry>("elementRegistry").get(each)).filter((each) => each !== undefined);
    const at = there.find((each) => !each.waypoints) ?? there[0];
    const { outer, scale } = canvas.viewbox();
    if (!at || scale >= READABLE) continue;
    const { x, y } = middle(at);
    const [width, height] = [outer.width / READABLE, outer.height / READABLE];
    canvas.viewbox({ x: x - width / 2, y: y - height / 2, width, height });
    return; // the other moves along
  }
}

function middle(element: Box & { waypoints?: Point[] }): Point {
  const point = element.waypoints?.[Math.floor(element.waypoints.length / 2)];
  return point ?? { x: element.x + element.width / 2, y: element.y + element.height / 2 };
}

function show(viewers: NavigatedViewer[], element: string): void {
  for (const viewer of viewers) {
    const canvas = viewer.get<Canvas>("canvas");
    const registry = viewer.get<{ getAll(): { id: string }[] } & Registry>("elementRegistry");
    for (const each of registry.getAll()) canvas.removeMarker(each.id, "is-shown");
    if (!registry.get(element)) continue;
    canvas.addMarker(element, "is-shown");
    canvas.scrollToElement(element, 80);
  }
}

async function compare(place: HTMLElement): Promise<void> {
  const sides = [...place.querySelectorAll<HTMLElement>("[data-side]")];
  const [older, newer] = await Promise.all(sides.map(open));
  if (!older || !newer) return;
  const found = diff(older.getDefinitions(), newer.getDefinitions());
  const kept = new Map<string, string>();
  for (const id of Object.keys(found._layoutChanged)) kept.set(id, "moved");
  const changed = JSON.parse(place.dataset["changed"] ?? "[]") as string[];
  for (const id of changed) kept.set(id, "changed");
  mark(older, new Map([...kept, ...Object.keys(found._removed).map((id): [string, string] => [id, "removed"])]));
  mark(newer, new Map([...kept, ...Object.keys(found._added).map((id): [string, string] => [id, "added"])]));
  together([older, newer]);
  begin([newer, older], [...Object.keys(found._added), ...Object.keys(found._removed), ...changed, ...kept.keys()]);
  for (const button of document.querySelectorAll<HTMLButtonElement>("[data-show]")) {
    button.hidden = false;
    button.addEventListener("click", () => {
      show([older, newer], button.dataset["show"] ?? "");
      place.scrollIntoView({ block: "nearest" });
    });
  }
}

for (const place of document.querySelectorAll<HTMLElement>("[data-difference]")) {
  compare(place).catch(() => {
    place.textContent = place.dataset["failed"] ?? "";
  });
}
