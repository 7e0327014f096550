// Bundles the command line, which starts several times faster in a few files than in some hundred packages. The library stays as tsc
// writes it, so that whoever imports it shares LangChain with it.
import { build } from "esbuild";

await build({
  entryPoints: { cli: "src/cli.ts" },
  outdir: "dist/src",
  chunkNames: "cli-chunks/[name]-[hash]",
  allowOverwrite: true,
  bundle: true,
  splitting: true,
  minify: true,
  // names of classes are looked at (LangChain's lc_name, errors in messages)
  keepNames: true,
  format: "esm",
  platform: "node",
  target: "node20",
  // one reads a shell script beside itself, one is optional, and undici's agents are no constructors any more when bundled
  external: ["readline-sync", "@langchain/mcp-adapters", "undici"],
  // packages that are CommonJS call require for Node's own modules
  banner: {
    js: 'import { createRequire as createRequireOfBundle } from "node:module"; const require = createRequireOfBundle(import.meta.url);',
  },
  logLevel: "warning",
});
