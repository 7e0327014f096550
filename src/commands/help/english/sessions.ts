export const sessions = {
  description: "list, read, search and move what was said in earlier chats",
  json: "print JSON",
  list: { description: "all sessions, the last used first: id, date, turns, model, title" },
  show: { description: "what was said in a session" },
  search: { description: "every message with these words, whatever their case and width" },
  rename: { description: "give a session another title" },
  export: {
    description: "a session as a page to read, in Markdown or HTML, or as JSON to import elsewhere",
    format: "what to write",
    output: "a new file instead of standard output",
    json: "the same as --format json",
  },
  import: { description: "take in a session that was exported as JSON; - reads standard input" },
  delete: { description: "delete sessions for good", yes: "do not ask" },
};
