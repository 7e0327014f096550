import { type ConfigSources, readConfigWithPlaces } from "./config.ts";
import { dotenvIn } from "./config-places.ts";
import { isLoopback } from "./loopback.ts";

export interface ForeignServer {
  readonly url: string;
  /** The file that names it. */
  readonly file: string;
}

/**
 * A server on another machine that the current folder's .env names, and neither the user's flags nor the environment: a folder that one
 * happens to be in sends what is said to somebody, and the user is to know of it before anything is sent.
 */
export function foreignServer(sources: ConfigSources): ForeignServer | undefined {
  const { config, places } = readConfigWithPlaces(sources);
  const file = dotenvIn(sources.folder);
  if (config.baseUrl === undefined || places.baseUrl?.file !== file) return undefined;
  return isLoopback(new URL(config.baseUrl).hostname) ? undefined : { url: config.baseUrl, file };
}
