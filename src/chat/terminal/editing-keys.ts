import type { LineEditor } from "./line-editor.ts";

/** What a key does to the line; undefined for a key that does not edit. */
export function editingAction(
  editor: LineEditor,
  { name, ctrl, meta, sequence }: { name: string; ctrl: boolean; meta: boolean; sequence: string | undefined },
): (() => void) | undefined {
  const bind = (method: EditingMethod) => () => {
    editor[method]();
  };
  if (sequence === "\x1f") return bind("undo");
  if (sequence === "\x1e") return bind("redo");
  const modifier = ctrl ? "ctrl-" : meta ? "meta-" : "";
  const method = EDITING_KEYS[modifier + name];
  return method === undefined ? undefined : bind(method);
}

type EditingMethod = {
  [Name in keyof LineEditor]: LineEditor[Name] extends () => void ? Name : never;
}[keyof LineEditor];

const EDITING_KEYS: Readonly<Record<string, EditingMethod>> = {
  left: "moveLeft",
  right: "moveRight",
  home: "moveToStart",
  end: "moveToEnd",
  backspace: "deleteLeft",
  delete: "deleteRight",
  "ctrl-a": "moveToStart",
  "ctrl-b": "moveLeft",
  "ctrl-e": "moveToEnd",
  "ctrl-f": "moveRight",
  "ctrl-h": "deleteLeft",
  "ctrl-k": "killToEnd",
  "ctrl-u": "killToStart",
  "ctrl-w": "killWordLeft",
  "ctrl-y": "yank",
  "ctrl-left": "moveWordLeft",
  "ctrl-right": "moveWordRight",
  "ctrl-backspace": "killWordLeft",
  "ctrl-delete": "killWordRight",
  "meta-b": "moveWordLeft",
  "meta-f": "moveWordRight",
  "meta-d": "killWordRight",
  "meta-y": "yankPrevious",
  "meta-left": "moveWordLeft",
  "meta-right": "moveWordRight",
  "meta-backspace": "killWordLeft",
  "meta-delete": "killWordRight",
};
