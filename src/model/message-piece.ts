/** A piece of a message, whatever the server made of the model's output. */
export type MessagePiece =
  | { readonly type: "text"; readonly text: string }
  | { readonly type: "reasoning"; readonly text: string }
  /** Commentary that no tool gets: what the model tells the user before it calls. */
  | { readonly type: "preamble"; readonly text: string }
  /** A call begins; `index` counts the calls of the message. */
  | { readonly type: "call"; readonly index: number; readonly id: string; readonly name: string }
  | { readonly type: "arguments"; readonly index: number; readonly text: string };
