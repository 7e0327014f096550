import { join } from "node:path";

/** The one llama.cpp release that this project is built and tested with (docs/decisions/0001). */
export const LLAMA_CPP = {
  tag: "v0.5.0",
  /** Smallest `llama-server --version` that is used in place of our own build. */
  minimumVersion: [0, 5, 0],
  gitUrl: "https://github.com/ggml-org/llama.cpp.git",
  /** Git tree of the tag. Commits differ between git and the bundle (a squash), trees do not. */
  tree: "fd570ef54b10ec5fecb739e7e04c8ce44a6f415a",
  npm: {
    spec: "node-llama-cpp@3.22.1",
    archive: "node-llama-cpp-3.22.1.tgz",
    bytes: 35_735_663,
    integrity: "sha512-bltIipuWmc123H7tMIgDGKSsSrhmhlQYeVUC48XTjVW7XGJJiJJyCdlTMzQ/LiWoPkGDpcL4FviDpgw7qfTiDw==",
    bundle: "package/llama/gitRelease.bundle",
  },
} as const;

export function npmArchive(downloads: string): { readonly path: string } {
  return { path: join(downloads, LLAMA_CPP.npm.archive) };
}
