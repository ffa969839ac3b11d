/** The report's look: light and dark by the reader's own setting, and black on white on paper. */
export const STYLE = `
:root { color-scheme: light dark; --paper: #ffffff; --card: #f8fafc; --ink: #1e293b; --strong: #0f172a; --soft: #526077;
  --faint: #8793a6; --line: #e2e8f0; --first: #2563eb; --second: #c2410c; --tint: 37 99 235; }
@media (prefers-color-scheme: dark) { :root { --paper: #0f1420; --card: #171e2d; --ink: #d5dce8; --strong: #f4f7fb;
  --soft: #a3afc2; --faint: #74819a; --line: #2a3448; --first: #6ea0ff; --second: #ff9a62; --tint: 110 160 255; } }
@media print { :root { --paper: #fff; --card: #fff; --ink: #1e293b; --strong: #000; --soft: #475569; --faint: #8793a6;
  --line: #d5dbe4; --first: #1d4ed8; --second: #b43c0a; --tint: 37 99 235; } body { font-size: 11px } section { break-inside: avoid } }
* { box-sizing: border-box }
body { margin: 0; background: var(--paper); color: var(--ink); font: 15px/1.55 system-ui, "Segoe UI", Helvetica, Arial, sans-serif }
main { max-width: 1120px; margin: 0 auto; padding: 36px 20px 64px }
h1 { font-size: 1.75rem; line-height: 1.25; margin: 0 0 6px; color: var(--strong); overflow-wrap: anywhere }
h2 { font-size: 1.15rem; margin: 44px 0 12px; color: var(--strong) }
p { margin: 0 0 12px; max-width: 76ch } .lead { font-size: 1.05rem; color: var(--soft) } .note { color: var(--soft); font-size: .9rem }
.scores { display: grid; gap: 12px; grid-template-columns: repeat(auto-fit, minmax(165px, 1fr)); margin: 24px 0 0; padding: 0; list-style: none }
.scores li { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 14px 16px }
.scores b { display: block; font-size: 1.5rem; font-weight: 650; color: var(--strong); font-variant-numeric: tabular-nums }
.scores span { display: block; color: var(--soft); font-size: .86rem }
.charts { display: grid; gap: 18px; grid-template-columns: repeat(auto-fill, minmax(min(100%, 400px), 1fr)) }
figure { margin: 0; background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 12px 12px 8px; min-width: 0 }
figcaption { font-size: .9rem; color: var(--soft); padding: 0 4px 6px } figure svg { display: block; width: 100%; height: auto }
.scroll { overflow-x: auto; border: 1px solid var(--line); border-radius: 10px }
table { border-collapse: collapse; width: 100%; font-size: .9rem; font-variant-numeric: tabular-nums }
th, td { text-align: left; padding: 7px 12px; border-top: 1px solid var(--line); vertical-align: top }
thead th { border-top: 0; color: var(--soft); font-weight: 600; background: var(--card); white-space: nowrap }
td.number, th.number { text-align: right; white-space: nowrap } .matrix { width: auto } .matrix td, .matrix th { text-align: center; white-space: nowrap }
.matrix tbody th { text-align: right; font-weight: 600; position: sticky; left: 0; background: var(--card) }
.matrix.many td, .matrix.many th { padding: 3px 6px; font-size: .8rem } .matrix td { background: rgb(var(--tint) / var(--share, 0)) }
dl { margin: 0; display: grid; grid-template-columns: minmax(110px, auto) 1fr; gap: 6px 18px }
dt { font-weight: 600; color: var(--strong) } dd { margin: 0; color: var(--ink); overflow-wrap: anywhere }
pre { margin: 0; padding: 14px 16px; background: var(--card); border: 1px solid var(--line); border-radius: 10px; overflow-x: auto;
  font: 13px/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; white-space: pre }
pre.wrap { white-space: pre-wrap; overflow-wrap: anywhere }
details { margin-top: 12px } summary { cursor: pointer; color: var(--soft); padding: 6px 0 }
footer { margin-top: 48px; color: var(--faint); font-size: .85rem }
@media (max-width: 520px) { .columns td:nth-child(3), .columns td:last-child { min-width: 200px } dl { grid-template-columns: 1fr; gap: 2px } dd { margin-bottom: 10px } main { padding: 22px 14px 48px } }
`;
