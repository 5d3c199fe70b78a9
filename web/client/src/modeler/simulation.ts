// Tokens that run through the picture as it stands, to see the flow with; loaded when somebody asks for it.
// What a diagram really does is seen by trying it: tokens know neither data nor time.
import type { Host } from "./host";
import { find, make, t } from "./page";
import { reword } from "../studio/reword";
import { show } from "./view";

interface Running extends Host {
  destroy(): void;
}

export function simulate(host: Host, button: HTMLButtonElement): void {
  let running: { viewer: Running; box: HTMLElement; watch: MutationObserver } | undefined;
  button.addEventListener("click", () => {
    if (running) {
      running.watch.disconnect();
      running.viewer.destroy();
      running.box.remove();
      running = undefined;
      button.setAttribute("aria-pressed", "false");
      return;
    }
    button.disabled = true;
    void begin(host).then((begun) => {
      running = begun;
      button.disabled = false;
      button.setAttribute("aria-pressed", "true");
    });
  });
}

async function begin(host: Host): Promise<{ viewer: Running; box: HTMLElement; watch: MutationObserver }> {
  const [{ default: Viewer }, { default: tokens }] = await Promise.all([
    import("bpmn-js/lib/NavigatedViewer"),
    import("bpmn-js-token-simulation/lib/viewer"),
    import("../styles/simulation.css"),
  ]);
  const box = make("div", { class: "studio-simulation", role: "group", "aria-label": t("Tokens that run through the process") });
  find("canvas").append(box);
  const watch = translated(box);
  reword(box, ".bts-log .bts-header, .bts-log .bts-text, .bts-log .placeholder, .bts-notification, .bts-element-notification .bts-text");
  const viewer = new Viewer({ container: box, additionalModules: [tokens as never] }) as unknown as Running;
  const { xml } = await host.saveXML({ format: true });
  await viewer.importXML(xml ?? "");
  show(viewer); // what can be clicked is hidden where it would be too small
  viewer.get("toggleMode").toggleMode(true);
  return { viewer, box, watch };
}

const SAID = /^(Set animation speed) = |^(Focus process instance) /;

/** The module writes English into the page, and colours into attributes that the policy forbids (see vite.config.ts). */
function translated(box: HTMLElement): MutationObserver {
  const dress = (element: HTMLElement) => {
    if (element.dataset["style"]) element.style.cssText = element.dataset["style"];
    const text = element.title;
    const start = SAID.exec(text)?.[1] ?? SAID.exec(text)?.[2] ?? text;
    if (text && !element.dataset["said"]) {
      element.dataset["said"] = text;
      element.title = titles()[start] ?? text;
    }
  };
  const watch = new MutationObserver((changes) => {
    for (const change of changes) {
      for (const node of change.addedNodes) {
        if (!(node instanceof HTMLElement)) continue;
        for (const each of [node, ...node.querySelectorAll<HTMLElement>("[title], [data-style]")]) dress(each);
      }
    }
  });
  watch.observe(box, { childList: true, subtree: true });
  return watch;
}

const titles = (): Record<string, string> => ({
  "Set Sequence Flow": t("Choose which way is taken"),
  "Trigger Event": t("Let the event happen"),
  "Toggle Simulation Log": t("Show what has happened"),
  "Set animation speed": t("Speed"),
  "Reset Simulation": t("Begin anew"),
  "Play/Pause Simulation": t("Go on or pause"),
  "Focus process instance": t("Show only this one"),
  "Add pause point": t("Stop here"),
  "Remove pause point": t("Do not stop here"),
});
