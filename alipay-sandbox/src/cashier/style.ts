import { createHash } from 'node:crypto'

/**
 * The look of the cashier: ink on cool paper and one strip of hazard yellow, so that nobody takes it for a wallet's page
 * or for a shop's. All colours stand in the two `:root` blocks; text keeps 4.5 : 1 and edges of fields 3 : 1 in both.
 */
export const STYLE = `
:root {
  color-scheme: light dark;
  --paper: #eceff3; --card: #fff; --ink: #14181f; --soft: #505a67; --line: #ccd3dc; --edge: #727d8b;
  --on-ink: #fff; --tape: #ffd60a; --on-tape: #14181f;
  --bad: #a8071a; --bad-ground: #fdebec; --note: #14181f; --note-ground: #fff4c2; --seal: #14181f; --tick: #ffd60a;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #0d1014; --card: #181d24; --ink: #edf1f6; --soft: #a9b3c0; --line: #313a46; --edge: #8592a2;
    --on-ink: #14181f;
    --bad: #ff9aa2; --bad-ground: #3b171b; --note: #ffe27a; --note-ground: #2d2708; --seal: #ffd60a; --tick: #14181f;
  }
}
* { box-sizing: border-box; }
html { scroll-padding-top: 72px; -webkit-text-size-adjust: 100%; }
body {
  margin: 0; min-height: 100vh; min-height: 100dvh; display: flex; flex-direction: column;
  background: var(--paper); color: var(--ink); overflow-wrap: anywhere;
  font: 16px/1.5 system-ui, -apple-system, "PingFang SC", "HarmonyOS Sans SC", "MiSans", "Noto Sans SC",
    "Microsoft YaHei", sans-serif;
  font-variant-numeric: tabular-nums;
}
.tape {
  position: sticky; top: 0; z-index: 1; padding: 8px 16px 14px; text-align: center;
  background: repeating-linear-gradient(-45deg, var(--on-tape) 0 9px, var(--tape) 9px 18px) bottom / 100% 6px no-repeat
    var(--tape);
  color: var(--on-tape);
}
.tape p { margin: 0; font-size: 14px; font-weight: 700; line-height: 1.35; }
.tape [lang="en"] { color: inherit; font-size: 12px; }
main { width: 100%; max-width: 452px; margin: 0 auto; padding: 16px; flex: 1; }
.steps { display: flex; margin: 4px 0 20px; padding: 0; gap: 6px; list-style: none; font-size: 13px; }
.steps li { flex: 1; padding-top: 8px; border-top: 3px solid var(--line); color: var(--soft); text-align: center; }
.steps .past { border-color: var(--ink); }
.steps [aria-current] { border-color: var(--ink); color: var(--ink); font-weight: 700; }
h1 { margin: 0 0 16px; font-size: 22px; line-height: 1.25; }
h2 { margin: 0 0 4px; font-size: 15px; }
[lang="en"] { display: block; color: var(--soft); font-size: 13px; font-weight: 400; line-height: 1.4; }
p { margin: 0 0 12px; }
.soft { color: var(--soft); font-size: 14px; }
.slip { position: relative; margin: 0 0 20px; padding: 20px; border-radius: 14px; background: var(--card); }
.slip .amount { margin: 0; font-size: 34px; font-weight: 700; line-height: 1.2; text-align: center; }
.slip .payee { margin: 0 0 4px; color: var(--soft); font-size: 14px; text-align: center; }
.slip dl {
  margin: 20px 0 0; padding-top: 18px; border-top: 2px dashed var(--line);
  display: grid; grid-template-columns: auto 1fr; gap: 8px 16px; font-size: 14px;
}
.slip dl::before, .slip dl::after {
  content: ""; position: absolute; width: 18px; height: 18px; margin-top: -28px; border-radius: 50%;
  background: var(--paper);
}
.slip dl::before { left: -9px; }
.slip dl::after { right: -9px; }
dt { color: var(--soft); white-space: nowrap; }
dd { margin: 0; text-align: right; }
.lacking { color: var(--bad); font-weight: 700; }
.note { margin: 0 0 16px; padding: 12px 14px; border-radius: 10px; background: var(--note-ground); color: var(--note); }
.alarm { margin: 0 0 16px; padding: 12px 14px; border-radius: 10px; background: var(--bad-ground); color: var(--bad); }
.note p, .alarm p { margin: 0; }
.alarm [lang="en"], .note [lang="en"] { color: inherit; }
form { margin: 0; }
label { display: block; margin: 0 0 6px; font-size: 15px; font-weight: 600; }
input {
  display: block; width: 100%; min-height: 48px; margin: 0 0 16px; padding: 10px 14px;
  border: 1px solid var(--edge); border-radius: 10px; background: var(--card); color: var(--ink); font: inherit;
}
input[aria-invalid="true"] { border: 2px solid var(--bad); }
input.six { font-size: 26px; letter-spacing: .5em; text-align: center; text-indent: .5em; }
button, .button {
  display: block; width: 100%; min-height: 50px; margin: 0 0 12px; padding: 12px 16px;
  border: 1px solid var(--ink); border-radius: 12px; background: var(--ink); color: var(--on-ink);
  font: inherit; font-weight: 700; text-align: center; text-decoration: none; cursor: pointer;
}
button.second, .button.second { background: transparent; color: var(--ink); font-weight: 600; }
button.bare, .bare {
  display: block; width: 100%; min-height: 44px; margin: 0; padding: 10px; border: 0; background: none;
  color: var(--ink); font: inherit; font-size: 15px; font-weight: 400; text-align: center;
  text-decoration: underline; text-underline-offset: 4px;
}
button:hover, .button:hover { box-shadow: 0 0 0 2px var(--paper), 0 0 0 4px var(--edge); }
button.bare:hover { box-shadow: none; }
:focus-visible { outline: 3px solid var(--ink); outline-offset: 3px; }
.demo { margin: 20px 0 0; padding: 16px 16px 4px; border: 1px dashed var(--edge); border-radius: 14px; }
.demo ul { margin: 12px 0 0; padding: 0; list-style: none; }
.demo li { display: flex; flex-wrap: wrap; gap: 8px 12px; align-items: center; padding: 0 0 12px; }
.demo li div { flex: 1 1 150px; font-size: 14px; }
.demo button { width: auto; min-height: 44px; margin: 0; padding: 8px 18px; }
code { font: inherit; font-weight: 700; }
.seal {
  display: block; width: 64px; height: 64px; margin: 12px auto 16px; border-radius: 50%; background: var(--seal);
  color: var(--tick);
}
.seal.stopped { background: transparent; color: var(--soft); border: 3px solid var(--edge); }
.centre { text-align: center; }
footer { padding: 8px 16px 24px; color: var(--soft); font-size: 12px; text-align: center; }
footer p { margin: 0; }
svg.qr { display: block; width: 100%; border-radius: 12px; }
.qr-ground { fill: #fff; }
.qr-dark { fill: #14181f; }
.scan { width: 212px; margin: 0 auto 16px; }
.unseen { position: absolute; width: 1px; height: 1px; margin: 0; overflow: hidden; clip-path: inset(50%); }
body.sole { min-height: 0; background: #fff; }
body.sole .tape { padding: 4px 0 0; }
body.sole .tape p, body.sole footer { display: none; }
body.sole main { padding: 0; max-width: none; }
.sole svg { border-radius: 0; }
@media (min-width: 860px) {
  .page main { padding-top: 40px; }
  .page .two { max-width: 920px; }
  .page .columns { display: grid; grid-template-columns: 1fr 1fr; gap: 32px; align-items: start; }
  .page .steps { margin-bottom: 32px; }
}
`

/** The source expression that lets exactly this style, and no other, into a page with `default-src 'none'`. */
export const STYLE_HASH = `'sha256-${createHash('sha256').update(STYLE, 'utf8').digest('base64')}'`

/** The icon of the browser tab: a strip of hazard tape, so that not even the tab looks like a real cashier. */
export const ICON = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="7" fill="#ffd60a"/><path d="M-4 22 22-4h9L-4 31zM10 36 36 10v9L19 36z" fill="#14181f"/></svg>
`
