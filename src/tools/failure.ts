/** Why a tool could not do what it was called for, as one sentence for the model, which may try again. */
export class ToolFailure extends Error {
  override readonly name: string = "ToolFailure";
}

/** A person has said no, or there was nobody to ask. */
export class ToolRefusal extends ToolFailure {
  override readonly name = "ToolRefusal";
}
