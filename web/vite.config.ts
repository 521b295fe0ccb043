import { defineConfig } from "vitest/config";

export default defineConfig({
  base: "/",
  esbuild: { jsx: "automatic", legalComments: "none" },
  build: {
    outDir: "../src/argus/server/static",
    emptyOutDir: true,
    target: "es2022",
    cssTarget: "chrome123",
    // The content security policy allows files of our own origin only: nothing may become a data: address.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    rollupOptions: {
      onwarn(warning, warn) {
        // Libraries mark modules for server rendering, which there is none of here.
        if (warning.code !== "MODULE_LEVEL_DIRECTIVE") warn(warning);
      },
    },
  },
  server: { proxy: { "/api": "http://127.0.0.1:8484" } },
  test: { include: ["src/**/*.test.ts"], environment: "node", isolate: false },
});
