export const open = async () => (await import("../kitchen/stove.ts")).stove;
