import { fileURLToPath } from "node:url";
import { buildSync } from "esbuild";

/** Module hook: a TypeScript module comes with all that it imports of ours. */
export async function load(url, context, next) {
  if (!url.endsWith(".ts")) return await next(url, context);
  const { outputFiles } = buildSync({
    entryPoints: [fileURLToPath(url)],
    bundle: true,
    write: false,
    packages: "external",
    format: "esm",
    platform: "node",
    target: "node20",
    sourcemap: "inline",
  });
  return { format: "module", source: outputFiles[0].text, shortCircuit: true };
}
