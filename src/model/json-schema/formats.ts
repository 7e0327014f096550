const DATE = String.raw`(?:\d{4}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12]\d|3[01])|(?:0[469]|11)-(?:0[1-9]|[12]\d|30)|02-(?:0[1-9]|1\d|2[0-8]))|(?:\d\d(?:0[48]|[2468][048]|[13579][26])|(?:[02468][048]|[13579][26])00)-02-29)`;
const CLOCK = String.raw`(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,9})?`;
const OFFSET = String.raw`(?:Z|[+\-](?:[01]\d|2[0-3]):[0-5]\d)`;
const LABEL = "[A-Za-z0-9](?:[A-Za-z0-9\\-]{0,61}[A-Za-z0-9])?";
const BYTE = String.raw`(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)`;
const GROUP = "[0-9a-fA-F]{1,4}";
const UUID = "[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}";
const URI = String.raw`[A-Za-z][A-Za-z0-9+.\-]*:(?:[A-Za-z0-9\-._~:\/?#\[\]@!$&'()*+,;=]|%[0-9a-fA-F]{2})+`;
const DAYS = String.raw`(?:\d+D)`;
const DURATION = String.raw`P(?:\d+W|(?:\d+Y(?:\d+M)?${DAYS}?|\d+M${DAYS}?|${DAYS})(?:T(?:\d+H(?:\d+M)?(?:\d+S)?|\d+M(?:\d+S)?|\d+S))?|T(?:\d+H(?:\d+M)?(?:\d+S)?|\d+M(?:\d+S)?|\d+S))`;

/**
 * The formats that are guaranteed, each as a pattern, so that grammar and check can't differ. Any other format is a note to the model.
 */
export const FORMATS: Readonly<Record<string, string>> = {
  date: `^${DATE}$`,
  time: `^${CLOCK}${OFFSET}$`,
  "date-time": `^${DATE}T${CLOCK}${OFFSET}$`,
  "local-time": `^${CLOCK}$`,
  "local-date-time": `^${DATE}T${CLOCK}$`,
  duration: `^${DURATION}$`,
  uuid: `^${UUID}$`,
  guid: `^${UUID}$`,
  email: `^[A-Za-z0-9_+\\-]+(?:\\.[A-Za-z0-9_'+\\-]+)*@(?:${LABEL}\\.)+[A-Za-z]{2,}$`,
  hostname: `^(?:${LABEL}\\.)*${LABEL}$`,
  ipv4: `^(?:${BYTE}\\.){3}${BYTE}$`,
  ipv6: `^(?:(?:${GROUP}:){7}${GROUP}|(?:${GROUP}:){1,7}:|(?:${GROUP}:){1,6}:${GROUP}|(?:${GROUP}:){1,5}(?::${GROUP}){1,2}|(?:${GROUP}:){1,4}(?::${GROUP}){1,3}|(?:${GROUP}:){1,3}(?::${GROUP}){1,4}|(?:${GROUP}:){1,2}(?::${GROUP}){1,5}|${GROUP}:(?::${GROUP}){1,6}|:(?:(?::${GROUP}){1,7}|:))$`,
  uri: `^${URI}$`,
  url: `^${URI}$`,
};

export function formatPattern(format: string | undefined): string | undefined {
  return format !== undefined && Object.hasOwn(FORMATS, format) ? FORMATS[format] : undefined;
}

/**
 * zod says "time" also of times without an offset, which the standard's never are; its pattern says what is meant.
 * @returns the format that a pattern beside it allows
 */
export function formatBesidePattern(format: string, matches: (text: string) => boolean): string {
  const samples: Readonly<Record<string, string>> = { time: "12:00:00Z", "date-time": "2024-01-01T12:00:00Z" };
  const sample = Object.hasOwn(samples, format) ? samples[format] : undefined;
  return sample === undefined || matches(sample) ? format : `local-${format}`;
}
