/** In which forms a report comes. */
export const FORMATS = ["table", "markdown", "csv", "json", "junit", "html", "labels"] as const;
export type Format = (typeof FORMATS)[number];
