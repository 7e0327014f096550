type Child = Node | string;

/** Makes an element. Text goes in as text, so that no answer can write markup. */
export function element<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Readonly<Record<string, string>> = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[Tag] {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

let controls = 0;

/** A control under its label; not inside of it, where a list's entries would become part of its name. */
export function labelled(label: string, control: HTMLSelectElement | HTMLInputElement): HTMLElement {
  control.id = `control-${++controls}`;
  return element("div", { class: "field" }, element("label", { for: control.id }, label), control);
}

/** A labelled choice. */
export function choice(
  label: string,
  options: readonly (readonly [value: string, text: string])[],
): { readonly field: HTMLElement; readonly select: HTMLSelectElement } {
  const select = element("select", {}, ...options.map(([value, text]) => element("option", { value }, text)));
  return { field: labelled(label, select), select };
}

/** A labelled box to tick. */
export function tick(
  label: string,
  checked: boolean,
): { readonly field: HTMLElement; readonly input: HTMLInputElement } {
  const input = element("input", { type: "checkbox" });
  input.checked = checked;
  return { field: element("label", { class: "field tick" }, input, label), input };
}

/** A heading with what it is about, as a landmark that screen readers list. */
export function section(id: string, title: string, ...children: readonly Child[]): HTMLElement {
  return element(
    "section",
    { id, "aria-labelledby": `${id}-title` },
    element("h2", { id: `${id}-title` }, title),
    ...children,
  );
}
