import { CONFIG_SNIPPETS } from '../config-snippets.ts'

/**
 * The look of the console: the cashier's ink, cool paper and one strip of hazard yellow, so that a page of it is never
 * taken for anything of Alipay's. All colours stand in the two `:root` blocks; text keeps 4.5 : 1 on every ground it is
 * put on, edges of fields keep 3 : 1.
 */
const COLOURS = `
:root {
  color-scheme: light dark;
  --paper: #f3f5f8; --card: #fff; --sunk: #f3f5f8; --ink: #14181f; --soft: #525c69; --line: #dfe4ea; --edge: #727d8b;
  --on-ink: #fff; --tape: #ffd60a; --on-tape: #14181f; --here: #e6eaf0; --link: #1b4f9c;
  --good: #0a6136; --good-ground: #e0f3e8; --wait: #754700; --wait-ground: #fff0cc;
  --bad: #a8071a; --bad-ground: #fdebec; --done: #1b4f9c; --done-ground: #e5eefb; --dull: #4a5462; --dull-ground: #e9edf2;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #0d1014; --card: #161b22; --sunk: #0f1318; --ink: #edf1f6; --soft: #a9b3c0; --line: #2a323d; --edge: #7d8a9a;
    --on-ink: #14181f; --here: #222a34; --link: #9cc3ff;
    --good: #7fe0ab; --good-ground: #10301f; --wait: #ffd479; --wait-ground: #352708;
    --bad: #ff9aa2; --bad-ground: #3b171b; --done: #9cc3ff; --done-ground: #14284a; --dull: #b4bdc9; --dull-ground: #262e38;
  }
}
`

const FRAME = `
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; scroll-padding-top: 64px; }
body {
  margin: 0; min-height: 100vh; background: var(--paper); color: var(--ink); overflow-wrap: anywhere;
  font: 15px/1.55 system-ui, -apple-system, "PingFang SC", "HarmonyOS Sans SC", "MiSans", "Noto Sans SC",
    "Microsoft YaHei", sans-serif;
  font-variant-numeric: tabular-nums;
}
code, pre, .mono { font-family: ui-monospace, "SF Mono", SFMono-Regular, Menlo, Consolas, "Noto Sans SC", monospace; }
code, .mono { font-size: .93em; }
a { color: var(--link); text-underline-offset: 3px; }
:focus-visible { outline: 3px solid var(--ink); outline-offset: 2px; border-radius: 4px; }
.skip { position: absolute; left: -999px; top: 0; z-index: 3; padding: 12px 16px; background: var(--ink); color: var(--on-ink); }
.skip:focus { left: 0; }
.tape {
  position: sticky; top: 0; z-index: 2; padding: 6px 16px 11px; text-align: center; font-size: 13px; line-height: 1.35;
  background: repeating-linear-gradient(-45deg, var(--on-tape) 0 8px, var(--tape) 8px 16px) bottom / 100% 5px no-repeat
    var(--tape);
  color: var(--on-tape); font-weight: 700;
}
.tape p { margin: 0; }
.tape span { font-weight: 400; }
@media (max-width: 479px) { .tape span { display: block; font-size: 12px; } }
.frame { display: grid; grid-template-columns: minmax(0, 1fr); max-width: 1360px; margin: 0 auto; }
.side { position: relative; padding: 12px 16px 0; }
.brand { display: flex; align-items: center; gap: 10px; min-height: 44px; }

.brand a { white-space: nowrap; display: flex; align-items: center; gap: 10px; min-height: 44px; color: inherit; font-weight: 700; text-decoration: none; }
.brand svg { flex: none; width: 24px; height: 24px; border-radius: 6px; }
.tongue { position: absolute; right: 10px; top: 12px; display: flex; align-items: center; min-height: 44px; padding: 0 8px; }
.side ul { display: flex; gap: 2px; margin: 4px -16px 0; padding: 0 12px 4px; overflow-x: auto; list-style: none; scrollbar-width: none; }
.side li { flex: none; }
.side li a {
  display: flex; align-items: center; gap: 9px; min-height: 44px; padding: 0 12px; border-radius: 10px;
  color: var(--soft); text-decoration: none; white-space: nowrap;
}
.side li svg { display: none; }
.side li a:hover { color: var(--ink); background: var(--here); }
.side li a[aria-current] { color: var(--ink); background: var(--here); font-weight: 650; }
.body { min-width: 0; padding: 8px 16px 48px; }
main { display: block; }
footer { margin-top: 48px; color: var(--soft); font-size: 13px; }
@media (min-width: 960px) {
  .frame { grid-template-columns: 216px minmax(0, 1fr); }
  .tongue { position: static; margin: 8px 12px 0; padding: 0; color: var(--soft); }
  .side { position: sticky; top: 36px; align-self: start; height: calc(100vh - 36px); padding: 20px 12px 20px 20px; }
  .brand { margin: 0 0 12px; padding: 0 12px; }
  .side ul { display: block; margin: 0; padding: 0; overflow: visible; }
  .side li a { min-height: 40px; }
  .side li svg { display: block; flex: none; width: 17px; height: 17px; }
  .body { padding: 20px 32px 64px 20px; }
}
`

