/** What happens to a call, for whoever shows it. */
export type ToolEvent =
  | { readonly type: "tool-start"; readonly id: string; readonly name: string; readonly input: unknown }
  | {
      readonly type: "tool-end";
      readonly id: string;
      readonly name: string;
      readonly outcome: "done" | "failed" | "refused";
      /** What the model is told. */
      readonly result: string;
      readonly milliseconds: number;
      /** UTF-8, of the result. */
      readonly bytes: number;
    };

/** Told of each call, when it begins and when it ends. */
export type OnToolEvent = (event: ToolEvent) => void;
