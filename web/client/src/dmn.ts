// The editor of decision tables. It is saved as it is written, and checked as diagrams are: gaps and overlaps included.
import "dmn-js/dist/assets/diagram-js.css";
import "dmn-js/dist/assets/dmn-js-shared.css";
import "dmn-js/dist/assets/dmn-js-drd.css";
import "dmn-js/dist/assets/dmn-js-decision-table.css";
import "dmn-js/dist/assets/dmn-js-decision-table-controls.css";
import "dmn-js/dist/assets/dmn-js-literal-expression.css";
import "dmn-js/dist/assets/dmn-js-boxed-expression.css";
import "dmn-js/dist/assets/dmn-js-boxed-expression-controls.css";
import "dmn-js/dist/assets/dmn-font/css/dmn.css";
import "./styles/dmn.css";
import Modeler from "dmn-js/lib/Modeler";
import htmx from "htmx.org";
import { reword } from "./studio/reword";
import { Writing } from "./studio/writing";
import { find, make, t } from "./modeler/page";

interface View {
  id: string;
  name?: string;
  type: string;
  element: { name?: string; id: string };
}

interface Services {
  get(name: "eventBus"): { on(event: string, call: () => void): void };
}

const translate = {
  translate: ["value", (text: string, values: Record<string, string> = {}) => t(text, values)],
};
const spoken = { additionalModules: [translate] };

/** One button for each table, and one for the drawing of what needs what. */
function tabs(editor: Modeler, list: HTMLElement): void {
  const views = editor.getViews() as View[];
  const open = editor.getActiveView() as View | undefined;
  list.replaceChildren(
    ...views.map((view) => {
      const label = view.type === "drd" ? t("What needs what") : (view.element.name ?? view.element.id);
      const button = make("button", { type: "button", class: "ds-button", "data-variant": "tertiary" }, label);
      button.setAttribute("aria-pressed", String(view.id === open?.id && view.type === open.type));
      button.addEventListener("click", () => void editor.open(view));
      return button;
    }),
  );
  list.hidden = views.length < 2;
}

/** The corner above the rules' numbers is no heading of anything: empty, it would be read out as one. */
function nameCorners(container: HTMLElement): void {
  for (const corner of container.querySelectorAll("th.index-column:not([role])")) corner.setAttribute("role", "cell");
}

const FOCUSABLE = "input, textarea, select, button, a[href], [contenteditable], [tabindex]";

/**
 * A press on what takes no focus gives it to the nearest thing around it that does, which here is this region; and the
 * library shuts its lists and popups when focus leaves them, before the click comes. So such a press moves no focus.
 * (Heard on its way down: lists let it go no further.)
 */
function keepOpen(container: HTMLElement): void {
  const hear = (press: MouseEvent): void => {
    const pressed = press.target as Element;
    const popup = pressed.closest(".dms-select-options, .context-menu");
    if (popup && !popup.contains(pressed.closest(FOCUSABLE))) press.preventDefault();
  };
  container.addEventListener("mousedown", hear, true);
}

async function begin(): Promise<void> {
  const container = find("dmn");
  keepOpen(container);
  new MutationObserver(() => nameCorners(container)).observe(container, { childList: true, subtree: true });
  const writing = new Writing(
    async () => (await editor.saveXML({ format: true })).xml ?? "",
    () => htmx.trigger("#trial", "written", {}),
  );
  const editor = new Modeler({
    container,
    drd: spoken,
    decisionTable: spoken,
    literalExpression: spoken,
    boxedExpression: spoken,
    keyboard: { bindTo: document },
  });
  const heard = new WeakSet<object>();
  editor.on("views.changed", () => {
    tabs(editor, find("views"));
    const viewer = editor.getActiveViewer() as (object & Services) | undefined;
    if (!viewer || heard.has(viewer)) return;
    heard.add(viewer);
    for (const event of ["commandStack.changed", "elements.changed"]) {
      viewer.get("eventBus").on(event, () => writing.changed());
    }
  });
  reword(container, ".dmn-icon-drag"); // which the library does not ask for
  await editor.importXML(await writing.read());
  const table = (editor.getViews() as View[]).find((view) => view.type === "decisionTable");
  if (table) await editor.open(table);
  writing.opened();
}

begin().catch(() => {
  find("dmn").textContent = find("dmn").dataset["failed"] ?? "";
});
