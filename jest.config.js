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
      testPathIgnorePatterns: ["/node_modules/", "<rootDir>/test/live/"],
    },
    {
      ...shared,
      displayName: "live",
      roots: ["<rootDir>/test/live"],
      globalSetup: "<rootDir>/test/live/global-setup.mjs",
    },
  ],
  reporters: ["default", "<rootDir>/test/support/summary-reporter.cjs"],
  testTimeout: 60_000,
};
