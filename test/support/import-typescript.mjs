import { build } from "esbuild";

/** Imports one of our TypeScript modules where jest's own transform does not reach: what jest loads to set up and to tear down. */
export async function importTypeScript(path) {
  const outfile = `dist/test/${path.replaceAll("/", "-").replace(/ts$/, "mjs")}`;
  await build({
    entryPoints: [path],
    outfile,
    bundle: true,
    packages: "external",
    format: "esm",
    platform: "node",
    target: "node20",
  });
  return await import(new URL(`../../${outfile}`, import.meta.url));
}
