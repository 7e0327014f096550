// Bundles the command line, which starts several times faster in a few files than in some hundred packages, the modules that run in
// threads, and the page of the experiments' report. The library stays as tsc writes it, so that whoever imports it shares LangChain with it.
import { chmod, readdir, readFile, writeFile } from "node:fs/promises";
import { isBuiltin } from "node:module";
import { build } from "esbuild";
import { bundledPackages, licenceTexts } from "./licences.mjs";

// the Japanese texts take a third of the room when they are not escaped
const shared = { bundle: true, minify: true, metafile: true, charset: "utf8", logLevel: "warning" };

// packages that are CommonJS call require for Node's own modules
const banner = {
  js: 'import { createRequire as createRequireOfBundle } from "node:module"; const require = createRequireOfBundle(import.meta.url);',
};

const nodeModulesWithoutRequire = {
  name: "node-modules-without-require",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /.*/ }, ({ path, kind }) =>
      kind === "require-call" && isBuiltin(path) ? { path, namespace: "node-module" } : undefined,
    );
    // undici tries modules that this Node may not have, and expects the error of require
    onLoad({ filter: /.*/, namespace: "node-module" }, ({ path }) => ({
      contents: `const found = process.getBuiltinModule(${JSON.stringify(path)});
        if (found === undefined) throw Object.assign(new Error("No such built-in module"), { code: "ERR_UNKNOWN_BUILTIN_MODULE" });
        module.exports = found;`,
    }));
  },
};

/** It takes as much of LangChain as the command line, and shares its chunks. */
const PROGRAM_WORKER = "experiment/program/module-program.worker";

const commandLine = await build({
  ...shared,
  // a detached gateway is a process of its own
  entryPoints: {
    cli: "src/cli.ts",
    "cli/gateway-process": "src/cli/gateway-process.ts",
    [PROGRAM_WORKER]: `src/${PROGRAM_WORKER}.ts`,
  },
  outdir: "dist/src",
  chunkNames: "cli-chunks/[name]-[hash]",
  splitting: true,
  // names of classes are looked at (LangChain's lc_name, errors in messages)
  keepNames: true,
  legalComments: "none",
  format: "esm",
  platform: "node",
  target: "node20",
  // one reads a shell script beside itself, one is optional, and undici's agents are no constructors any more when bundled
  external: ["readline-sync", "@langchain/mcp-adapters", "undici"],
  banner,
});
await chmod("dist/src/cli.js", 0o755);

// what runs in a thread of its own, where src/platform/run-in-worker.ts looks for it: from the library, too
const workers = await build({
  ...shared,
  entryPoints: (await readdir("src", { recursive: true }))
    .filter((path) => path.endsWith(".worker.ts") && path !== `${PROGRAM_WORKER}.ts`)
    .map((path) => `src/${path}`),
  outdir: "dist/src",
  outbase: "src",
  keepNames: true,
  legalComments: "none",
  format: "esm",
  platform: "node",
  target: "node20",
  banner,
});

// These packages are CommonJS and call require for Node's own modules, which a bundle of ES modules can't do: a program that imports or bundles
// the library gets them as ES modules that do without.
const vendored = await build({
  ...shared,
  entryPoints: (await readdir("src/vendor")).map((name) => `src/vendor/${name}`),
  outdir: "dist/src/vendor",
  // undici's agents stop being constructors under other names
  minifyIdentifiers: false,
  legalComments: "none",
  format: "esm",
  platform: "node",
  target: "node20",
  plugins: [nodeModulesWithoutRequire],
});

const page = await build({
  ...shared,
  entryPoints: ["src/experiment/report/page/main.ts", "src/experiment/report/page/page.css"],
  outdir: "dist/report-page",
  format: "iife",
  target: "es2022",
  legalComments: "none",
});

// what is bundled is passed on with its licence; a report is passed on alone, so its program holds those of its own parts
await writeFile(
  "dist/THIRD-PARTY-LICENCES.txt",
  licenceTexts(await bundledPackages([commandLine.metafile, workers.metafile, vendored.metafile, page.metafile])),
);
const ofPage = licenceTexts(await bundledPackages([page.metafile])).replaceAll("*/", "* /");
await writeFile("dist/report-page/main.js", `/*!\n${ofPage}*/\n${await readFile("dist/report-page/main.js", "utf8")}`);
