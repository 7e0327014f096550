import type { ErrorDetail } from "../errors/errors.ts";
import { localize, errorDetail } from "../i18n/error-messages.ts";
import type { InterfaceLanguage } from "../i18n/language.ts";

/** Decimal units, as disks and downloads are sold, in three figures: "12.1 GB". */
export function formatBytes(bytes: number): string {
  if (bytes < 999.5) return `${Math.round(bytes)} B`;
  const units = ["kB", "MB", "GB", "TB"];
  let value = bytes / 1000;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  const digits = value < 9.995 ? 2 : value < 99.95 ? 1 : 0;
  return `${value.toFixed(digits)} ${units[unit]}`;
}

/** "0.3 s", "42 s", "7 min 05 s", "2 h 10 min". */
export function formatSeconds(seconds: number, language: InterfaceLanguage = "en"): string {
  return localize(language, duration(seconds));
}

/** The same as part of a longer phrase, whatever the language of that. */
export function duration(seconds: number): ErrorDetail {
  if (seconds < 9.95) return errorDetail("seconds", seconds.toFixed(1));
  const whole = Math.round(seconds);
  if (whole < 60) return errorDetail("seconds", String(whole));
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return errorDetail("minutesAndSeconds", minutes, String(whole % 60).padStart(2, "0"));
  return errorDetail("hoursAndMinutes", Math.floor(minutes / 60), String(minutes % 60).padStart(2, "0"));
}

/** "1,234,567 bytes": exact, for plans. */
export function formatExactBytes(bytes: number, language: InterfaceLanguage): string {
  return localize(language, exactBytes(bytes));
}

/** The same as part of a longer phrase. */
export function exactBytes(bytes: number): ErrorDetail {
  return errorDetail("bytes", bytes.toLocaleString("en-US"));
}

/** `YYYY-MM-DD` where the user is. */
export function localDate(moment: Date): string {
  const [month, day] = [moment.getMonth() + 1, moment.getDate()].map((part) => String(part).padStart(2, "0"));
  return `${moment.getFullYear()}-${month}-${day}`;
}
