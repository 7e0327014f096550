export { isMap, isNode, isPair, isScalar, LineCounter, parse, parseDocument, type YAMLParseError } from "yaml";
