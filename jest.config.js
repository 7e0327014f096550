import { availableParallelism } from "node:os";

// in a git hook these name the user's repository and index, and a git that a test runs would write there
for (const name of Object.keys(process.env)) {
  if (name.startsWith("GIT_")) delete process.env[name];
}

const shared = {
  testEnvironment: "node",
  extensionsToTreatAsEsm: [".ts"],
  transform: { "^.+\\.ts$": "<rootDir>/test/support/esbuild-transform.cjs" },
};
const live = { ...shared, setupFiles: ["<rootDir>/test/live/setup-worker.mjs"] };
const SLOW = "\\.slow\\.test\\.ts$";
/** Live suites that take minutes together (kills, faults, compilers, many child processes): only in `npm run test:slow`. */
const SLOW_LIVE = [
  "chat/continue-agent",
  "chat/interrupts",
  "cli/experiment-terminal",
  "cli/foreign-runtime",
  "cli/sessions",
  "cli/setup",
  "experiment/resume",
  "harmony/neutralize",
  "memory/agent-window",
  "memory/kill",
  "package/contents",
  "llama-server/faults",
  "llama-server/frozen",
  "llama-server/sharing",
];
/** The same without a llama-server. */
const SLOW_UNIT = ["setup/lock", "tools/adversarial/files"];

export default {
  // live tests mostly wait for servers and child processes, so one worker more than there are cores pays
  maxWorkers: Math.min(availableParallelism() + 1, 6),
  // a worker never frees the modules of the files that it has run
  workerIdleMemoryLimit: "1GB",
  projects: [
    {
      ...shared,
      displayName: "unit",
      roots: ["<rootDir>/test"],
      testPathIgnorePatterns: [
        "/node_modules/",
        SLOW,
        "<rootDir>/test/live/",
        "<rootDir>/test/soak/",
        "<rootDir>/test/clients/",
        "<rootDir>/test/full-size/",
        ...SLOW_UNIT.map((name) => `<rootDir>/test/${name}\\.test\\.ts$`),
      ],
    },
    {
      ...live,
      displayName: "live",
      roots: ["<rootDir>/test/live"],
      testPathIgnorePatterns: [
        "/node_modules/",
        SLOW,
        ...SLOW_LIVE.map((name) => `<rootDir>/test/live/${name}\\.test\\.ts$`),
      ],
      globalSetup: "<rootDir>/test/live/global-setup.mjs",
    },
    {
      // minutes more: whole suites that are slow, and at full size those that npm test runs at a small one (test/support/full-size.ts)
      ...live,
      displayName: "slow",
      roots: ["<rootDir>/test"],
      testMatch: [
        "**/*.slow.test.ts",
        "**/test/chat/markdown/renderer.test.ts",
        "**/test/harmony/{differential,properties}.test.ts",
        ...SLOW_LIVE.map((name) => `**/test/live/${name}.test.ts`),
        ...SLOW_UNIT.map((name) => `**/test/${name}.test.ts`),
        "**/test/inference/grammar/*.test.ts",
      ],
      globalSetup: "<rootDir>/test/support/slow-setup.mjs",
    },
    {
      // real clients of the gateway, which are installed into the temporary folder: npm run test:clients
      ...shared,
      displayName: "clients",
      roots: ["<rootDir>/test/clients"],
    },
    {
      // a model of the size of gpt-oss-20b, on a machine with 20 GB of free memory: npm run full-size
      ...live,
      displayName: "full-size",
      roots: ["<rootDir>/test/full-size"],
      globalSetup: "<rootDir>/test/live/global-setup.mjs",
    },
    {
      // for hours that are free: npm run test:soak, never part of npm test
      ...live,
      displayName: "soak",
      roots: ["soak", "full-size", "live/llama-server", "live/memory", "live/model", "live/gateway"].map(
        (folder) => `<rootDir>/test/${folder}`,
      ),
      // the faults and kills of the live tests once more, and far more often (test/soak/global-setup.mjs)
      testMatch: [
        "**/test/soak/**/*.test.ts",
        "**/test/full-size/*.test.ts",
        "**/test/live/llama-server/faults.test.ts",
        "**/test/live/memory/kill.test.ts",
        "**/test/live/model/disturbed-sampling.slow.test.ts",
        "**/test/live/gateway/*.slow.test.ts",
      ],
      globalSetup: "<rootDir>/test/soak/global-setup.mjs",
    },
  ],
  reporters: ["default", "<rootDir>/test/support/summary-reporter.cjs"],
  testTimeout: 60_000,
};
