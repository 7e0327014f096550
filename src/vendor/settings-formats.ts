export { parse as parseDotenv } from "dotenv";
export {
  isMap,
  isNode,
  isPair,
  isScalar,
  LineCounter,
  parse as parseYaml,
  parseDocument,
  stringify,
  type YAMLParseError,
} from "yaml";
