// The studio's modeler: a process is drawn, said in words, checked and saved as it is written.
import "./styles/modeler.css";
import Modeler from "bpmn-js/lib/Modeler";
import { Checking } from "./modeler/checking";
import { descriptor } from "./modeler/handslag";
import type { Host } from "./modeler/host";
import { registerInsert } from "./modeler/insert";
import { find, make, page, renewChoices, t } from "./modeler/page";
import { Panel } from "./modeler/panel";
import { Saving, kept } from "./modeler/saving";
import { simulate } from "./modeler/simulation";
import { Steps } from "./modeler/table";
import { READABLE, show } from "./modeler/view";

const translate = { translate: ["value", (text: string, values?: Record<string, string>) => t(text, values)] };

function choose(host: Host, id: string): void {
  const element = host.get("elementRegistry").get(id);
  if (!element) return;
  const canvas = host.get("canvas");
  const root = canvas.findRoot(element);
  if (root && root !== canvas.getRootElement()) canvas.setRootElement(root);
  host.get("selection").select(element);
  if (canvas.zoom() < READABLE) canvas.zoom(READABLE);
  canvas.scrollToElement(element, { top: 80, left: 180, right: 80, bottom: 80 });
  requestAnimationFrame(() => requestAnimationFrame(() => find("panel-heading").focus()));
}

function tools(host: Host): void {
  const acts: Record<string, () => void> = {
    undo: () => host.get("commandStack").undo(),
    redo: () => host.get("commandStack").redo(),
    in: () => host.get("canvas").zoom(host.get("canvas").zoom() * 1.25, "auto"),
    out: () => host.get("canvas").zoom(host.get("canvas").zoom() / 1.25, "auto"),
    fit: () => host.get("canvas").zoom("fit-viewport"),
    find: () => setTimeout(() => host.get("editorActions").trigger("find")), // a click anywhere closes it, this one too
    steps: () => {
      find<HTMLDetailsElement>("outline").open = true;
      document.querySelector<HTMLButtonElement>("#steps button")?.focus();
    },
  };
  const buttons = document.querySelectorAll<HTMLButtonElement>("[data-tool]");
  for (const button of buttons) button.addEventListener("click", () => acts[button.dataset["tool"] ?? ""]?.());
  const able = () => {
    for (const button of buttons) {
      if (button.dataset["tool"] === "undo") button.disabled = !host.get("commandStack").canUndo();
      if (button.dataset["tool"] === "redo") button.disabled = !host.get("commandStack").canRedo();
    }
  };
  host.get("eventBus").on("commandStack.changed", able);
  able();
}

/** What is on the page when the reader comes: the server's file, or what this window had not been able to save. */
async function content(): Promise<{ xml: string; isRestored: boolean }> {
  const own = kept();
  if (own && own.version === page.version) return { xml: own.xml, isRestored: true };
  const answer = await fetch(page.addresses.content, { headers: { Accept: "application/xml" } });
  return { xml: await answer.text(), isRestored: false };
}

async function open(): Promise<void> {
  const made = new Modeler({
    container: find("canvas"),
    additionalModules: [translate as never],
    moddleExtensions: { handslag: descriptor },
  });
  const host = made as unknown as Host;
  const { xml, isRestored } = await content();
  try {
    await host.importXML(xml);
  } catch {
    find("canvas").replaceChildren(make("p", { class: "ds-paragraph" }, t("The file cannot be drawn. The list of findings says what is wrong with it.")));
  }
  // The menu of kinds goes by the page's height, not the window's: below an element far down it would open out of sight.
  host.get("eventBus").on("popupMenu.opened", () => {
    requestAnimationFrame(() => document.querySelector(".djs-popup")?.scrollIntoView({ block: "nearest" }));
  });
  registerInsert(host);
  show(host);
  const pick = (id: string) => choose(host, id);
  const saving = new Saving(host, find("saved"), find("conflict"));
  const checking: Checking = new Checking(host, find("findings"), find("findings-count"), pick, () => {
    steps.draw();
    panel.later();
  });
  const steps: Steps = new Steps(host, find("steps"), find("steps-count"), () => checking.findings, pick);
  const panel: Panel = new Panel(host, find("panel"), (element) => checking.about(element));
  tools(host);
  simulate(host, find<HTMLButtonElement>("simulate"));
  if (isRestored) await saving.changed();
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible") void renewChoices().then(() => panel.later());
  });
  for (const link of document.querySelectorAll<HTMLAnchorElement>("a[data-after-saving]")) {
    link.addEventListener("click", (event) => {
      event.preventDefault();
      void saving.settled().then(() => location.assign(link.href));
    });
  }
  find("studio").dataset["ready"] = "";
}

void open();
