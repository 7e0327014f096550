export { stove } from "../kitchen/stove.ts";
