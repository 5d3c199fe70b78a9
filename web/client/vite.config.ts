import { defineConfig } from "vite";

// Named entries with a hash of their content in the file's name: a browser keeps them for ever.
export default defineConfig({
  base: "/static/",
  publicDir: false,
  build: {
    outDir: "../static",
    emptyOutDir: true,
    manifest: "manifest.json",
    assetsDir: "",
    assetsInlineLimit: 0, // a data: address would have to be allowed by the content security policy
    target: "es2022",
    rollupOptions: { input: { site: "src/site.ts", diagram: "src/diagram.ts" } },
  },
});
