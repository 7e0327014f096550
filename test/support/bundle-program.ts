import { chmod, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { build } from "esbuild";
import { packageFile } from "../../src/platform/folders.ts";

/** Writes a TypeScript file of the tests as a program that runs by itself. @param source relative to the package */
export async function bundleProgram(source: string, program: string): Promise<void> {
  await build({
    entryPoints: [packageFile(source)],
    outfile: program,
    bundle: true,
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
