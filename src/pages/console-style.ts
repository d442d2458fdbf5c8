/** How the console looks: dense, and the same by day and by night. */
export const consoleStyle = `
*{box-sizing:border-box}
:root{color-scheme:light dark;--bg:#f4f6f8;--card:#fff;--ink:#17202a;--faint:#55606c;--line:#d5dbe1;--accent:#155a94;--good:#0b6b3a;--goodbg:#dff3e6;--fair:#7a4a00;--fairbg:#fdeecb;--bad:#a01b14;--badbg:#fbe3e1}
@media(prefers-color-scheme:dark){:root{--bg:#10151b;--card:#182028;--ink:#e6ebf0;--faint:#a3afbb;--line:#2e3944;--accent:#7dbcf0;--good:#7fdca6;--goodbg:#123524;--fair:#f3c878;--fairbg:#3a2c0d;--bad:#ff9f98;--badbg:#451b18}}
html{-webkit-text-size-adjust:100%}
body{margin:0;font:.9375rem/1.45 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif;color:var(--ink);background:var(--bg);overflow-wrap:anywhere}
header,main{max-width:80rem;margin:0 auto;padding:0 1rem}
header{display:flex;flex-wrap:wrap;gap:.25rem 1rem;align-items:center;padding-top:.75rem;padding-bottom:.75rem}
header form{margin-left:auto;display:flex;gap:.75rem;align-items:center}
h1{margin:0;font-size:1.15rem}
h2{margin:0 0 .5rem;font-size:1rem}
.faint{color:var(--faint)}
.hidden{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
section{background:var(--card);border:1px solid var(--line);border-radius:.5rem;padding:.75rem 1rem;margin:0 0 1rem}
#figures{padding:0;background:none;border:0}
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(11rem,1fr));gap:.75rem;margin:0}
.tile{background:var(--card);border:1px solid var(--line);border-radius:.5rem;padding:.6rem .8rem;display:flex;flex-direction:column}
.tile dt{color:var(--faint);font-size:.8125rem}
.tile dd{margin:0;flex:1;display:flex;flex-direction:column}
.value{display:block;font-size:1.35rem;font-weight:600;font-variant-numeric:tabular-nums;line-height:1.3}
.under{display:block;font-size:.8125rem;line-height:1.3}
.spark{display:block;width:100%;height:1.75rem;margin-top:auto;padding-top:.25rem;fill:none;stroke:var(--accent);stroke-width:1.5}
.spark line{stroke-width:1.2}
.spark polyline{vector-effect:non-scaling-stroke}
.columns{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,34rem),1fr));gap:0 1rem;align-items:start}
table{width:100%;border-collapse:collapse;font-variant-numeric:tabular-nums}
th{text-align:left;font-size:.8125rem;font-weight:500;color:var(--faint)}
th,td{padding:.35rem .75rem .35rem 0;border-bottom:1px solid var(--line);vertical-align:middle}
tr:last-child td{border-bottom:0}
th:last-child,td:last-child{padding-right:0}
a{color:var(--accent)}
button,.button{display:inline-block;font:inherit;font-size:.875rem;line-height:1.2;padding:.4rem .65rem;min-height:2rem;color:var(--accent);background:var(--card);border:1px solid var(--accent);border-radius:.35rem;cursor:pointer;text-decoration:none}
button:hover,.button:hover{background:var(--bg)}
:focus-visible{outline:3px solid var(--accent);outline-offset:2px}
.actions{display:flex;flex-wrap:wrap;gap:.4rem}
.pill{display:inline-block;padding:0 .5rem;border-radius:1rem;font-size:.8125rem;white-space:nowrap}
.good{color:var(--good);background:var(--goodbg)}
.fair{color:var(--fair);background:var(--fairbg)}
.bad{color:var(--bad);background:var(--badbg)}
.banner{margin:0 0 1rem;padding:.6rem 1rem;border-radius:.5rem;color:var(--bad);background:var(--badbg);font-weight:600}
.banner[hidden]{display:none}
.done{color:var(--good);background:var(--goodbg)}
.stale section,.stale .tile{border-style:dashed}
.stale .value,.stale td{color:var(--faint)}
.head{display:flex;flex-wrap:wrap;gap:.5rem 1rem;align-items:center;justify-content:space-between;margin-bottom:.5rem}
.head h2{margin:0}
.search{display:flex;flex-wrap:wrap;gap:.5rem;align-items:center}
input[type=search]{font:inherit;min-height:2rem;padding:.25rem .5rem;width:12rem;color:var(--ink);background:var(--card);border:1px solid var(--faint);border-radius:.35rem}
.pager{display:flex;gap:1rem;margin:.75rem 0 0}
.note{margin:.75rem 0 0;font-size:.8125rem}
@media(max-width:44rem){
.search,.search input{flex:1 1 auto}
.search{flex-wrap:nowrap}
header,main{padding-left:.75rem;padding-right:.75rem}
.tiles{grid-template-columns:1fr 1fr;gap:.5rem}
.tile:first-child{grid-column:1/-1}
thead{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
table,tbody,td{display:block}
tr{display:grid;grid-template-columns:repeat(3,minmax(0,1fr));gap:.35rem .75rem;padding:.6rem 0;border-bottom:1px solid var(--line)}
tr:last-child{border-bottom:0}
td{padding:.1rem 0;border:0}
td::before{content:attr(data-label);display:block;color:var(--faint);font-size:.8125rem;line-height:1.2}
td:first-child::before,td:last-child:has(.actions)::before{content:none}
td:first-child,td:last-child:has(.actions){grid-column:1/-1}
td:first-child{font-weight:600}
td:first-child .faint{font-weight:400}
button,.button{min-height:2.5rem;padding:.6rem .8rem}
}
`.replaceAll('\n', '');
