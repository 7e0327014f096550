/** What no behavioural test uses yet. The lists may only become shorter: a test fails for an entry that is covered. */
export const UNTESTED: Readonly<Record<string, readonly string[]>> = {
  flags: [],
  "slash commands": [],
  // the place of a toolkit that tests have not
  variables: ["VULKAN_SDK"],
  settings: [],
  exports: [],
  statuses: [],
  "error codes": [],
};
