import { chmod, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { build } from "esbuild";
import { packageFile } from "../../src/platform/folders.ts";

/**
 * Writes a TypeScript file of the tests as a program that runs by itself.
 * @param source relative to the package
 * @param options.packages "external" for a program inside the package, which finds packages there; otherwise they are bundled
 */
export async function bundleProgram(
  source: string,
  program: string,
  { packages = "bundle" }: { readonly packages?: "bundle" | "external" } = {},
): Promise<void> {
  await build({
    entryPoints: [packageFile(source)],
    outfile: program,
    bundle: true,
    packages,
    platform: "node",
    format: "esm",
    target: "node20",
    banner: { js: `#!${process.execPath}` },
    logLevel: "warning",
  });
  // Node takes it for a module
  await writeFile(join(dirname(program), "package.json"), '{"type":"module"}');
  await chmod(program, 0o755);
}
