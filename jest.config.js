const shared = {
  testEnvironment: "node",
  extensionsToTreatAsEsm: [".ts"],
  transform: { "^.+\\.ts$": "<rootDir>/test/support/esbuild-transform.cjs" },
};

export default {
  projects: [
    {
      ...shared,
      displayName: "unit",
      roots: ["<rootDir>/test"],
      testPathIgnorePatterns: ["/node_modules/", "<rootDir>/test/live/", "<rootDir>/test/soak/"],
    },
    {
      ...shared,
      displayName: "live",
      roots: ["<rootDir>/test/live"],
      globalSetup: "<rootDir>/test/live/global-setup.mjs",
    },
    {
      // for hours that are free: npm run test:soak, never part of npm test
      ...shared,
      displayName: "soak",
      roots: ["<rootDir>/test/soak", "<rootDir>/test/live/server", "<rootDir>/test/live/memory"],
      // the faults and kills of the live tests once more, and far more often (test/soak/global-setup.mjs)
      testMatch: [
        "**/test/soak/**/*.test.ts",
        "**/test/live/server/faults.test.ts",
        "**/test/live/memory/kill.test.ts",
      ],
      globalSetup: "<rootDir>/test/soak/global-setup.mjs",
    },
  ],
  reporters: ["default", "<rootDir>/test/support/summary-reporter.cjs"],
  testTimeout: 60_000,
};
