// What the reports' pages share: a document that needs nothing else, its sections, and texts that aren't markup.
import { STYLE } from "./style.js";

/** The whole file. `body` is HTML; every text in it has been escaped. */
export function documentOf(title: string, body: string, version: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${text(title)}</title>
<style>${STYLE}</style>
</head>
<body>
<main>
${body}
<footer>Layerwise ${text(version)}</footer>
</main>
</body>
</html>
`;
}

export function section(title: string, content: string): string {
  return content === "" ? "" : `<section><h2>${text(title)}</h2>\n${content}</section>`;
}

export type Chart = readonly [caption: string, svg: string];

export function charts(of: readonly Chart[]): string {
  const figures = of.map(
    ([caption, svg]) => `<figure><figcaption>${text(caption)}</figcaption>${svg}</figure>`,
  );
  return `<div class="charts">${figures.join("\n")}</div>`;
}

export function text(of: string): string {
  return of
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}
