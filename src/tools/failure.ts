/** Why a tool could not do what it was called for, as one sentence for the model, which may try again. */
export class ToolFailure extends Error {
  override readonly name = "ToolFailure";
}
