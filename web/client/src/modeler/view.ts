// How much of the picture is seen at first.
import type { Host } from "./host";

export const READABLE = 0.6;

/** The whole of it where that can be read, else its beginning. */
export function show(host: Pick<Host, "get">): void {
  const canvas = host.get("canvas");
  if (canvas.zoom("fit-viewport") >= READABLE) return;
  canvas.zoom(READABLE);
  const first = host.get("elementRegistry").filter((each) => each.type === "bpmn:StartEvent")[0];
  if (first) canvas.scrollToElement(first, { top: 120, left: 180, right: 40, bottom: 40 });
}
