import { homedir } from "node:os";
import { failed } from "../failures/failure.ts";
import { ownUid } from "./trusted-path.ts";

/** HOME, else the home of this account; undefined where there is neither, as for a uid without an account in a container. */
export function findHomeFolder(): string | undefined {
  try {
    return homedir();
  } catch {
    return undefined;
  }
}

/** @throws GptOssError `usage` where there is none */
export function homeFolder(): string {
  const home = findHomeFolder();
  if (home === undefined) throw failed("noHome", [ownUid()]);
  return home;
}
