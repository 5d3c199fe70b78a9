// How much of the picture is seen at first.
import type { Host } from "./host";

export const READABLE = 0.6;
/** How much of the canvas the palette covers, where there is room beside it. */
const PALETTE = 120;

/** The whole of it where that can be read, else its beginning. */
export function show(host: Pick<Host, "get">): void {
  const canvas = host.get("canvas");
  if (canvas.zoom("fit-viewport") >= READABLE) {
    const { scale, inner, outer } = canvas.viewbox();
    canvas.scroll({ dx: Math.max(0, Math.min(PALETTE, outer.width - inner.width * scale)), dy: 0 });
    return;
  }
  canvas.zoom(READABLE);
  const first = host.get("elementRegistry").filter((each) => each.type === "bpmn:StartEvent")[0];
  if (first) canvas.scrollToElement(first, { top: 120, left: 180, right: 40, bottom: 40 });
}
