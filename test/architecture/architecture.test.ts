import { describe, expect, it } from "@jest/globals";
import { packageFile } from "../../setup/package-folder.ts";
import { readModuleGraph } from "./module-graph.ts";
import { drawers, forbiddenImports, importCycles, type Rooms } from "./rules.ts";

/** Who may import whom; docs/architecture.md says what lives where. Arrows point one way: nothing imports what imports it. */
const OWN_ROOMS: Rooms = {
  "src/errors.ts": [],
  "src/harmony": [],
  // one word that nearly everything knows: in which language it is said
  "src/config/interface.ts": [],
  // where files of settings stand, which says nothing of what is in them
  "src/config/config-places.ts": [],
  "src/failures": ["src/errors.ts", "src/config/interface.ts"],
  "src/search": ["src/text"],
  "src/text": [],
  setup: ["src/text", "src/errors.ts", "src/failures", "src/config/interface.ts"],
  "src/config": ["src/config/interface.ts", "src/config/config-places.ts", "src/errors.ts", "src/failures"],
  "src/prompts.ts": ["setup", "src/errors.ts", "src/failures", "src/text"],
  "src/server": ["setup", "src/errors.ts", "src/failures", "src/harmony"],
  "src/model": ["setup", "src/errors.ts", "src/failures", "src/config", "src/harmony", "src/server", "src/text"],
  "src/memory": ["setup", "src/errors.ts", "src/failures", "src/harmony", "src/model", "src/prompts.ts", "src/text"],
  "src/tools": [
    "setup",
    "src/config/interface.ts",
    "src/config/config-places.ts",
    "src/errors.ts",
    "src/failures",
    "src/harmony",
    "src/model",
    "src/search",
    "src/text",
  ],
  "src/documents": ["src/errors.ts", "src/failures", "src/model", "src/search", "src/text", "src/tools"],
  "src/chat": [
    "setup",
    "src/text",
    "src/errors.ts",
    "src/failures",
    "src/config",
    "src/config/interface.ts",
    "src/harmony",
    "src/memory",
    "src/model",
    "src/prompts.ts",
    "src/tools",
  ],
  "src/experiment": [
    "src/text",
    "setup",
    "src/errors.ts",
    "src/failures",
    "src/config",
    "src/config/interface.ts",
    "src/harmony",
    "src/model",
    "src/prompts.ts",
    "src/server",
  ],
  // runs in a browser, and shares types alone
  "src/experiment/report/page": ["src/experiment"],
  "src/index.ts": [
    "setup",
    "src/errors.ts",
    "src/failures",
    "src/config",
    "src/config/interface.ts",
    "src/documents",
    "src/experiment",
    "src/harmony",
    "src/memory",
    "src/model",
    "src/prompts.ts",
    "src/tools",
  ],
  // they read as examples: what they use, a reader can use
  chains: ["src/index.ts"],
  "src/commands": [
    "src/text",
    "chains",
    "setup",
    "src/errors.ts",
    "src/failures",
    "src/chat",
    "src/config",
    "src/config/interface.ts",
    "src/config/config-places.ts",
    "src/experiment",
    "src/harmony",
    "src/memory",
    "src/model",
    "src/prompts.ts",
    "src/server",
    "src/tools",
  ],
  "src/cli.ts": ["setup", "src/errors.ts", "src/failures", "src/chat", "src/commands"],
};

/** Every other room may import these. */
const SHARED = ["src/platform"];
/** These do not, because `src/platform` imports them. */
const BELOW_SHARED = new Set(["src/errors.ts", "src/config/interface.ts", "src/failures", "src/text", "src/harmony"]);
const ROOMS: Rooms = Object.fromEntries([
  ...Object.entries(OWN_ROOMS).map(([room, targets]) => [
    room,
    BELOW_SHARED.has(room) ? targets : [...targets, ...SHARED],
  ]),
  ["src/platform", ["src/errors.ts", "src/failures", "src/text"]],
]);

const graph = readModuleGraph(packageFile(""), ["setup", "src", "chains"]);

describe("the architecture", () => {
  it("has arrows that point one way", () => {
    expect(forbiddenImports(graph, ROOMS)).toEqual([]);
  });

  it("has rooms that do not need each other", () => {
    const imports = Object.entries(ROOMS).flatMap(([from, targets]) => targets.map((to) => ({ from, to })));
    const lines = new Map(Object.keys(ROOMS).map((room) => [room, 0]));
    expect(importCycles({ lines, imports })).toEqual([]);
  });

  it("has no module that imports itself in the end", () => {
    expect(importCycles(graph)).toEqual([]);
  });

  it("reads harmony as text alone: no module of Node's, no package but LangChain's core", () => {
    const outside = graph.imports.filter(({ from, to }) => from.startsWith("src/harmony/") && !graph.lines.has(to));
    expect(outside.filter(({ to }) => !to.startsWith("@langchain/core/"))).toEqual([]);
  });

  it("has no drawer for odds and ends", () => {
    expect(drawers(graph)).toEqual([]);
  });

  it("has short files", () => {
    expect([...graph.lines].filter(([, size]) => size > 400)).toEqual([]);
  });
});

describe("the check of the architecture", () => {
  const broken = readModuleGraph(packageFile("test/architecture/broken"), ["cellar", "kitchen", "utils"]);
  const rooms = { cellar: [], kitchen: ["cellar"] };

  it("finds an import against the arrows, at run time, of types, by export and dynamically", () => {
    expect(forbiddenImports(broken, rooms)).toEqual([
      "utils/spoon.ts is in no room",
      "cellar/dynamic.ts → kitchen/stove.ts",
      "cellar/exporting.ts → kitchen/stove.ts",
      "cellar/type.ts → kitchen/stove.ts",
      "cellar/wine.ts → kitchen/stove.ts",
    ]);
  });

  it("finds a cycle", () => {
    expect(importCycles(broken)).toEqual(["kitchen/stove.ts → cellar/wine.ts → kitchen/stove.ts"]);
  });

  it("finds a drawer", () => {
    expect(drawers(broken)).toEqual(["utils/spoon.ts"]);
  });
});
