import { readdirSync } from "node:fs";
import { defineConfig } from "vite";

// Each file at the top of src/ is an entry, asked for by its name; a hash of its content is part of the file's name, so
// that browsers keep it for ever.
const names = readdirSync("src").filter((name) => name.endsWith(".ts") && !name.endsWith(".d.ts"));

// Pictures in the modeler's menus say their colours in style attributes, which the content security policy forbids. As
// attributes of their own they say the same. Those of running tokens are put on by modeler/simulation.ts.
const styled = {
  name: "style-as-attributes",
  transform(code: string, id: string) {
    if (id.includes("node_modules/bpmn-js-token-simulation/lib/features/")) return { code: code.replaceAll("style=\"", "data-style=\""), map: null };
    if (!/node_modules\/bpmn-js\/lib\/features\/\w+-elements\/\w+Icons\.js$/.test(id)) return;
    const attributes = (style: string) => style.replace(/([\w-]+):([^;"]+);?/g, '$1="$2" ');
    return { code: code.replace(/style="([^"]*)"/g, (_, style: string) => attributes(style)), map: null };
  },
};

// CodeMirror writes its styles into a <style> of the page, which the policy forbids, where it could adopt a style sheet
// made by script, which it does in shadow roots only.
const adopted = {
  name: "adopted-style-sheets",
  transform(code: string, id: string) {
    if (!/node_modules\/style-mod\/src\/style-mod\.js$/.test(id)) return;
    const changed = code.replace("!root.head && root.adoptedStyleSheets", "root.adoptedStyleSheets");
    if (changed === code) throw new Error("style-mod has changed: see how it now mounts its styles.");
    return { code: changed, map: null };
  },
};

// Markup that libraries make elements of may say styles in attributes, which the policy forbids; set by script they are
// allowed. (What the editor of tables says so is its makers' mark, whose own file may not be changed.)
const bySetting = `
export default function domify(html, doc) {
  const made = domifyPlain(html.replaceAll(" style=", " data-style="), doc);
  const within = made.querySelectorAll ? [made, ...made.querySelectorAll("[data-style]")] : [made];
  for (const each of within) {
    if (!each.dataset || each.dataset.style === undefined) continue;
    each.style.cssText = each.dataset.style;
    delete each.dataset.style;
  }
  return made;
}
`;
const domified = {
  name: "styles-set-by-script",
  transform(code: string, id: string) {
    if (!/node_modules\/domify\/index\.js$/.test(id)) return;
    const changed = code.replace("export default function domify(", "function domifyPlain(");
    if (changed === code) throw new Error("domify has changed: see how it now makes elements of markup.");
    return { code: changed + bySetting, map: null };
  },
};

export default defineConfig({
  resolve: { dedupe: ["preact"] }, // the form editor and its viewer must share one, or its components have no context
  plugins: [styled, adopted, domified],
  base: "/static/",
  publicDir: false,
  build: {
    outDir: "../static",
    emptyOutDir: true,
    manifest: "manifest.json",
    assetsDir: "",
    assetsInlineLimit: 0, // a data: address would have to be allowed by the content security policy
    chunkSizeWarningLimit: 2000,
    target: "es2022",
    rollupOptions: { input: Object.fromEntries(names.map((name) => [name.slice(0, -3), `src/${name}`])) },
  },
});
