// Loaded before a snippet of the documentation: its model answers with the most likely words, so that what it prints can be compared.
const { fetch: send } = globalThis;

globalThis.fetch = (address, options) => {
  if (typeof options?.body !== "string" || !options.body.startsWith("{")) return send(address, options);
  return send(address, { ...options, body: JSON.stringify({ ...JSON.parse(options.body), temperature: 0 }) });
};
