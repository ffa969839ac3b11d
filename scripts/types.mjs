// The bundled declarations, changed so that every TypeScript since 4.9 reads them, with skipLibCheck off too, and that
// an option may be given as undefined, as it may at run time.
import typescript from "typescript";

/** In place of a reference to the library of `using`, which TypeScript has since 5.2: the same, declared again. */
const DISPOSABLE = `declare global {
  interface SymbolConstructor {
    readonly dispose: unique symbol;
    readonly asyncDispose: unique symbol;
  }
  interface Disposable {
    [Symbol.dispose](): void;
  }
  interface AsyncDisposable {
    [Symbol.asyncDispose](): PromiseLike<void>;
  }
}
`;

export function forEveryCompiler(declarations) {
  return DISPOSABLE + withUndefined(plainArrays(declarations));
}

/** Typed arrays have been generic since TypeScript 5.7. */
function plainArrays(text) {
  return text.replace(
    /\b((?:Big)?(?:Int|Uint|Float)\d+(?:Clamped)?Array)<(?:ArrayBuffer|ArrayBufferLike)>/g,
    "$1",
  );
}

/** `name?: T` → `name?: T | undefined`, for those who compile with exactOptionalPropertyTypes. */
function withUndefined(text) {
  const { createSourceFile, isPropertySignature, isFunctionTypeNode, ScriptTarget, forEachChild } =
    typescript;
  const file = createSourceFile("index.d.ts", text, ScriptTarget.Latest, true);
  const insertions = [];
  const visit = (node) => {
    if (isPropertySignature(node) && node.questionToken !== undefined && node.type !== undefined) {
      const isFunction = isFunctionTypeNode(node.type);
      if (isFunction) insertions.push([node.type.getStart(), "("]);
      insertions.push([node.type.end, `${isFunction ? ")" : ""} | undefined`]);
    }
    forEachChild(node, visit);
  };
  visit(file);
  return insertions
    .sort(([a], [b]) => b - a)
    .reduce((changed, [at, inserted]) => changed.slice(0, at) + inserted + changed.slice(at), text);
}
