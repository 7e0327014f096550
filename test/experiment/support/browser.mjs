import { existsSync } from "node:fs";
import { chromium } from "playwright-core";

/** Debian's Chromium, or the one that GPT_OSS_TEST_CHROMIUM names; undefined where there is none. */
export function findChromium() {
  const candidates = [process.env["GPT_OSS_TEST_CHROMIUM"], "/usr/bin/chromium", "/usr/bin/google-chrome"];
  return candidates.find((path) => path && existsSync(path));
}

/** A real browser with an empty profile that has no reason to talk to anybody. */
export async function openBrowser() {
  const executablePath = findChromium();
  if (!executablePath) throw new Error("there is no Chromium here");
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
