import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { packageFile } from "../../../../src/platform/folders.ts";

const run = promisify(execFile);

export interface PackageTarball {
  /** The folder that the tarball lies in; for whatever else the test writes. */
  readonly folder: string;
  readonly path: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Sizes in bytes, and the paths inside of the package. */
  readonly size: number;
  readonly unpackedSize: number;
  readonly files: readonly string[];
  remove(): Promise<void>;
}

interface PackReport {
  readonly filename: string;
  readonly size: number;
  readonly unpackedSize: number;
  readonly files: readonly { readonly path: string }[];
}

/** What `npm publish` would send, from what `npm run build` left: without the scripts, which would build it once more below other tests. */
export async function packPackage(): Promise<PackageTarball> {
  const folder = await mkdtemp(join(tmpdir(), "gpt-oss-package-"));
  const words = ["pack", "--ignore-scripts", "--json", "--pack-destination", folder];
  const { stdout } = await run("npm", words, { cwd: packageFile(""), maxBuffer: 1e8 });
  const [report] = JSON.parse(stdout) as [PackReport];
  const path = join(folder, report.filename);
  return {
    folder,
    path,
    bytes: new Uint8Array(await readFile(path)),
    size: report.size,
    unpackedSize: report.unpackedSize,
    files: report.files.map((file) => file.path),
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}
