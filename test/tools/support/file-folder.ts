import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A folder for tools, with a secret beside it that no tool may reach. */
export interface FileFolder {
  /** What the tools may use. */
  readonly root: string;
  /** The folder around it. */
  readonly around: string;
  /** A file inside. */
  path(name: string): string;
  write(name: string, content: string | Uint8Array): Promise<void>;
  link(name: string, target: string): Promise<void>;
  remove(): Promise<void>;
}

export const SECRET = "the secret of the neighbour";

export async function makeFileFolder(): Promise<FileFolder> {
  const around = await realpath(await mkdtemp(join(tmpdir(), "gpt-oss-tools-")));
  const root = join(around, "root");
  await mkdir(join(root, "sub"), { recursive: true });
  await mkdir(join(around, "root-beside"));
  await writeFile(join(around, "secret.txt"), SECRET);
  await writeFile(join(around, "root-beside", "secret.txt"), SECRET);
  return {
    root,
    around,
    path: (name) => join(root, name),
    async write(name, content) {
      await mkdir(join(root, name, ".."), { recursive: true });
      await writeFile(join(root, name), content);
    },
    async link(name, target) {
      await symlink(target, join(root, name));
    },
    async remove() {
      await rm(around, { recursive: true, force: true });
    },
  };
}