const PARTS = `
.clock {
  display: flex; flex-wrap: wrap; align-items: center; gap: 8px 20px; margin: 0 0 28px; padding: 10px 12px 10px 18px;
  border: 1px solid var(--line); border-radius: 14px; background: var(--card);
}
.clock .time { margin: 0 auto 0 0; font-size: 13px; color: var(--soft); line-height: 1.4; }
.clock time { display: block; color: var(--ink); font-size: 17px; font-weight: 650; }
.clock form { display: flex; flex-wrap: wrap; gap: 6px; }
h1 { margin: 0 0 6px; font-size: 26px; line-height: 1.25; letter-spacing: -.01em; }
h2 { margin: 0 0 12px; font-size: 17px; line-height: 1.35; }
main > h2, main > section:not(.card) > h2 { margin-top: 28px; }
h3 { margin: 0 0 8px; font-size: 15px; }
p { margin: 0 0 12px; }
.lead { max-width: 46em; color: var(--soft); margin-bottom: 24px; }
.soft { color: var(--soft); }
.small { font-size: 13px; }
.nowrap { white-space: nowrap; }
.card { margin: 0 0 20px; padding: 20px; border: 1px solid var(--line); border-radius: 16px; background: var(--card); }
.card > :last-child, .card > .scroll:last-child > table { margin-bottom: 0; }
.pairs th:first-child { width: 12em; min-width: 9em; }
details.card { padding: 8px 20px; }
details.card[open] { padding-bottom: 20px; }
.cards { display: grid; grid-template-columns: minmax(0, 1fr); gap: 20px; margin-bottom: 20px; align-items: start; }
.cards > .card { margin: 0; }
.cards > div > .card:last-child { margin: 0; }
@media (min-width: 720px) { .cards.two { grid-template-columns: repeat(2, minmax(0, 1fr)); } }
@media (min-width: 1120px) { .cards.lop { grid-template-columns: minmax(0, 5fr) minmax(0, 6fr); } }
.figures { display: grid; grid-template-columns: repeat(2, minmax(0, 1fr)); gap: 1px; margin: 0 0 20px; border: 1px solid var(--line); border-radius: 16px; overflow: hidden; background: var(--line); }
.figures div { padding: 14px 18px; background: var(--card); }
.figures dt { color: var(--soft); font-size: 13px; }
.figures dd { margin: 0; font-size: 22px; font-weight: 650; line-height: 1.3; text-align: left; }
@media (min-width: 720px) { .figures { grid-template-columns: repeat(4, minmax(0, 1fr)); } }
.figures.three { grid-template-columns: minmax(0, 1fr); }
@media (min-width: 720px) { .figures.three { grid-template-columns: repeat(3, minmax(0, 1fr)); } }
.numbered { display: flex; gap: 12px; align-items: baseline; }
.numbered::before { content: attr(data-no); flex: none; width: 26px; height: 26px; border-radius: 50%; background: var(--tape); color: var(--on-tape); font-size: 14px; font-weight: 700; line-height: 26px; text-align: center; }
dl { margin: 0 0 12px; display: grid; grid-template-columns: minmax(6em, auto) minmax(0, 1fr); gap: 8px 16px; }
dt { color: var(--soft); }
dd { margin: 0; }
.scroll { overflow-x: auto; margin: 0 -20px; padding: 0 20px; }
.scroll:focus-visible { outline-offset: -3px; }
table { width: 100%; border-collapse: collapse; }
caption { text-align: left; color: var(--soft); font-size: 13px; padding: 0 0 8px; }
th { padding: 6px 14px 6px 0; color: var(--soft); font-size: 13px; font-weight: 500; text-align: left; white-space: nowrap; border-bottom: 1px solid var(--line); }
td { padding: 10px 14px 10px 0; vertical-align: top; border-bottom: 1px solid var(--line); }
th:last-child, td:last-child { padding-right: 0; }
tbody tr:last-child td { border-bottom: 0; }
.num { text-align: right; white-space: nowrap; }
@media (max-width: 719px) { .wide { display: none; } }
.chip { display: inline-block; padding: 1px 9px; border-radius: 99px; font-size: 13px; font-weight: 600; line-height: 1.6; white-space: nowrap; background: var(--dull-ground); color: var(--dull); }
.chip.good { background: var(--good-ground); color: var(--good); }
.chip.wait { background: var(--wait-ground); color: var(--wait); }
.chip.bad { background: var(--bad-ground); color: var(--bad); }
.chip.done { background: var(--done-ground); color: var(--done); }
.empty { margin: 0 0 20px; padding: 28px 20px; border: 1px dashed var(--edge); border-radius: 14px; color: var(--soft); text-align: center; }
.empty strong { display: block; color: var(--ink); font-size: 16px; }
.said { margin: 0 0 20px; padding: 12px 16px; border-radius: 12px; background: var(--good-ground); color: var(--good); }
.said.bad { background: var(--bad-ground); color: var(--bad); }
.said p { margin: 0; }
.said a { color: inherit; }
.big { font-size: 34px; font-weight: 700; line-height: 1.2; margin: 0 0 4px; }
.row { display: flex; flex-wrap: wrap; gap: 8px 12px; align-items: center; }
.row.apart { justify-content: space-between; align-items: baseline; }
.amounts { margin: 0; }
.amounts dd { text-align: right; }
.amounts .sum { padding-top: 8px; border-top: 1px solid var(--line); font-weight: 650; color: var(--ink); }
`

