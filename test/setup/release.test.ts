import { describe, expect, it } from "@jest/globals";
import { LLAMA_CPP, npmArchive } from "../../setup/release.ts";
import { isNewEnough } from "../../setup/server-version.ts";

describe("the pinned release", () => {
  it("is one and the same by all its names", () => {
    const release = LLAMA_CPP.tag.replace(/^v/, "").split(".").map(Number);
    expect(isNewEnough({ text: LLAMA_CPP.tag, release })).toBe(true);
    expect(LLAMA_CPP.npm.archive).toBe(`${LLAMA_CPP.npm.spec.replace("@", "-")}.tgz`);
    expect(npmArchive("/家 d").path).toBe(`/家 d/${LLAMA_CPP.npm.archive}`);
  });

  it("is named exactly: by the hash of its tree, and of the archive that holds it", () => {
    expect(LLAMA_CPP.tree).toMatch(/^[0-9a-f]{40}$/);
    const [algorithm, hash] = LLAMA_CPP.npm.integrity.split(/-(.*)/);
    expect([algorithm, Buffer.from(hash ?? "", "base64").length]).toEqual(["sha512", 64]);
  });
});
