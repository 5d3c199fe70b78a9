import { readdirSync } from "node:fs";
import { defineConfig } from "vite";

// Each file at the top of src/ is an entry, asked for by its name; a hash of its content is part of the file's name, so
// that browsers keep it for ever.
const names = readdirSync("src").filter((name) => name.endsWith(".ts") && !name.endsWith(".d.ts"));

export default defineConfig({
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
