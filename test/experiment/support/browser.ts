import { existsSync } from "node:fs";
import { type Browser, chromium } from "playwright-core";

/** Debian's Chromium, or the one that GPT_OSS_TEST_CHROMIUM names; undefined where there is none. */
export function findChromium(): string | undefined {
  const candidates = [process.env["GPT_OSS_TEST_CHROMIUM"], "/usr/bin/chromium", "/usr/bin/google-chrome"];
  return candidates.find((path) => path !== undefined && existsSync(path));
}

/** A real browser with an empty profile, told to talk to nobody. */
export async function openBrowser(): Promise<Browser> {
  const executablePath = findChromium();
  if (executablePath === undefined) throw new Error("there is no Chromium here");
  return await chromium.launch({
    executablePath,
    headless: true,
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
      "--disable-quic",
    ],
  });
}
