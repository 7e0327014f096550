// TypeScript for jest: types are checked by tsc, so stripping them is enough here.
const { transformSync } = require("esbuild");

module.exports = {
  process: (code, filename) =>
    transformSync(code, { loader: "ts", format: "esm", target: "node20", sourcemap: "inline", sourcefile: filename }),
};
