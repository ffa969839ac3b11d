/** The element of index.html with this id. Raises an error if the page has none of this kind. */
export function pageElement<Kind extends Element>(id: string, kind: abstract new () => Kind): Kind {
  const element = document.getElementById(id);
  if (element instanceof kind) return element;
  throw new Error(`#${id}: expected ${kind.name}, got ${element?.constructor.name ?? "nothing"}`);
}
