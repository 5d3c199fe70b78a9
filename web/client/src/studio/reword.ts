// What some libraries write in English and cannot be asked to say otherwise is said in the reader's language where it stands.
import { t } from "../modeler/page";

const ATTRIBUTES = ["placeholder", "title", "aria-label"];

/** Says what stands in `box` as `said` has it, now and later, but only in `parts` that the library writes: beside them stands what people wrote. */
export function reword(box: HTMLElement, parts: string, said: (english: string) => string = t): MutationObserver {
  const watch = new MutationObserver((changes) => {
    for (const change of changes) {
      if (change.type === "childList") change.addedNodes.forEach(say);
      else say(change.target);
    }
  });
  const say = (node: Node): void => {
    if (node instanceof Text) {
      const own = node.data.trim();
      const text = own && node.parentElement?.closest(parts) ? said(own) : own;
      if (text !== own) node.data = node.data.replace(own, text);
      return;
    }
    if (!(node instanceof Element)) return;
    for (const name of node.closest(parts) ? ATTRIBUTES : []) {
      const own = node.getAttribute(name);
      if (own && said(own) !== own) node.setAttribute(name, said(own));
    }
    node.childNodes.forEach(say);
  };
  say(box);
  watch.observe(box, { childList: true, subtree: true, characterData: true, attributeFilter: ATTRIBUTES });
  return watch;
}
