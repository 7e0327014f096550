import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const CACHE = new URL("../../dist/test/workers/", import.meta.url);

/** Module hook: a TypeScript module comes with all that it imports, built once for each state of those files. */
export async function load(url, context, next) {
  if (!url.endsWith(".ts")) return await next(url, context);
  const path = fileURLToPath(url);
  const file = new URL(`${createHash("sha256").update(path).digest("hex")}.json`, CACHE);
  const source = cachedSource(file) ?? (await buildSource(path, file));
  return { format: "module", source, shortCircuit: true };
}

function cachedSource(file) {
  try {
    const { source, inputs, builtAt } = JSON.parse(readFileSync(file, "utf8"));
    return inputs.every((input) => statSync(input).mtimeMs < builtAt) ? source : undefined;
  } catch {
    return undefined; // it was never built, or one of its files is gone
  }
}

async function buildSource(path, file) {
  const { build } = await import("esbuild");
  const builtAt = Date.now();
  const { outputFiles, metafile } = await build({
    entryPoints: [path],
    bundle: true,
    write: false,
    metafile: true,
    format: "esm",
    platform: "node",
    target: "node20",
    logLevel: "error",
    banner: {
      js: 'import { createRequire as createRequireOfBundle } from "node:module"; const require = createRequireOfBundle(import.meta.url);',
    },
  });
  const source = outputFiles[0].text;
  mkdirSync(CACHE, { recursive: true });
  // several processes of jest may build the same module at once
  const temporary = new URL(`${file.href}.${process.pid}-${Math.random()}`);
  writeFileSync(temporary, JSON.stringify({ source, builtAt, inputs: Object.keys(metafile.inputs) }));
  renameSync(temporary, file);
  return source;
}
