import { chartColours } from './bar-chart.ts';

/** Of the whole page. Nothing comes from elsewhere. */
export const style = `
:root{color-scheme:light dark;--bg:#fff;--fg:#1d2125;--soft:#4c535c;--line:#d5d9de;--box:#f4f6f8;--accent:#0062a3;--bad:#a8320a;--good:#1f6b3a}
@media (prefers-color-scheme:dark){:root{--bg:#14171a;--fg:#eceff2;--soft:#b6bcc5;--line:#3a4048;--box:#1e2226;--accent:#56b4e9;--bad:#ff9a6b;--good:#7fd39b}}
*{box-sizing:border-box}
body{margin:0;background:var(--bg);color:var(--fg);font:16px/1.55 system-ui,sans-serif}
main,header,footer{max-width:72rem;margin:0 auto;padding:0 1rem}
header{padding-top:1.5rem}footer{padding-bottom:3rem}
h1{font-size:1.7rem;line-height:1.2;margin:0 0 .5rem}h2{font-size:1.25rem;margin:2.5rem 0 .5rem}h3{font-size:1rem;margin:1.5rem 0 .4rem}
p{max-width:44rem;margin:.5rem 0}a{color:var(--accent)}.soft{color:var(--soft)}
nav ul{display:flex;flex-wrap:wrap;gap:.25rem 1rem;padding:0;margin:1rem 0;list-style:none}
figure{margin:1rem 0}figcaption{color:var(--soft);font-size:.9rem;max-width:44rem}
svg{display:block;width:100%;height:auto;max-width:52rem}.narrow{display:none}
.scroll{overflow-x:auto;margin:.75rem 0}.scroll:focus-visible{outline:2px solid var(--accent);outline-offset:2px}
table{border-collapse:collapse;font-size:.88rem;font-variant-numeric:tabular-nums}
th,td{padding:.3rem .55rem;border-bottom:1px solid var(--line);text-align:right;white-space:nowrap;vertical-align:top}
th:first-child,td.text,th.text{text-align:left}td.text{white-space:normal;min-width:12rem}
thead th{color:var(--soft);font-weight:600;vertical-align:bottom}tbody th{font-weight:400;white-space:normal;min-width:9rem}.ours th,.ours td{font-weight:600}
.spread{display:block;color:var(--soft);font-size:.8rem;font-weight:400}
.met{color:var(--good);font-weight:600}.missed{color:var(--bad);font-weight:600}
.note{color:var(--soft);font-size:.88rem}ul.note{padding-left:1.2rem;max-width:48rem}
code,pre{font:.85rem/1.45 ui-monospace,monospace}pre{background:var(--box);border:1px solid var(--line);border-radius:6px;padding:.75rem;overflow:auto;max-height:30rem;white-space:pre}
details{border:1px solid var(--line);border-radius:6px;margin:.5rem 0;padding:0 .75rem}details[open]{padding-bottom:.5rem}summary{cursor:pointer;padding:.45rem 0}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.2rem 1rem;margin:.75rem 0}dt{color:var(--soft)}dd{margin:0;overflow-wrap:anywhere}
@media (max-width:44rem){.wide{display:none}.narrow{display:block}dl{grid-template-columns:1fr}dd{margin-bottom:.4rem}th,td{padding:.3rem .4rem}tbody th{min-width:7.5rem}thead th{white-space:normal}}
@media print{details{break-inside:avoid}}${chartColours}`;