const FORMS = `
form { margin: 0; }
label, legend { display: block; margin: 0 0 5px; padding: 0; font-size: 14px; font-weight: 600; }
label .soft, legend .soft { font-weight: 400; }
fieldset { min-width: 0; margin: 0 0 16px; padding: 0; border: 0; }
input:not([type=hidden], [type=radio], [type=checkbox]), select, textarea {
  display: block; width: 100%; min-height: 44px; margin: 0; padding: 9px 12px; border: 1px solid var(--edge);
  border-radius: 10px; background: var(--card); color: var(--ink); font: inherit;
}
textarea { resize: vertical; font-size: 13px; }
.field { margin: 0 0 16px; }
.field .hint { margin: 5px 0 0; color: var(--soft); font-size: 13px; }
.fields { display: grid; grid-template-columns: minmax(0, 1fr); gap: 0 16px; }
@media (min-width: 360px) { .fields { grid-template-columns: repeat(2, minmax(0, 1fr)); } }
@media (min-width: 1120px) { .fields.three { grid-template-columns: repeat(3, minmax(0, 1fr)); } }
button, .button {
  display: inline-block; min-height: 44px; padding: 9px 18px; border: 1px solid var(--ink); border-radius: 11px;
  background: var(--ink); color: var(--on-ink); font: inherit; font-weight: 650; line-height: 24px; text-align: center;
  text-decoration: none; white-space: nowrap; cursor: pointer;
}
button.second, .button.second { background: var(--card); color: var(--ink); border-color: var(--edge); font-weight: 550; }
button.small { min-height: 44px; padding: 9px 13px; font-size: 14px; }
button.grave { background: var(--card); color: var(--bad); border-color: var(--bad); }
button:hover, .button:hover { box-shadow: 0 0 0 3px var(--here); }
button[disabled] { opacity: .6; cursor: default; }
.inline { display: flex; flex-wrap: wrap; gap: 8px; align-items: end; }
.inline .field { flex: 1 1 9em; margin: 0; }
.choices { display: flex; flex-wrap: wrap; gap: 8px; }
.choices label { position: relative; display: flex; align-items: center; min-height: 44px; margin: 0; padding: 0 16px; border: 1px solid var(--edge); border-radius: 11px; font-weight: 550; cursor: pointer; }
.choices input { position: absolute; inset: 0; width: 100%; height: 100%; margin: 0; opacity: 0; cursor: pointer; }
.choices label:has(:checked) { background: var(--ink); border-color: var(--ink); color: var(--on-ink); }
.choices label:has(:focus-visible) { outline: 3px solid var(--ink); outline-offset: 2px; }
.choices.tabs { gap: 4px; }
.choices.tabs label { min-width: 44px; padding: 0 10px; justify-content: center; border-color: transparent; border-radius: 9px; }
.choices.tabs label:has(:checked) { background: var(--here); color: var(--ink); }
.copy { display: flex; gap: 8px; align-items: center; }
.merchant { align-items: center; gap: 2px 16px; }
.snippets > div, .bytes { position: relative; }
.snippets pre { padding-right: 88px; }
.snippets .take { position: absolute; top: 8px; right: 8px; background: var(--card); }
.copy > code, .copy > pre { flex: 1 1 auto; min-width: 0; }
.copy > code { padding: 10px 0; }
button.take { flex: none; min-width: 60px; min-height: 44px; padding: 9px 11px; font-size: 13px; font-weight: 500; background: transparent; color: var(--ink); border-color: var(--line); }
.no-script button.take, .no-script .script-only { display: none; }
pre { margin: 0 0 12px; padding: 14px 16px; border-radius: 12px; background: var(--sunk); font-size: 13px; line-height: 1.6; overflow-x: auto; white-space: pre; }
pre.wrap { white-space: pre-wrap; word-break: break-all; }
details > summary { min-height: 44px; padding: 10px 0; cursor: pointer; }
details.line { border-bottom: 1px solid var(--line); }
details.line:last-child { border-bottom: 0; }
details.line > summary { display: flex; flex-wrap: wrap; gap: 4px 12px; align-items: center; list-style: none; }
details.line > summary::-webkit-details-marker { display: none; }
details.line > summary::before { content: ""; flex: none; width: 8px; height: 8px; margin: 0 4px 0 2px; border: solid var(--soft); border-width: 0 2px 2px 0; transform: rotate(-45deg); transition: transform .15s; }
details.line[open] > summary::before { transform: rotate(45deg); }
details.line > :not(summary) { margin-left: 26px; }
details.line > .scroll { padding-left: 0; }
.when { margin-left: auto; color: var(--soft); font-size: 13px; }
@media (prefers-reduced-motion: reduce) { * { transition: none !important; } }
.setting { display: grid; grid-template-columns: minmax(0, 1fr); gap: 6px 24px; padding: 14px 0; border-bottom: 1px solid var(--line); }
.setting:last-of-type { border-bottom: 0; }
.setting p { margin: 0; font-size: 14px; color: var(--soft); }
@media (min-width: 720px) { .setting { grid-template-columns: minmax(0, 5fr) minmax(0, 4fr); } }
.course { margin: 0; padding: 0; list-style: none; }
.course li { position: relative; display: flex; flex-wrap: wrap; justify-content: space-between; gap: 0 16px; padding: 0 0 14px 22px; }
.course li::before { content: ""; position: absolute; left: 2px; top: 8px; width: 9px; height: 9px; border-radius: 50%; background: var(--ink); }
.course li:not(:last-child)::after { content: ""; position: absolute; left: 6px; top: 17px; bottom: -8px; width: 1px; background: var(--edge); }
.course li:last-child { padding-bottom: 0; }
.course time { color: var(--soft); font-size: 13px; }
.deliveries { margin: 12px 0 16px 26px; padding: 0 0 0 14px; border-left: 3px solid var(--line); list-style: none; }
.delivery.by-hand .name { font-style: italic; }
.check { display: flex; gap: 10px; align-items: center; min-height: 44px; font-weight: 500; }
.check input { width: 20px; height: 20px; }
.qr { display: block; width: 176px; height: 176px; border-radius: 12px; background: #fff; }
`

/** Every configuration snippet is on the page; the chosen radio button shows one of them, so tabs need no script. */
function tabRules(formats: readonly string[]): string {
  return formats
    .map((name) => `.snippets:not(:has(#format-${name}:checked)) .snippet-${name} { display: none; }`)
    .join('\n')
}

export const CONSOLE_STYLE = COLOURS + FRAME + PARTS + FORMS + tabRules(Object.keys(CONFIG_SNIPPETS))
