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

export default defineConfig({
  plugins: [styled],
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
