/** Light and dark; contrast of text is at least 4.5 in both. */
export const STYLE = `
:root { color-scheme: light dark; --page: #f6f7f9; --card: #ffffff; --ink: #1b2430; --soft: #566273; --line: #d8dee6; --lane: #edf0f4;
  --truth: #2f6fb5; --ignore: #aab3bf; --good: #1e8a5a; --bad: #c6372c; --sent: #1b2430; --awake: #b98a1d; --idle: #cfd6df; --curve: #8fa3ba;
  --moving: #1e8a5a; --limit: #b45a00; --badge: #fbe9c6; --badge-ink: #6b4700; }
@media (prefers-color-scheme: dark) { :root { --page: #11161d; --card: #1a212b; --ink: #e6ebf2; --soft: #a3b0c0; --line: #323c4a; --lane: #242d39;
  --truth: #6aa9ec; --ignore: #667384; --good: #4cc38a; --bad: #ff7b6e; --sent: #e6ebf2; --awake: #e0b24a; --idle: #3c4858; --curve: #5f738a;
  --moving: #4cc38a; --limit: #f0a253; --badge: #4a3a14; --badge-ink: #ffdf9e; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--ink); font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif; }
main, header { max-width: 1180px; margin: 0 auto; padding: 0 20px; }
header { padding-top: 28px; }
h1 { font-size: 26px; line-height: 1.2; margin: 0 0 4px; letter-spacing: -0.01em; }
h2 { font-size: 19px; margin: 0 0 12px; }
h3 { font-size: 15px; margin: 22px 0 8px; }
p { margin: 0 0 10px; } a { color: inherit; }
.soft { color: var(--soft); } code { font: 13px ui-monospace, Menlo, Consolas, monospace; }
.card { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 20px; margin: 18px 0; }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(150px, 1fr)); gap: 12px; margin: 18px 0; padding: 0; list-style: none; }
.tiles li { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 14px 16px; }
.tiles b { display: block; font-size: 25px; line-height: 1.2; font-weight: 650; font-variant-numeric: tabular-nums; }
.tiles .good b { color: var(--good); } .tiles .bad b { color: var(--bad); }
.scroll { overflow-x: auto; } .scroll:focus-visible, button:focus-visible { outline: 3px solid var(--truth); outline-offset: 2px; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; font-size: 14px; }
th, td { text-align: right; padding: 6px 8px; border-bottom: 1px solid var(--line); white-space: nowrap; }
th:first-child, td:first-child { text-align: left; } thead th { color: var(--soft); font-weight: 600; font-size: 13px; }
tbody tr:last-child > * { border-bottom: 0; } tfoot > tr > * { border-top: 2px solid var(--line); border-bottom: 0; font-weight: 650; }
td.bad { color: var(--bad); font-weight: 650; }
.settings td { text-align: left; white-space: normal; overflow-wrap: anywhere; } .settings th { text-align: left; font-weight: 500; }
.badge { background: var(--badge); color: var(--badge-ink); border-radius: 5px; padding: 1px 7px; font-size: 12px; font-weight: 600; }
.notes { margin: 0 0 12px; padding-left: 18px; color: var(--soft); }
.problems li { color: var(--bad); }
.chart { position: relative; user-select: none; display: grid; grid-template-columns: 76px minmax(0, 1fr); gap: 6px 10px; align-items: center; touch-action: pan-y; }
.chart .name { font-size: 13px; color: var(--soft); text-align: right; }
.chart svg { display: block; width: 100%; background: var(--lane); border-radius: 4px; }
.lane { height: 20px; } .plot { height: 150px; } .plotbox { position: relative; }
.plotbox span { position: absolute; left: 3px; padding: 1px 4px; border-radius: 3px; background: var(--card); font-size: 11px; line-height: 1.1; color: var(--soft); transform: translateY(-50%); pointer-events: none; }
.axis { position: relative; height: 18px; font-size: 12px; color: var(--soft); font-variant-numeric: tabular-nums; overflow: hidden; }
.axis span { position: absolute; transform: translateX(-50%); } .axis span:first-child { transform: none; } .axis span:last-child { transform: translateX(-100%); }
.cursor { position: absolute; top: 0; bottom: 24px; width: 1px; background: var(--ink); opacity: 0; pointer-events: none; }
.chosen { position: absolute; top: 0; bottom: 24px; background: var(--truth); opacity: 0.25; pointer-events: none; }
.tools { display: flex; flex-wrap: wrap; gap: 6px 12px; align-items: center; margin: 6px 0 0 86px; font-size: 13px; color: var(--soft); min-height: 30px; }
button { font: inherit; color: inherit; background: var(--lane); border: 1px solid var(--line); border-radius: 6px; padding: 2px 12px; min-height: 28px; cursor: pointer; }
.legend { display: flex; flex-wrap: wrap; gap: 4px 16px; margin: 12px 0 0; padding: 0; list-style: none; font-size: 13px; color: var(--soft); }
.legend i { display: inline-block; width: 14px; height: 10px; border-radius: 2px; margin-right: 6px; }
.looks { display: grid; grid-template-columns: minmax(0, 5fr) minmax(0, 6fr); gap: 0 24px; }
@media (max-width: 900px) { .looks { grid-template-columns: minmax(0, 1fr); } }
.pictures { display: grid; grid-template-columns: repeat(auto-fill, minmax(220px, 1fr)); gap: 14px; }
figure { margin: 0; } figcaption { font-size: 13px; margin-top: 5px; color: var(--soft); } figcaption a { color: var(--ink); font-weight: 650; }
.frame { position: relative; border-radius: 6px; overflow: hidden; background: var(--lane); border: 2px solid transparent; }
.frame.bad { border-color: var(--bad); } .frame img { display: block; width: 100%; height: auto; }
.frame svg { position: absolute; inset: 0; width: 100%; height: 100%; } .heat { max-width: 560px; } .heat img { filter: grayscale(1) brightness(0.5); } .heat .frame svg { filter: blur(5px); }
footer { max-width: 1180px; margin: 0 auto; padding: 8px 20px 40px; font-size: 13px; color: var(--soft); }
@media (max-width: 620px) { main, header, footer { padding-left: 12px; padding-right: 12px; } .card { padding: 14px; }
  .tiles { grid-template-columns: repeat(2, minmax(0, 1fr)); } .tiles b { font-size: 21px; }
  .chart { grid-template-columns: minmax(0, 1fr); gap: 2px; } .chart .name { text-align: left; margin-top: 4px; } .chart .name:empty { display: none; }
  .tools { margin-left: 0; } .plot { height: 120px; } .pictures { grid-template-columns: repeat(2, minmax(0, 1fr)); gap: 10px; } }
@media print { .tools button { display: none; } .card { break-inside: avoid; } }
`;
