export { ask, chat, config, model } from "./chat.ts";
export { experiment } from "./experiment.ts";
export { completion, program, values } from "./program.ts";
export { doctor, serve, setup } from "./server.ts";
export { sessions } from "./sessions.ts";
