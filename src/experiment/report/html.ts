import type { Results } from "../results/results.ts";
export function renderHtml(results: Results): string {
  return `<title>${results.run}</title>`;
}
